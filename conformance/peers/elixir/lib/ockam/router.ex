defmodule Ockam.Router do
  @moduledoc """
  A router on one TCP and one UDP address (section 8): it forwards between them what `Ockam.Hop` lets pass.

  Next hops over TCP are `Ockam.Link` processes, one for each remote address, names are resolved in tasks; neither delays other messages
  (ROUT-006), and of each there is a bounded number.
  """
  use GenServer, restart: :temporary
  alias Ockam.{Address, Hop, Link, Profile}

  @resolving 64
  @resolve_wait 5_000

  @typedoc "What the processes of a router share."
  @type t :: %{hop: Hop.t(), udp: :inet.socket(), udp_here: Address.t(), id: reference}

  @doc "Listens on a host, over both transports. `allow` tells of a host whether it may be a source and a next hop (ROUT-007)."
  @spec listen(Address.host(), :inet.port_number(), (Address.host() -> boolean)) ::
          {:ok, pid, tcp :: Address.t(), udp :: Address.t()} | {:error, term}
  def listen(host, port, allow) do
    with {:ok, pid} <- DynamicSupervisor.start_child(Ockam.Connections, {__MODULE__, {host, port, allow}}) do
      {tcp, udp} = GenServer.call(pid, :bound)
      {:ok, pid, tcp, udp}
    end
  end

  @doc false
  def start_link(args), do: GenServer.start_link(__MODULE__, args)

  @impl true
  def init({host, port, allow}) do
    family = if byte_size(host) == 16, do: :inet6, else: :inet
    at = [:binary, family, ip: Address.ip(host), active: false]
    sizes = [recbuf: 4_194_304, sndbuf: 4_194_304, buffer: 65_536]

    with {:ok, tcp} <- :gen_tcp.listen(port, at ++ [backlog: 1024, reuseaddr: true] ++ Link.options()),
         {:ok, udp} <- :gen_udp.open(port, at ++ sizes) do
      bound = [tcp_here, udp_here] = [here(:tcp, tcp), here(:udp, udp)]
      {:ok, profile} = Profile.lookup("v1")
      hop = %Hop{profile: profile, bound: bound, allow: allow}
      router = %{hop: hop, udp: udp, udp_here: udp_here, id: make_ref()}
      spawn_link(fn -> accept(tcp, router) end)
      :ok = :inet.setopts(udp, active: :once)
      {:ok, %{router: router, tcp_here: tcp_here}}
    else
      {:error, reason} -> {:stop, {:shutdown, reason}}
    end
  end

  defp here(kind, socket) do
    {:ok, {ip, port}} = :inet.sockname(socket)
    Address.from_socket(kind, ip, port)
  end

  defp accept(listening, router) do
    case :gen_tcp.accept(listening) do
      {:ok, socket} -> Link.serve(socket, router)
      {:error, :closed} -> exit(:shutdown)
      {:error, _out_of_descriptors} -> Process.sleep(20)
    end

    accept(listening, router)
  end

  @impl true
  def handle_call(:bound, _from, state), do: {:reply, {state.tcp_here, state.router.udp_here}, state}

  @impl true
  def handle_info({:udp, socket, ip, port, bytes}, %{router: router} = state) do
    case take(router, router.udp_here, Address.from_socket(:udp, ip, port), bytes) do
      {:reply, pong} -> _ = :gen_udp.send(socket, ip, port, pong)
      :ok -> :ok
    end

    :ok = :inet.setopts(socket, active: :once)
    {:noreply, state}
  end

  def handle_info(_other, state), do: {:noreply, state}

  @doc "Does what is to be done with a message, but for a reply to its source."
  @spec take(t, Address.t(), Address.t(), binary) :: :ok | {:reply, binary}
  def take(router, here, source, bytes) do
    case Hop.judge(router.hop, here, source, bytes) do
      {:forward, next, message} -> forward(router, next, message)
      {:resolve, named, message} -> resolve(router, named, message)
      {:reply, pong} -> {:reply, pong}
      :drop -> :ok
    end
  end

  defp forward(router, {:tcp, _host, _port} = next, message), do: Link.offer(router, next, message)

  defp forward(router, {:udp, host, port}, message) do
    with {:ok, bytes} <- Hop.leave(router.hop, router.udp_here, message),
         do: :gen_udp.send(router.udp, Address.ip(host), port, bytes)

    :ok
  end

  # WIRE-014
  defp resolve(router, {kind, {:dns, name}, port}, message) do
    _started_or_dropped =
      Task.Supervisor.start_child(Ockam.Resolvers, fn ->
        with {:ok, ip} <- lookup(to_charlist(name)),
             {:forward, next, message} <- Hop.numeric(router.hop, Address.from_socket(kind, ip, port), message),
             do: forward(router, next, message)
      end)

    :ok
  end

  defp lookup(name) do
    with {:error, _reason} <- :inet.getaddr(name, :inet, @resolve_wait), do: :inet.getaddr(name, :inet6, @resolve_wait)
  end

  @doc "How many names are resolved at once."
  @spec resolving() :: pos_integer
  def resolving, do: @resolving
end
