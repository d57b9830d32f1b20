defmodule Ockam.Stack do
  @moduledoc """
  Channels inside each other (CHAN-008), pure like `Ockam.Channel`: each wire message of the one inside is one payload of the one below. A
  plain channel is a stack of depth 1. The events are the lowest channel's messages and what the innermost one delivers.
  """
  alias Ockam.{Address, Channel, Message, Profile}

  @enforce_keys [:options, :depth]
  # channels by level, the lowest is 0
  defstruct options: [], depth: 1, timeout: nil, channels: %{}, failed: false

  @type t :: %__MODULE__{}
  @type result :: {[Channel.event()], t}

  @doc """
  A stack that has not begun. Options are those of `Ockam.Channel.new/1`, `:depth`, and `:timeout`, the handshakes' deadline in
  milliseconds (NOISE-013). An `:ephemeral` key is the lowest channel's: no two handshakes share one (NOISE-008).
  """
  @spec new(keyword, integer) :: t
  def new(options, now) do
    {depth, options} = Keyword.pop(options, :depth, 1)
    {timeout, options} = Keyword.pop(options, :timeout)
    lowest = Channel.new(Keyword.put_new(options, :deadline, timeout && now + timeout))
    %__MODULE__{options: options, depth: depth, timeout: timeout, channels: %{0 => lowest}}
  end

  @doc "Begins an initiator's handshake."
  @spec connect(t, [Address.t()], integer) :: result
  def connect(stack, route, now), do: done(stack, 0, Channel.connect(stack.channels[0], route, now), now)

  @doc "Takes a message that a node has judged."
  @spec receive_message(t, Message.t(), integer) :: result
  def receive_message(%{failed: true} = stack, _message, _now), do: {[], stack}

  def receive_message(stack, message, now),
    do: done(stack, 0, Channel.receive_message(stack.channels[0], message, now), now)

  @doc "Takes note that the node has rejected a message: on a stream that is fatal before open (section 6)."
  @spec reject(t, atom) :: result
  def reject(%{failed: true} = stack, _class), do: {[], stack}
  def reject(stack, class), do: done(stack, 0, Channel.reject(stack.channels[0], class), 0)

  @doc "The stack, whose lowest channel is not on a stream (CHAN-011)."
  @spec off_stream(t) :: t
  def off_stream(stack), do: put_in(stack.channels[0].stream, false)

  @doc "Takes bytes where there is no node."
  @spec receive_bytes(t, binary, integer) :: result
  def receive_bytes(%{failed: true} = stack, _bytes, _now), do: {[], stack}
  def receive_bytes(stack, bytes, now), do: at_level(stack, 0, bytes, now)

  defp at_level(stack, level, bytes, now),
    do: done(stack, level, Channel.receive_bytes(stack.channels[level], bytes, now), now)

  @doc "Writes a payload to the innermost channel."
  @spec write(t, binary, [Address.t()], [Address.t()], integer) :: {:ok, [Channel.event()], t} | {:error, atom}
  def write(%{failed: true}, _payload, _onward, _return, _now), do: {:error, :closed}

  def write(stack, payload, onward, return, now) do
    case stack.channels[stack.depth - 1] do
      nil ->
        {:error, :not_open}

      top ->
        with {:ok, events, top} <- Channel.write(top, payload, onward, return) do
          {events, stack} = done(stack, stack.depth - 1, {events, top}, now)
          {:ok, events, stack}
        end
    end
  end

  @doc "Lets time pass."
  @spec tick(t, integer) :: result
  def tick(%{failed: true} = stack, _now), do: {[], stack}

  def tick(stack, now) do
    Enum.reduce(Map.keys(stack.channels), {[], stack}, fn level, {events, stack} ->
      {more, stack} = done(stack, level, Channel.tick(stack.channels[level], now), now)
      {events ++ more, stack}
    end)
  end

  @doc "When `tick/2` is to be called next."
  @spec due(t) :: integer | nil
  def due(%{failed: true}), do: nil

  def due(stack) do
    stack.channels |> Map.values() |> Enum.map(&Channel.due/1) |> Enum.reject(&is_nil/1) |> Enum.min(fn -> nil end)
  end

  @doc "The innermost channel there is."
  @spec top(t) :: Channel.t()
  def top(stack), do: stack.channels[map_size(stack.channels) - 1]

  @doc "The state: that of the innermost channel; open only if all are."
  @spec state(t) :: atom
  def state(%{failed: true}), do: :failed
  def state(%{depth: depth, channels: channels}) when map_size(channels) == depth, do: channels[depth - 1].state
  # A channel below is open: the one inside has not begun.
  def state(stack), do: top(stack).state

  @doc "Whether the handshake of the lowest channel has begun."
  @spec begun?(t) :: boolean
  def begun?(%{channels: %{0 => lowest}}), do: lowest.state != :start

  @doc "Closes all channels."
  @spec close(t) :: t
  def close(stack), do: %{stack | channels: Map.new(stack.channels, fn {level, ch} -> {level, Channel.close(ch)} end)}

  # Carries out what the channel of a level did, in order.
  defp done(stack, level, {events, channel}, now) do
    stack = %{stack | channels: %{stack.channels | level => channel}}

    Enum.reduce(events, {[], stack}, fn event, {said, stack} ->
      {more, stack} = event(event, level, stack, now)
      {said ++ more, stack}
    end)
  end

  defp event({:send, _route, bytes}, level, stack, now) when level > 0 do
    case Channel.write(stack.channels[level - 1], bytes) do
      {:ok, events, below} -> done(stack, level - 1, {events, below}, now)
      # The IO below has failed (section 6).
      {:error, class} -> {[{:failed, class}], %{stack | failed: true}}
    end
  end

  defp event({:opened, _peer}, level, %{depth: depth} = stack, now) when level + 1 < depth,
    do: begin(stack, level + 1, now)

  defp event({:received, %{body: bytes}}, level, %{depth: depth} = stack, now) when level + 1 < depth,
    do: at_level(stack, level + 1, bytes, now)

  defp event({:failed, _class} = event, _level, stack, _now), do: {[event], %{stack | failed: true}}
  defp event(event, _level, stack, _now), do: {[event], stack}

  # A channel inside the one below, which has opened. CHAN-011: it is on a stream if that is.
  defp begin(stack, level, now) do
    below = stack.channels[level - 1]

    options =
      Keyword.merge(Keyword.drop(stack.options, [:ephemeral]),
        profile: Profile.inside(below.profile),
        return: [],
        stream: below.stream,
        limit: Channel.payload_limit(below),
        deadline: stack.timeout && now + stack.timeout
      )

    stack = %{stack | channels: Map.put(stack.channels, level, Channel.new(options))}
    channel = stack.channels[level]
    if channel.role == :initiator, do: done(stack, level, Channel.connect(channel, [], now), now), else: {[], stack}
  end
end
