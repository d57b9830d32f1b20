defmodule Ockam.Udp do
  @moduledoc """
  A node on one UDP socket (section 3.2): it hands datagrams to sessions, by their local address or, in a profile without routes, by their
  source. A listener begins a session with each new m1; an endpoint that connects has one session, and hears its remote address alone
  (TRAN-021).
  """
  use GenServer, restart: :temporary
  alias Ockam.{Address, Message, Node, Profile, Session, Table, Wire}

  @m1 Message.type(:m1)

  @doc """
  Listens. Options: `:address` (a UDP address to bind), `:profile`, `:channel` (options of `Ockam.Stack.new/2` but for role and profile),
  `:handler`, and `:listener`, a local address for m1. Returns the address bound.
  """
  @spec listen(keyword) :: {:ok, pid, Address.t()} | {:error, term}
  def listen(options), do: start(Keyword.put(options, :role, :responder))

  @doc """
  Opens a socket and begins a handshake along `:route`, whose first address is the remote one. Other options as for `listen/1`, and:
  `:notify`, a process that gets `{:ockam_heard, pid}` with the first datagram, and `:idle`, how many milliseconds without a datagram end
  the endpoint, for nothing tells that the other side has gone.
  """
  @spec connect(keyword) :: {:ok, pid, Address.t()} | {:error, term}
  def connect(options), do: start(Keyword.put(options, :role, :initiator))

  defp start(options) do
    with {:ok, pid} <- DynamicSupervisor.start_child(Ockam.Connections, {__MODULE__, options}),
         do: {:ok, pid, GenServer.call(pid, :here)}
  end

  @doc false
  def start_link(options), do: GenServer.start_link(__MODULE__, options)

  @doc false
  def format_status(status), do: Ockam.Report.hide(status)

  @impl true
  def init(options) do
    route = Keyword.get(options, :route, [])
    {:udp, host, port} = Keyword.get_lazy(options, :address, fn -> source_for(hd(route)) end)
    family = if byte_size(host) == 16, do: :inet6, else: :inet
    # TRAN-011: the buffer holds any datagram, so that none is cut.
    sizes = [recbuf: 4_194_304, sndbuf: 4_194_304, buffer: 65_536]

    case :gen_udp.open(port, [:binary, family, ip: Address.ip(host), active: false] ++ sizes) do
      {:ok, socket} -> {:ok, state(options, route, socket), {:continue, :begin}}
      {:error, reason} -> {:stop, {:shutdown, reason}}
    end
  end

  # The address from which datagrams leave for a remote one.
  defp source_for({:udp, host, port}) do
    {:ok, probe} = :gen_udp.open(0, [if(byte_size(host) == 16, do: :inet6, else: :inet)])
    :ok = :gen_udp.connect(probe, Address.ip(host), port)
    {:ok, {ip, _port}} = :inet.sockname(probe)
    :gen_udp.close(probe)
    Address.from_socket(:udp, ip, 0)
  end

  defp state(options, route, socket) do
    {:ok, {ip, port}} = :inet.sockname(socket)
    profile = Keyword.fetch!(options, :profile)

    %{
      socket: socket,
      here: Address.from_socket(:udp, ip, port),
      role: Keyword.fetch!(options, :role),
      profile: profile,
      channel: Keyword.fetch!(options, :channel),
      handler: Keyword.fetch!(options, :handler),
      listener: Keyword.get(options, :listener, profile.listener),
      route: route,
      notify: Keyword.get(options, :notify),
      idle: Keyword.get(options, :idle, :infinity),
      table: %Table{}
    }
  end

  @impl true
  def handle_continue(:begin, state) do
    state =
      if state.role == :initiator, do: begin(state, hd(state.route), nil, {:connect, state.route}, []), else: state

    :ok = :inet.setopts(state.socket, active: :once)
    {:noreply, state, state.idle}
  end

  @impl true
  def handle_call(:here, _from, state), do: {:reply, state.here, state, state.idle}

  @impl true
  def handle_info({:udp, socket, ip, port, data}, %{socket: socket} = state) do
    state = datagram(Address.from_socket(:udp, ip, port), data, heard(state))
    :ok = :inet.setopts(socket, active: :once)
    {:noreply, state, state.idle}
  end

  def handle_info(:timeout, state), do: {:stop, :normal, state}

  def handle_info({:session_open, pid}, state),
    do: {:noreply, give_way(state, Table.opened(state.table, pid)), state.idle}

  def handle_info({:DOWN, _ref, :process, pid, _reason}, state) do
    state = %{state | table: Table.delete(state.table, pid)}
    if state.role == :initiator, do: {:stop, :normal, state}, else: {:noreply, state, state.idle}
  end

  # An ICMP error of an earlier datagram.
  def handle_info(_other, state), do: {:noreply, state, state.idle}

  defp heard(%{notify: nil} = state), do: state

  defp heard(state) do
    send(state.notify, {:ockam_heard, self()})
    %{state | notify: nil}
  end

  defp datagram(source, _data, %{role: :initiator, route: [remote | _]} = state) when source != remote, do: state
  defp datagram(source, data, %{profile: %{node: false}} = state), do: for_source(source, data, state)

  defp datagram(source, data, %{profile: profile} = state) do
    case Node.judge(profile, state.here, source, data) do
      {:reply, pong} ->
        {:udp, host, port} = source
        _ = :gen_udp.send(state.socket, Address.ip(host), port, pong)
        state

      {:address, to, message} ->
        for_address(source, to, message, state)

      # CHAN-010: m1 without a further address is for the listener, where that has none of its own.
      {:node, message} when profile.listener == nil ->
        accept(state, source, message)

      _dropped ->
        state
    end
  end

  defp for_address(source, to, message, state) do
    cond do
      Table.pid(state.table, to) -> offer(state, to, {:message, message})
      to == state.listener -> accept(state, source, message)
      true -> state
    end
  end

  # Whatever arrives is for the one channel of the source.
  defp for_source(source, data, state) do
    key = {:source, source}

    cond do
      Table.pid(state.table, key) -> offer(state, key, {:bytes, data})
      state.role == :responder and m1?(data, state.profile) -> begin(state, source, nil, {:bytes, data}, key: key)
      true -> state
    end
  end

  defp m1?(data, profile), do: match?({:ok, %{type: @m1}}, Wire.decode(data, profile))

  # TRAN-014: the same bytes from the same source are a repeat, any other m1 is a new handshake.
  defp accept(%{role: :responder} = state, source, %{type: type, body: body} = message) when type in [@m1, nil] do
    case Table.begun_by(state.table, {source, body}) do
      nil -> begin(state, source, body, {:message, message}, [])
      key -> offer(state, key, {:message, message})
    end
  end

  defp accept(state, _source, _message), do: state

  defp offer(state, key, item) do
    Session.offer(Table.pid(state.table, key), item)
    %{state | table: Table.used(state.table, key)}
  end

  defp begin(state, source, m1, item, options) do
    key = Keyword.get_lazy(options, :key, fn -> key_for(state, source) end)
    return = if is_binary(key), do: [state.here, {:local, key}], else: [state.here]

    channel =
      Keyword.merge(state.channel,
        profile: state.profile,
        role: state.role,
        stream: false,
        return: if(state.profile.node, do: return, else: []),
        limit: Profile.longest(state.profile, state.here)
      )

    {:ok, pid} =
      Session.start(%{options: channel, io: {:udp, state.socket, source}, owner: self(), handler: state.handler})

    Process.monitor(pid)
    state = give_way(state, Table.put(state.table, key, pid, {source, m1}))
    hand_over(state, pid, item)
  end

  # Without a node a source has one channel: when its m1 is rejected, the next one comes to another.
  defp hand_over(%{profile: %{node: false}} = state, pid, item) do
    if Session.deliver(pid, item) == :failed, do: %{state | table: Table.delete(state.table, pid)}, else: state
  end

  defp hand_over(state, pid, item) do
    Session.offer(pid, item)
    state
  end

  # CHAN-010: at least 4 random bytes, unused at this node.
  defp key_for(%{profile: %{node: false}}, source), do: {:source, source}

  defp key_for(state, source) do
    key = :crypto.strong_rand_bytes(8)
    if Table.pid(state.table, key), do: key_for(state, source), else: key
  end

  defp give_way(state, {oldest, table}) do
    if oldest, do: Process.exit(oldest, :shutdown)
    %{state | table: table}
  end
end
