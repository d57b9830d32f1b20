defmodule Ockam.Records do
  @moduledoc "The transport phase's keys and counters (section 7), both directions. Pure."
  alias Ockam.{Crypto, Profile, Window}

  @last 65_535

  @enforce_keys [:send_key, :receive_key, :ad, :window]
  defstruct [:send_key, :receive_key, :ad, :window, sent: 0]

  @type t :: %__MODULE__{}

  @doc "The phase after a handshake; `window` is W on datagrams, 1 on a stream. REC-001: the associated data is h."
  @spec new(Ockam.Noise.t(), Profile.t(), pos_integer) :: t
  def new(hs, profile, window) do
    {send_key, receive_key} = Ockam.Noise.split(hs)
    ad = if profile.bind_hash, do: hs.h, else: ""
    %__MODULE__{send_key: send_key, receive_key: receive_key, ad: ad, window: Window.new(window)}
  end

  @doc """
  Encrypts with the next counter (REC-002, REC-003). A ciphertext that cannot travel in the profile is not sent; its counter is spent and
  the next one is taken (section 11).
  """
  @spec seal(t, Profile.t(), binary) :: {:ok, binary, t} | {:error, :exhausted}
  def seal(%__MODULE__{sent: n}, _profile, _inner) when n > @last, do: {:error, :exhausted}

  def seal(%__MODULE__{sent: n} = records, profile, inner) do
    ciphertext = Crypto.seal(records.send_key, Crypto.nonce(n), records.ad, inner)
    records = %{records | sent: n + 1}
    if Profile.travels?(profile, ciphertext), do: {:ok, ciphertext, records}, else: seal(records, profile, inner)
  end

  @doc """
  Decrypts. Nothing is committed before a tag verifies (REC-004); a message that does not verify costs at most 2 W - 1 tries (REC-012).
  `:spent` says that there is no counter left to try on a stream (REC-014).
  """
  @spec open(t, binary) :: {:ok, binary, t} | {:error, :short | :authentication | :spent}
  def open(_records, ciphertext) when byte_size(ciphertext) < 16, do: {:error, :short}

  def open(records, ciphertext) do
    case Window.candidates(records.window) do
      [] -> {:error, :spent}
      counters -> try_each(counters, records, ciphertext)
    end
  end

  defp try_each([], _records, _ciphertext), do: {:error, :authentication}

  defp try_each([n | counters], records, ciphertext) do
    case Crypto.unseal(records.receive_key, Crypto.nonce(n), records.ad, ciphertext) do
      {:ok, inner} -> {:ok, inner, %{records | window: Window.commit(records.window, n)}}
      {:error, _class} -> try_each(counters, records, ciphertext)
    end
  end
end
