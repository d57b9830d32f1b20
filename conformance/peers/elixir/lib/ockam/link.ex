defmodule Ockam.Link do
  @moduledoc """
  A router's TCP connection: one for each remote address, kept, and used both ways (ROUT-004). The process connects and writes; another
  one, linked to it, reads, so that a side that does not read is still heard. The queue of messages is bounded (ROUT-006).
  """
  use GenServer, restart: :temporary
  alias Ockam.{Address, Frames, Hop, Message, Router}

  @queue 256
  @connect_wait 5_000

  @doc "The options of its sockets."
  @spec options() :: list
  def options,
    do: [
      packet: :raw,
      nodelay: true,
      buffer: 65_536,
      exit_on_close: false,
      send_timeout: 10_000,
      send_timeout_close: true
    ]

  @doc "Serves a connection that was accepted."
  @spec serve(:inet.socket(), Router.t()) :: :ok
  def serve(socket, router) do
    with {:ok, {ip, port}} <- :inet.peername(socket),
         {:ok, pid} <- start(router, Address.from_socket(:tcp, ip, port), :accept),
         :ok <- :gen_tcp.controlling_process(socket, pid) do
      GenServer.cast(pid, {:accepted, socket})
    else
      _gone_or_too_many -> :gen_tcp.close(socket)
    end

    :ok
  end

  @doc "Hands over a message for a remote address, over the connection that there is or a new one, or drops it."
  @spec offer(Router.t(), Address.t(), Message.t()) :: :ok
  def offer(router, remote, message) do
    case Registry.lookup(Ockam.Remotes, {router.id, remote}) do
      [{pid, _value}] -> offer_to(pid, {:message, message})
      [] -> dial(router, remote, message)
    end
  end

  defp dial(router, remote, message) do
    case start(router, remote, :dial) do
      {:ok, pid} -> offer_to(pid, {:message, message})
      {:error, {:already_started, pid}} -> offer_to(pid, {:message, message})
      _too_many -> :ok
    end
  end

  defp offer_to(pid, item) do
    case Process.info(pid, :message_queue_len) do
      {:message_queue_len, length} when length < @queue -> GenServer.cast(pid, item)
      _full_or_gone -> :ok
    end
  end

  defp start(router, remote, how), do: DynamicSupervisor.start_child(Ockam.Links, {__MODULE__, {router, remote, how}})

  @doc false
  def start_link({router, remote, _how} = args) do
    GenServer.start_link(__MODULE__, args, name: {:via, Registry, {Ockam.Remotes, {router.id, remote}}})
  end

  @impl true
  def init({router, remote, how}),
    do: {:ok, %{router: router, remote: remote, socket: nil, here: nil}, {:continue, how}}

  @impl true
  def handle_continue(:accept, state), do: {:noreply, state}

  def handle_continue(:dial, %{remote: {:tcp, host, port}} = state) do
    family = if byte_size(host) == 16, do: :inet6, else: :inet

    case :gen_tcp.connect(Address.ip(host), port, [:binary, family, {:active, false} | options()], @connect_wait) do
      {:ok, socket} -> connected(socket, state)
      {:error, _reason} -> {:stop, :normal, state}
    end
  end

  @impl true
  def handle_cast({:accepted, socket}, state), do: connected(socket, state)

  # The socket is on its way.
  def handle_cast(item, %{socket: nil} = state) do
    GenServer.cast(self(), item)
    {:noreply, state}
  end

  def handle_cast({:message, message}, state) do
    case Hop.leave(state.router.hop, state.here, message) do
      {:ok, bytes} -> write(bytes, state)
      {:error, _class} -> {:noreply, state}
    end
  end

  def handle_cast({:bytes, bytes}, state), do: write(bytes, state)

  defp connected(socket, %{router: router, remote: remote} = state) do
    case :inet.sockname(socket) do
      {:ok, {ip, port}} ->
        here = Address.from_socket(:tcp, ip, port)
        writer = self()
        spawn_link(fn -> read(socket, Frames.new(), fn bytes -> arrived(router, here, remote, writer, bytes) end) end)
        {:noreply, %{state | socket: socket, here: here}}

      {:error, _gone} ->
        {:stop, :normal, state}
    end
  end

  # A frame that is cut off by a time limit is followed by the end of the connection, never by another frame (TRAN-001).
  defp write(bytes, state) do
    with {:ok, frame} <- Frames.frame(bytes), :ok <- :gen_tcp.send(state.socket, frame) do
      {:noreply, state}
    else
      {:error, _reason} -> {:stop, :normal, state}
    end
  end

  defp arrived(router, here, remote, writer, bytes) do
    with {:reply, pong} <- Router.take(router, here, remote, bytes), do: offer_to(writer, {:bytes, pong})
  end

  # Reads no further before the messages of a piece are done with. The writer closes the connection.
  defp read(socket, frames, take) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, data} ->
        {messages, frames} = Frames.add(frames, data)
        Enum.each(messages, take)
        read(socket, frames, take)

      {:error, _end} ->
        exit(:shutdown)
    end
  end
end
