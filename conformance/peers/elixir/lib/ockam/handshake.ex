defmodule Ockam.Handshake do
  @moduledoc """
  The steps of a channel that take a handshake message. Each gives `{:ok, events, channel}`, `{:error, class}` for a message that is
  rejected, or `{:fatal, class}` for what ends the channel (section 6).
  """
  alias Ockam.{Address, Channel, Message, Noise, Profile, Records}

  @m2 Message.type(:m2)
  @m3 Message.type(:m3)

  @type result :: {:ok, [Channel.event()], Channel.t()} | {:error, atom} | {:fatal, atom}

  @doc "A responder answers m1 with m2, along m1's return route (ROUT-008)."
  @spec m1(Channel.t(), Message.t()) :: result
  def m1(ch, %{body: body} = message) do
    with {:ok, payload, hs} <- Noise.read_m1(ch.hs, body),
         :ok <- empty(payload),
         {:ok, ch} <- learn(ch, message),
         {:ok, m2, hs} <- Noise.write_m2(hs),
         {:ok, bytes} <- fatal(travels(ch, @m2, m2)) do
      {:ok, [{:send, ch.route, bytes}], %{ch | hs: hs, m1: body, answer: bytes, state: :sent_m2}}
    end
  end

  @doc "An initiator answers m2 with m3 and is open. On datagrams an m2 of a refused key is only rejected (NOISE-017)."
  @spec m2(Channel.t(), Message.t()) :: result
  def m2(ch, %{body: body} = message) do
    with {:ok, payload, hs} <- Noise.read_m2(ch.hs, body),
         :ok <- empty(payload),
         :ok <- allowed(ch, hs.rs),
         {:ok, ch} <- learn(ch, message),
         {:ok, m3, hs} <- Noise.write_m3(hs),
         {:ok, bytes} <- fatal(travels(ch, @m3, m3)) do
      {events, ch} = opened(%{ch | m2: body, answer: bytes}, hs)
      {:ok, [{:send, ch.route, bytes} | events], ch}
    end
  end

  @doc "A responder is open with m3. A refused key is fatal, on datagrams too."
  @spec m3(Channel.t(), Message.t()) :: result
  def m3(ch, %{body: body} = message) do
    with {:ok, payload, hs} <- Noise.read_m3(ch.hs, body),
         :ok <- empty(payload),
         :ok <- fatal(allowed(ch, hs.rs)),
         {:ok, ch} <- learn(ch, message) do
      {events, ch} = opened(%{ch | answer: nil}, hs)
      {:ok, events, ch}
    end
  end

  # NOISE-014: h is the channel binding. NOISE-015: nothing of the handshake is kept.
  defp opened(ch, hs) do
    window = if ch.stream, do: 1, else: ch.window
    records = Records.new(hs, ch.profile, window)
    {[{:opened, hs.rs}], %{ch | state: :open, hs: nil, records: records, h: hs.h, peer: hs.rs}}
  end

  # NOISE-006
  defp empty(""), do: :ok
  defp empty(_payload), do: {:error, :payload}

  # NOISE-011
  defp allowed(%{policy: :any}, _static), do: :ok
  defp allowed(%{policy: {:only, key}}, static), do: if(key == static, do: :ok, else: {:error, :refused})

  # ROUT-008, in the form of WIRE-015. CHAN-011: what the other side gave shows here.
  defp learn(ch, %{return: return}) do
    Enum.reduce_while(return, {:ok, []}, fn address, {:ok, route} ->
      case Address.canonical(address) do
        {:ok, canonical} -> {:cont, {:ok, [canonical | route]}}
        error -> {:halt, error}
      end
    end)
    |> case do
      {:ok, route} -> {:ok, %{ch | route: Enum.reverse(route), stream: ch.stream and length(route) <= 1}}
      error -> error
    end
  end

  # An answer that cannot travel ends the channel (section 6).
  defp travels(ch, type, body) do
    if Profile.travels?(ch.profile, body), do: Channel.pack(ch, type, body), else: {:error, :body}
  end

  defp fatal({:error, class}), do: {:fatal, class}
  defp fatal(other), do: other
end
