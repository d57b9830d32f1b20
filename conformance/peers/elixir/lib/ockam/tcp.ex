defmodule Ockam.Tcp do
  @moduledoc """
  Listening on and connecting to TCP addresses (section 3.3). Each connection is an `Ockam.Connection` process; a listener keeps accepting
  and bounds those that have no open channel.
  """
  use GenServer, restart: :temporary
  alias Ockam.{Address, Bounded, Connection}

  @half_open 1024
  @options [:binary, packet: :raw, active: false, nodelay: true, buffer: 65_536] ++
             [exit_on_close: false, send_timeout: 30_000, send_timeout_close: true]

  @doc """
  Listens. Options: `:address` (a TCP address to bind), `:profile`, `:channel` (options of `Ockam.Stack.new/2` but for role and profile),
  `:handler`, and `:listener`, a local address for m1. Returns the address bound.
  """
  @spec listen(keyword) :: {:ok, pid, Address.t()} | {:error, term}
  def listen(options) do
    with {:ok, pid} <- DynamicSupervisor.start_child(Ockam.Connections, {__MODULE__, options}),
         do: {:ok, pid, GenServer.call(pid, :here)}
  end

  @doc "Connects to the first address of `:route` and begins a handshake along it. One attempt (TRAN-020). Other options as for `listen/1`."
  @spec connect(keyword) :: {:ok, pid} | {:error, term}
  def connect(options) do
    [{:tcp, host, port} | _] = Keyword.fetch!(options, :route)
    wait = options |> Keyword.fetch!(:channel) |> Keyword.get(:timeout, 10_000)

    with {:ok, socket} <- :gen_tcp.connect(Address.ip(host), port, [family(host) | @options], wait),
         do: serve(socket, nil, Keyword.put(options, :role, :initiator))
  end

  @doc false
  def start_link(options), do: GenServer.start_link(__MODULE__, options)

  @doc false
  def format_status(status), do: Ockam.Report.hide(status)

  @impl true
  def init(options) do
    {:tcp, host, port} = Keyword.fetch!(options, :address)
    Process.flag(:trap_exit, true)

    case :gen_tcp.listen(port, [family(host), ip: Address.ip(host), backlog: 1024, reuseaddr: true] ++ @options) do
      {:ok, socket} ->
        {:ok, {ip, port}} = :inet.sockname(socket)
        listener = self()
        options = Keyword.put(options, :role, :responder)
        acceptor = spawn_link(fn -> accept(socket, listener, options) end)
        {:ok, %{here: Address.from_socket(:tcp, ip, port), acceptor: acceptor, half: Bounded.new(@half_open)}}

      {:error, reason} ->
        {:stop, {:shutdown, reason}}
    end
  end

  defp accept(listening, listener, options) do
    case :gen_tcp.accept(listening) do
      {:ok, socket} -> serve(socket, listener, options)
      {:error, :closed} -> exit(:shutdown)
      # Out of descriptors: those who wait are served when others have gone.
      {:error, _reason} -> Process.sleep(20)
    end

    accept(listening, listener, options)
  end

  defp serve(socket, owner, options) do
    args = {socket, owner, options}

    with {:ok, pid} <- DynamicSupervisor.start_child(Ockam.Connections, {Connection, args}) do
      if owner, do: send(owner, {:connection, pid})
      # Fails when the other side has gone already; the connection finds out.
      _ = :gen_tcp.controlling_process(socket, pid)
      Connection.begin(pid)
      {:ok, pid}
    end
  end

  defp family(host), do: if(byte_size(host) == 16, do: :inet6, else: :inet)

  @impl true
  def handle_call(:here, _from, state), do: {:reply, state.here, state}

  @impl true
  def handle_info({:connection, pid}, state) do
    Process.monitor(pid)
    {oldest, half} = Bounded.touch(state.half, pid)
    if oldest, do: Process.exit(oldest, :shutdown)
    {:noreply, %{state | half: half}}
  end

  def handle_info({:connection_open, pid}, state), do: {:noreply, %{state | half: Bounded.delete(state.half, pid)}}

  def handle_info({:DOWN, _ref, :process, pid, _reason}, state),
    do: {:noreply, %{state | half: Bounded.delete(state.half, pid)}}

  def handle_info({:EXIT, acceptor, reason}, %{acceptor: acceptor} = state), do: {:stop, reason, state}
  def handle_info(_other, state), do: {:noreply, state}
end
