defmodule Ockam.Endpoint do
  @moduledoc """
  One channel with its node and its frames, pure: bytes from below and the time in, `{events, endpoint}` out. It is the library without
  processes, for whoever brings an IO and a clock of his own (CHAN-009).
  """
  alias Ockam.{Address, Channel, Frames, Message, Node, Profile, Stack, Window}

  @m1 Message.type(:m1)

  @enforce_keys [:over, :profile, :role, :stack]
  defstruct [:over, :profile, :role, :stack, :here, :remote, :address, :listener, frames: nil, ended: nil]

  @type t :: %__MODULE__{}

  @doc """
  An endpoint that has begun. Options: `:over` (`:stream`, `:message`: a stream whose frames are taken elsewhere, or `:datagram`), `:here`
  and `:remote` (transport addresses, or neither), `:address` (the channel's local one), `:listener` (a local address for m1), `:route`
  (of an initiator, default the remote address alone), and those of `Ockam.Stack.new/2`.
  """
  @spec open(keyword, integer) :: {[Channel.event()], t}
  def open(options, now) do
    {own, options} = Keyword.split(options, [:over, :here, :remote, :address, :listener, :route])
    [profile, role] = Enum.map([:profile, :role], &Keyword.fetch!(options, &1))
    stream = own[:over] != :datagram and own[:address] == nil
    return = List.wrap(own[:here]) ++ List.wrap(own[:address] && {:local, own[:address]})

    options =
      [stream: stream, return: if(profile.node, do: return, else: [])]
      |> Keyword.merge(Keyword.put_new(options, :limit, Profile.longest(profile, own[:remote])))

    {route, own} = Keyword.pop(own, :route, List.wrap(own[:remote]))
    fields = [profile: profile, role: role, stack: Stack.new(options, now), frames: Frames.new()]
    endpoint = struct!(__MODULE__, own ++ fields)
    if role == :initiator, do: done(Stack.connect(endpoint.stack, route, now), endpoint), else: {[], endpoint}
  end

  @doc "Takes bytes from below, on datagrams from a source."
  @spec feed(t, binary, Address.t() | nil, integer) :: {[Channel.event()], t}
  def feed(%{over: :stream} = endpoint, data, source, now) do
    {messages, frames} = Frames.add(endpoint.frames, data)

    Enum.reduce(messages, {[], %{endpoint | frames: frames}}, fn bytes, {events, endpoint} ->
      {more, endpoint} = message(endpoint, bytes, source || endpoint.remote, now)
      {events ++ more, endpoint}
    end)
  end

  def feed(endpoint, data, source, now), do: message(endpoint, data, source || endpoint.remote, now)

  @doc "The end of the stream below: inside a frame it is an error (TRAN-004)."
  @spec finish(t) :: t
  def finish(endpoint) do
    why = if Frames.complete?(endpoint.frames), do: :ended, else: :truncated
    if state(endpoint) in [:closed, :failed], do: endpoint, else: %{close(endpoint) | ended: why}
  end

  @doc "Writes a payload."
  @spec write(t, binary, [Address.t()], [Address.t()], integer) :: {:ok, [Channel.event()], t} | {:error, atom}
  def write(endpoint, payload, onward, return, now) do
    with {:ok, events, stack} <- Stack.write(endpoint.stack, payload, onward, return, now),
         do: {:ok, events, %{endpoint | stack: stack}}
  end

  @doc "Lets time pass."
  @spec tick(t, integer) :: {[Channel.event()], t}
  def tick(endpoint, now), do: done(Stack.tick(endpoint.stack, now), endpoint)

  @doc "Closes the channel."
  @spec close(t) :: t
  def close(endpoint), do: %{endpoint | stack: Stack.close(endpoint.stack)}

  @doc "The state of the channel, and why it has ended."
  @spec state(t) :: atom
  def state(endpoint), do: Stack.state(endpoint.stack)

  @spec why(t) :: atom
  def why(endpoint), do: endpoint.ended || Stack.top(endpoint.stack).why

  @doc "What is known of the channel: state, channel binding, peer's static key; when open, counters spent and the longest payload."
  @spec claims(t) :: keyword
  def claims(endpoint) do
    top = Stack.top(endpoint.stack)
    known = for {key, bytes} when bytes != nil <- [h: top.h, peer: top.peer], do: {key, bytes}
    [state: state(endpoint)] ++ known ++ counters(top, top.records)
  end

  defp counters(_top, nil), do: []

  defp counters(top, records),
    do: [sent: records.sent, received: Window.spent(records.window), limit: Channel.payload_limit(top)]

  defp done({events, stack}, endpoint), do: {events, %{endpoint | stack: stack}}

  defp message(%{profile: %{node: false}} = endpoint, bytes, _source, now),
    do: done(Stack.receive_bytes(endpoint.stack, bytes, now), endpoint)

  defp message(endpoint, bytes, source, now) do
    case Node.judge(endpoint.profile, endpoint.here, source, bytes) do
      {:reply, pong} -> {[{:send, List.wrap(source), pong}], endpoint}
      # CHAN-014
      {:reject, :not_addressed} -> {[{:rejected, :not_addressed}], endpoint}
      {:reject, class} -> done(Stack.reject(endpoint.stack, class), endpoint)
      {:node, message} -> for_node(endpoint, message, now)
      {:address, to, message} -> for_address(endpoint, to, message, now)
    end
  end

  # ROUT-001: m1 is for the listener, the rest for a channel that gave no local address.
  defp for_node(endpoint, %{type: type} = message, now) do
    if endpoint.address == nil or (endpoint.role == :responder and type == @m1),
      do: done(Stack.receive_message(endpoint.stack, message, now), endpoint),
      else: {[{:rejected, :not_addressed}], endpoint}
  end

  defp for_address(%{address: to} = endpoint, to, message, now),
    do: done(Stack.receive_message(endpoint.stack, message, now), endpoint)

  # CHAN-011: an m1 for a local address shows that the channel is on datagrams.
  defp for_address(%{listener: to, role: :responder} = endpoint, to, %{type: type} = message, now)
       when type in [@m1, nil] do
    if type == nil and Stack.begun?(endpoint.stack),
      do: {[{:rejected, :unexpected}], endpoint},
      else: done(Stack.receive_message(Stack.off_stream(endpoint.stack), message, now), endpoint)
  end

  defp for_address(endpoint, _to, _message, _now), do: {[{:rejected, :not_addressed}], endpoint}
end
