defmodule Ockam.Connection do
  @moduledoc """
  A node on one TCP connection: it takes frames apart and hands messages to sessions, and reads no further before they are done with.

  A channel on a stream has the connection for itself and ends with it (CHAN-011). Handshakes that show a hop or a local address are on
  datagrams, and there may be several, each with a local address of ours (CHAN-010).
  """
  use GenServer, restart: :temporary
  alias Ockam.{Address, Frames, Message, Node, Profile, Session}

  @m1 Message.type(:m1)
  @sessions 1024

  @doc "Begins to read. The socket has to belong to the process."
  @spec begin(pid) :: :ok
  def begin(pid), do: GenServer.cast(pid, :begin)

  @doc false
  def start_link(args), do: GenServer.start_link(__MODULE__, args)

  @doc false
  def format_status(status), do: Ockam.Report.hide(status)

  @impl true
  def init({socket, owner, options}) do
    timeout = options |> Keyword.fetch!(:channel) |> Keyword.get(:timeout)

    {:ok,
     %{
       socket: socket,
       owner: owner,
       here: nil,
       remote: nil,
       role: Keyword.fetch!(options, :role),
       profile: Keyword.fetch!(options, :profile),
       channel: Keyword.fetch!(options, :channel),
       handler: Keyword.fetch!(options, :handler),
       listener: Keyword.get(options, :listener),
       route: Keyword.get(options, :route, []),
       # NOISE-013: from the accepted connection
       deadline: timeout && Session.now() + timeout,
       frames: Frames.new(),
       # processes by key, a local address or :stream, and the other way round; whether one was ever open
       sessions: %{},
       keys: %{},
       opened: false
     }}
  end

  @impl true
  def handle_cast(:begin, state) do
    with {:ok, {ip, port}} <- :inet.sockname(state.socket),
         {:ok, {remote_ip, remote_port}} <- :inet.peername(state.socket) do
      here = Address.from_socket(:tcp, ip, port)
      remote = Address.from_socket(:tcp, remote_ip, remote_port)
      if state.deadline, do: Process.send_after(self(), :deadline, state.deadline, abs: true)
      first(%{state | here: here, remote: remote})
    else
      _gone -> {:stop, :normal, state}
    end
  end

  defp first(%{role: :initiator} = state) do
    case start(state, :stream, length(state.route) == 1, {:connect, state.route}) do
      {:ok, state} -> more(state)
      :close -> {:stop, :normal, state}
    end
  end

  defp first(state), do: more(state)

  defp more(state) do
    case :inet.setopts(state.socket, active: :once) do
      :ok -> {:noreply, state}
      {:error, _gone} -> {:stop, :normal, state}
    end
  end

  @impl true
  def handle_info({:tcp, _socket, data}, state) do
    {messages, frames} = Frames.add(state.frames, data)

    case each(messages, %{state | frames: frames}) do
      {:ok, state} -> more(state)
      :close -> {:stop, :normal, state}
    end
  end

  def handle_info(:deadline, state) do
    if state.opened, do: {:noreply, state}, else: {:stop, :normal, state}
  end

  def handle_info({:DOWN, _ref, :process, pid, _reason}, state) do
    {key, keys} = Map.pop(state.keys, pid)
    state = %{state | keys: keys, sessions: Map.delete(state.sessions, key)}
    if key == :stream, do: {:stop, :normal, state}, else: {:noreply, state}
  end

  # TRAN-004: whether a frame is complete or not, nothing of an incomplete one is used.
  def handle_info({closed, _socket}, state) when closed == :tcp_closed, do: {:stop, :normal, state}
  def handle_info({:tcp_error, _socket, _reason}, state), do: {:stop, :normal, state}
  def handle_info(_other, state), do: {:noreply, state}

  # What sessions wrote is sent before the connection ends (CHAN-013); sessions of a connection end with it.
  @impl true
  def terminate(_reason, state) do
    Enum.each(state.keys, fn {pid, _key} -> Process.exit(pid, :shutdown) end)
    :gen_tcp.close(state.socket)
  end

  defp each(messages, state) do
    Enum.reduce_while(messages, {:ok, state}, fn bytes, {:ok, state} ->
      case message(bytes, state) do
        {:ok, state} -> {:cont, {:ok, state}}
        :close -> {:halt, :close}
      end
    end)
  end

  defp message(bytes, %{profile: %{node: false}} = state) do
    if state.sessions[:stream],
      do: deliver(state, :stream, {:bytes, bytes}),
      else: start(state, :stream, true, {:bytes, bytes})
  end

  defp message(bytes, state) do
    case Node.judge(state.profile, state.here, state.remote, bytes) do
      {:reply, pong} -> pong(state, pong)
      {:reject, :not_addressed} -> {:ok, state}
      {:reject, _class} -> rejected(state)
      {:address, to, message} -> for_address(state, to, message)
      {:node, message} -> for_node(state, message)
    end
  end

  defp pong(state, bytes) do
    {:ok, frame} = Frames.frame(bytes)
    if :gen_tcp.send(state.socket, frame) == :ok, do: {:ok, state}, else: :close
  end

  defp for_address(state, to, message) do
    cond do
      is_map_key(state.sessions, to) -> deliver(state, to, {:message, message})
      to == state.listener and message.type == @m1 -> accept(state, message, false)
      true -> {:ok, state}
    end
  end

  # ROUT-001: m1 goes to the listener unless a channel on a stream has the connection.
  defp for_node(%{sessions: %{stream: _pid}} = state, message), do: deliver(state, :stream, {:message, message})
  defp for_node(state, %{type: @m1} = message), do: accept(state, message, length(message.return) == 1)
  defp for_node(state, _message), do: rejected(state)

  defp accept(%{role: :responder} = state, message, direct) do
    alone = direct and state.sessions == %{}
    key = if alone, do: :stream, else: :crypto.strong_rand_bytes(8)
    if map_size(state.sessions) < @sessions, do: start(state, key, alone, {:message, message}), else: {:ok, state}
  end

  defp accept(state, _message, _direct), do: rejected(state)

  defp start(state, key, stream, item) do
    return = if is_binary(key), do: [state.here, {:local, key}], else: [state.here]

    channel =
      Keyword.merge(state.channel,
        profile: state.profile,
        role: state.role,
        stream: stream,
        return: if(state.profile.node, do: return, else: []),
        limit: Profile.longest(state.profile, state.here)
      )

    # The deadline of the first handshake is the connection's.
    channel = if state.opened or state.sessions != %{}, do: channel, else: [{:deadline, state.deadline} | channel]
    io = {:tcp, state.socket}
    {:ok, pid} = Session.start(%{options: channel, io: io, owner: self(), handler: state.handler})
    Process.monitor(pid)
    sessions = Map.put(state.sessions, key, pid)
    deliver(%{state | sessions: sessions, keys: Map.put(state.keys, pid, key)}, key, item)
  end

  defp deliver(state, key, item) do
    case Session.deliver(state.sessions[key], item) do
      :open -> {:ok, opened(state)}
      :failed when key == :stream -> :close
      # An m1 that was rejected shows no local address (CHAN-011).
      :failed when map_size(state.sessions) == 1 and not state.opened -> :close
      _state -> {:ok, state}
    end
  end

  defp opened(%{opened: true} = state), do: state

  defp opened(state) do
    if state.owner, do: send(state.owner, {:connection_open, self()})
    %{state | opened: true}
  end

  # Section 6: on a stream a rejected message is fatal before open.
  defp rejected(state),
    do: if(state.opened or Enum.any?(Map.keys(state.sessions), &is_binary/1), do: {:ok, state}, else: :close)
end
