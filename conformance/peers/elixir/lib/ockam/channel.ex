defmodule Ockam.Channel do
  @moduledoc """
  One end of a channel (sections 6 and 7) as a pure state machine: messages and the time in, `{events, channel}` out. It has no process, no
  socket, and no clock of its own; times are milliseconds on any clock that does not go back.

  The messages that it takes have passed `Ockam.Node`, so that a return route begins with the source (ROUT-003).
  """
  alias Ockam.{Address, Crypto, Handshake, Message, Noise, Profile, Records, Repeat, Wire}

  @m1 Message.type(:m1)
  @m2 Message.type(:m2)
  @m3 Message.type(:m3)
  @payload Message.type(:payload)
  @tag 16
  @window 32

  @enforce_keys [:profile, :role, :hs, :policy]
  defstruct [
    :profile,
    # :initiator or :responder
    :role,
    # the handshake, nil when it is over
    :hs,
    # :any, or {:only, static public key}: NOISE-011
    :policy,
    # the limit of the IO below, in bytes
    limit: 65_535,
    # W of REC-008
    window: @window,
    # whether the channel is on a stream (CHAN-011)
    stream: true,
    # :start, :sent_m1, :sent_m2, :open, :closed, :failed
    state: :start,
    # why it failed
    why: nil,
    # where it sends; its first address is the destination below
    route: [],
    # its own return route: its node's transport address, then perhaps its local address
    return: [],
    deadline: nil,
    repeat: nil,
    # handshake messages: Noise bytes of m1 and m2, wire message of m2 or m3
    m1: nil,
    m2: nil,
    answer: nil,
    records: nil,
    h: nil,
    peer: nil
  ]

  @type t :: %__MODULE__{}
  @typedoc "What a channel did: sent a message to the first address of a route, opened, delivered, rejected a message, or failed."
  @type event ::
          {:send, [Address.t()], binary}
          | {:opened, peer :: binary}
          | {:received, Message.t()}
          | {:rejected, atom}
          | {:failed, atom}

  @doc """
  A channel that has not begun. Options: `:profile`, `:role`, `:static`, `:policy` (all needed; a policy accepts any key only when told
  so), `:ephemeral`, `:stream`, `:return`, `:limit`, `:window`, `:deadline` (a time).
  """
  @spec new(keyword) :: t
  def new(options) do
    {static, options} = Keyword.pop!(options, :static)
    {ephemeral, options} = Keyword.pop(options, :ephemeral)
    profile = Keyword.fetch!(options, :profile)
    hs = Noise.new(Keyword.fetch!(options, :role), static, ephemeral || fresh(profile))
    struct!(__MODULE__, [{:hs, hs} | options])
  end

  # A key with which no message could travel is drawn again (section 11).
  defp fresh(profile) do
    private = Crypto.private_key()
    if Profile.travels?(profile, Crypto.public_key(private)), do: private, else: fresh(profile)
  end

  @doc "Begins an initiator's handshake along a route. On a stream nothing but the remote address is in it."
  @spec connect(t, [Address.t()], integer) :: {[event], t}
  def connect(%__MODULE__{role: :initiator, state: :start} = ch, route, now) do
    {body, hs} = Noise.write_m1(ch.hs)
    route = if ch.profile.node, do: route, else: []
    ch = %{ch | hs: hs, route: route, stream: ch.stream and length(route) <= 1, state: :sent_m1}

    case pack(ch, @m1, body) do
      {:ok, message} -> {[{:send, route, message}], repeat(ch, message, now, :until_answered)}
      {:error, class} -> fail(ch, class)
    end
  end

  @doc "Takes bytes from an IO without a node in front (profiles without routes, channels inside others)."
  @spec receive_bytes(t, binary, integer) :: {[event], t}
  def receive_bytes(%__MODULE__{state: state} = ch, _bytes, _now) when state in [:closed, :failed], do: {[], ch}

  def receive_bytes(%__MODULE__{state: :open, profile: %{bare_records: true}} = ch, bytes, now),
    do: receive_message(ch, %Message{type: @payload, body: bytes}, now)

  def receive_bytes(ch, bytes, now) do
    case Wire.decode(bytes, ch.profile) do
      {:ok, message} -> receive_message(ch, message, now)
      {:error, class} -> reject(ch, class)
    end
  end

  @doc "Takes a message (CHAN-001 to CHAN-004)."
  @spec receive_message(t, Message.t(), integer) :: {[event], t}
  def receive_message(%__MODULE__{state: state} = ch, _message, _now) when state in [:closed, :failed], do: {[], ch}
  def receive_message(ch, %Message{type: nil} = message, now), do: receive_message(ch, typed(ch, message), now)

  def receive_message(%{role: :responder, state: :start} = ch, %{type: @m1} = message, _now),
    do: handshake(ch, &Handshake.m1/2, message)

  def receive_message(%{state: :sent_m2} = ch, %{type: @m1} = message, _now) do
    # TRAN-014, TRAN-015: a repeat has the same Noise bytes and comes from the same source.
    if repeats?(ch) and message.body == ch.m1 and Enum.take(message.return, 1) == Enum.take(ch.route, 1),
      do: {[{:send, ch.route, ch.answer}], ch},
      else: reject(ch, :unexpected)
  end

  def receive_message(%{state: :sent_m1} = ch, %{type: @m2} = message, now) do
    {events, ch} = handshake(ch, &Handshake.m2/2, message)
    # TRAN-014: m3 is repeated five times at most.
    {events, if(ch.state == :open, do: repeat(ch, ch.answer, now, 5), else: ch)}
  end

  def receive_message(%{state: :sent_m2} = ch, %{type: @m3} = message, _now),
    do: handshake(ch, &Handshake.m3/2, message)

  def receive_message(%{state: :open} = ch, %{type: @payload, body: body}, _now), do: record(ch, body)

  def receive_message(%{state: :open, role: :initiator} = ch, %{type: @m2, body: body}, _now) do
    if repeats?(ch) and body == ch.m2, do: {[{:send, ch.route, ch.answer}], ch}, else: reject(ch, :unexpected)
  end

  def receive_message(ch, _message, _now), do: reject(ch, :unexpected)

  defp typed(%{state: :start}, message), do: %{message | type: @m1}
  defp typed(%{state: :sent_m1}, message), do: %{message | type: @m2}
  defp typed(%{state: :sent_m2}, message), do: %{message | type: @m3}
  defp typed(%{state: :open}, message), do: %{message | type: @payload}

  # NOISE-005, NOISE-017: a step that gives an error has changed nothing.
  defp handshake(ch, step, message) do
    case step.(ch, message) do
      {:ok, events, ch} -> {events, ch}
      {:error, class} -> reject(ch, class)
      {:fatal, class} -> fail(ch, class)
    end
  end

  # REC-004 to REC-009, REC-014
  defp record(ch, ciphertext) do
    case Records.open(ch.records, ciphertext) do
      {:ok, inner, records} -> inner(%{ch | records: records, repeat: nil}, inner)
      {:error, :spent} -> {[{:rejected, :exhausted}], ch}
      {:error, class} -> reject(ch, class)
    end
  end

  # REC-009: whatever the inner message is, its counter is used up.
  defp inner(ch, bytes) do
    case Wire.decode(bytes, Profile.payloads(ch.profile)) do
      {:ok, %{type: type} = message} when type in [@payload, nil] -> deliver(ch, message)
      _other -> {[{:rejected, :inner}], ch}
    end
  end

  defp deliver(%{profile: %{receive_limit: limit}} = ch, %{body: body}) when byte_size(body) > limit,
    do: {[{:rejected, :too_long}], ch}

  defp deliver(ch, message), do: {[{:received, message}], ch}

  @doc "Encrypts a payload with its inner routes (REC-010, REC-011). A refused write has sent nothing and used no counter."
  @spec write(t, binary, [Address.t()], [Address.t()]) :: {:ok, [event], t} | {:error, atom}
  def write(ch, payload, onward \\ [], return \\ [])
  def write(%{state: state}, _payload, _onward, _return) when state in [:closed, :failed], do: {:error, :closed}
  # CHAN-002
  def write(%{state: state}, _payload, _onward, _return) when state != :open, do: {:error, :not_open}

  def write(%{profile: %{send_limit: limit}}, payload, _onward, _return) when byte_size(payload) > limit,
    do: {:error, :too_long}

  def write(ch, payload, onward, return) do
    inner = %Message{onward: onward, return: return, type: @payload, body: payload}

    with {:ok, inner} <- Wire.encode(inner, Profile.payloads(ch.profile)),
         {:ok, header} <- header(ch),
         :ok <- fits(ch, byte_size(header) + byte_size(inner) + @tag),
         {:ok, ciphertext, records} <- Records.seal(ch.records, ch.profile, inner) do
      {:ok, [{:send, ch.route, header <> ciphertext}], %{ch | records: records}}
    end
  end

  @doc "The longest payload with empty inner routes, 0 before open (CHAN-008)."
  @spec payload_limit(t) :: non_neg_integer
  def payload_limit(%{state: :open, profile: profile} = ch) do
    {:ok, header} = header(ch)
    inner_header = if profile.typed, do: 4, else: 3
    max(0, min(ch.limit - byte_size(header) - inner_header - @tag, profile.send_limit))
  end

  def payload_limit(_ch), do: 0

  # The outer header of records: the own transport address alone, no local address (CHAN-010).
  defp header(%{profile: %{bare_records: true}}), do: {:ok, ""}

  defp header(%{profile: profile} = ch) do
    with {:ok, onward} <- Wire.encode_route(ch.route, profile),
         {:ok, return} <- Wire.encode_route(transport_addresses(ch.return), profile) do
      {:ok, <<1, onward::binary, return::binary>> <> if(profile.typed, do: <<@payload>>, else: "")}
    end
  end

  defp transport_addresses(route), do: Enum.reject(route, &match?({:local, _value}, &1))

  @doc false
  # A handshake message along the channel's route (ROUT-004).
  def pack(ch, type, body) do
    with {:ok, bytes} <- Wire.encode(%Message{onward: ch.route, return: ch.return, type: type, body: body}, ch.profile),
         :ok <- fits(ch, byte_size(bytes)),
         do: {:ok, bytes}
  end

  defp fits(ch, size), do: if(size <= ch.limit, do: :ok, else: {:error, :too_long})

  @doc "Lets time pass: repeats what is due, and ends a handshake at its deadline (NOISE-013, NOISE-019)."
  @spec tick(t, integer) :: {[event], t}
  def tick(%{state: state, deadline: deadline} = ch, now)
      when state in [:start, :sent_m1, :sent_m2] and is_integer(deadline) and now >= deadline,
      do: fail(ch, :deadline)

  def tick(ch, now) do
    case Repeat.tick(ch.repeat, now, ch.deadline) do
      {nil, repeat} -> {[], %{ch | repeat: repeat}}
      {message, repeat} -> {[{:send, ch.route, message}], %{ch | repeat: repeat}}
    end
  end

  @doc "When `tick/2` is to be called, nil if it need not be."
  @spec due(t) :: integer | nil
  def due(%{state: state} = ch) do
    deadline = if state in [:start, :sent_m1, :sent_m2], do: ch.deadline
    [deadline, Repeat.due(ch.repeat)] |> Enum.reject(&is_nil/1) |> Enum.min(fn -> nil end)
  end

  @doc "Closes the channel (CHAN-004, KEY-003). Nothing is sent: version 1 has no close message (CHAN-013)."
  @spec close(t) :: t
  def close(ch), do: %{forget(ch) | state: :closed}

  defp repeat(ch, message, now, times) do
    if repeats?(ch), do: %{ch | repeat: Repeat.new(message, now, times, ch.deadline)}, else: %{ch | repeat: nil}
  end

  # TRAN-014, TRAN-016
  defp repeats?(ch), do: ch.profile.repeats and not ch.stream

  @doc """
  Rejects a message. Section 6: before open that is fatal on a stream; REC-005: after it, a record there that does not verify is (this is
  what the implementation declares).
  """
  @spec reject(t, atom) :: {[event], t}
  def reject(%{state: state} = ch, _class) when state in [:closed, :failed], do: {[], ch}
  def reject(%{stream: true, state: state} = ch, class) when state != :open, do: fail(ch, class)
  def reject(%{stream: true} = ch, :authentication), do: fail(ch, :authentication)
  def reject(ch, class), do: {[{:rejected, class}], ch}

  defp fail(ch, class), do: {[{:failed, class}], %{forget(ch) | state: :failed, why: class}}
  defp forget(ch), do: %{ch | hs: nil, records: nil, repeat: nil, answer: nil}
end
