defmodule Ockam.Noise do
  @moduledoc """
  The handshake `Noise_XX_25519_AESGCM_SHA256` with an empty prologue (section 5). Pure: reading a message gives a new state or an error,
  so that a rejected message leaves the handshake as it was (NOISE-017).

  It computes payloads, which version 1 does not have; who uses it refuses them (NOISE-006).
  """
  alias Ockam.Crypto

  @name "Noise_XX_25519_AESGCM_SHA256"
  @key 32
  @sealed_key 48
  @tag 16

  @enforce_keys [:role, :s, :h, :ck]
  # s, e: one's own private keys; rs, re: the peer's public ones; k, n: key and nonce of the handshake
  defstruct [:role, :s, :e, :rs, :re, :h, :ck, :k, n: 0]

  @type t :: %__MODULE__{}
  @type result :: {:ok, payload :: binary, t} | {:error, atom}

  @doc "A handshake that has not begun (NOISE-001)."
  @spec new(:initiator | :responder, binary, binary) :: t
  def new(role, <<_::256>> = static, <<_::256>> = ephemeral) do
    start = @name <> :binary.copy(<<0>>, 32 - byte_size(@name))
    mix_hash(%__MODULE__{role: role, s: static, e: ephemeral, h: start, ck: start}, "")
  end

  @doc "m1: e, and a payload in the clear."
  @spec write_m1(t, binary) :: {binary, t}
  def write_m1(hs, payload \\ "") do
    public = Crypto.public_key(hs.e)
    {public <> payload, hs |> mix_hash(public) |> mix_hash(payload)}
  end

  @doc "The responder's half of m1."
  @spec read_m1(t, binary) :: result
  def read_m1(hs, <<re::binary-size(@key), payload::binary>>),
    do: {:ok, payload, %{hs | re: re} |> mix_hash(re) |> mix_hash(payload)}

  def read_m1(_hs, _short), do: {:error, :message_length}

  @doc "m2: e, ee, s, es."
  @spec write_m2(t, binary) :: {:ok, binary, t} | {:error, atom}
  def write_m2(hs, payload \\ "") do
    public = Crypto.public_key(hs.e)

    with :ok <- no_reflection(hs, hs.re),
         {:ok, hs} <- hs |> mix_hash(public) |> mix_dh(hs.e, hs.re),
         {s, hs} = encrypt(hs, Crypto.public_key(hs.s)),
         {:ok, hs} <- mix_dh(hs, hs.s, hs.re) do
      {sealed, hs} = encrypt(hs, payload)
      {:ok, public <> s <> sealed, hs}
    end
  end

  @doc "The initiator's half of m2. Both tags are verified (NOISE-005)."
  @spec read_m2(t, binary) :: result
  def read_m2(hs, <<re::binary-size(@key), s::binary-size(@sealed_key), sealed::binary>>)
      when byte_size(sealed) >= @tag do
    with :ok <- no_reflection(hs, re),
         {:ok, hs} <- %{hs | re: re} |> mix_hash(re) |> mix_dh(hs.e, re),
         {:ok, rs, hs} <- decrypt(hs, s),
         {:ok, hs} <- mix_dh(%{hs | rs: rs}, hs.e, rs) do
      decrypt(hs, sealed)
    end
  end

  def read_m2(_hs, _short), do: {:error, :message_length}

  @doc "m3: s, se."
  @spec write_m3(t, binary) :: {:ok, binary, t} | {:error, atom}
  def write_m3(hs, payload \\ "") do
    {s, hs} = encrypt(hs, Crypto.public_key(hs.s))

    with {:ok, hs} <- mix_dh(hs, hs.s, hs.re) do
      {sealed, hs} = encrypt(hs, payload)
      {:ok, s <> sealed, hs}
    end
  end

  @doc "The responder's half of m3."
  @spec read_m3(t, binary) :: result
  def read_m3(hs, <<s::binary-size(@sealed_key), sealed::binary>>) when byte_size(sealed) >= @tag do
    with {:ok, rs, hs} <- decrypt(hs, s),
         {:ok, hs} <- mix_dh(%{hs | rs: rs}, hs.e, rs) do
      decrypt(hs, sealed)
    end
  end

  def read_m3(_hs, _short), do: {:error, :message_length}

  @doc "The keys to send and to receive with. The responder encrypts with k1, the initiator with k2 (NOISE-010)."
  @spec split(t) :: {send :: <<_::256>>, receive :: <<_::256>>}
  def split(hs) do
    [k1, k2] = Crypto.hkdf(hs.ck, "", 2)
    if hs.role == :responder, do: {k1, k2}, else: {k2, k1}
  end

  # NOISE-016
  defp no_reflection(hs, re), do: if(re == Crypto.public_key(hs.e), do: {:error, :reflection}, else: :ok)

  defp mix_hash(hs, data), do: %{hs | h: Crypto.sha256([hs.h, data])}

  # NOISE-003
  defp mix_dh(hs, private, public) do
    with {:ok, secret} <- Crypto.x25519(private, public) do
      [ck, k] = Crypto.hkdf(hs.ck, secret, 2)
      {:ok, %{hs | ck: ck, k: k, n: 0}}
    end
  end

  # NOISE-004: n counts the uses of a key.
  defp encrypt(hs, plaintext) do
    sealed = Crypto.seal(hs.k, Crypto.nonce(hs.n), hs.h, plaintext)
    {sealed, mix_hash(%{hs | n: hs.n + 1}, sealed)}
  end

  defp decrypt(hs, sealed) do
    with {:ok, plaintext} <- Crypto.unseal(hs.k, Crypto.nonce(hs.n), hs.h, sealed),
         do: {:ok, plaintext, mix_hash(%{hs | n: hs.n + 1}, sealed)}
  end
end
