defmodule Ockam.Session do
  @moduledoc """
  A process around one channel (or a stack of channels) and its application. Its owner, a connection or a UDP endpoint, hands it messages;
  it sends by itself. It ends with its channel.

  The mailbox is bounded: a connection waits until a message is done with (`deliver/2`), an endpoint on datagrams drops what a session is
  too busy for (`offer/2`).
  """
  use GenServer, restart: :temporary
  alias Ockam.{Address, Crypto, Frames, Stack}

  @busy 1024

  @typedoc "What a session takes: a message that a node has judged, or bytes where there is no node."
  @type item :: {:message, Ockam.Message.t()} | {:bytes, binary} | {:connect, [Address.t()]}
  @typedoc "A socket; on datagrams with the source of the channel, for a profile without routes."
  @type io :: {:tcp, :inet.socket()} | {:udp, :inet.socket(), Address.t()}

  @doc "Starts a session under `Ockam.Sessions`. `:options` are `Ockam.Stack.new/2`'s."
  @spec start(%{options: keyword, io: io, owner: pid, handler: {module, term}}) :: DynamicSupervisor.on_start_child()
  def start(args), do: DynamicSupervisor.start_child(Ockam.Sessions, {__MODULE__, args})

  @doc false
  def start_link(args), do: GenServer.start_link(__MODULE__, args)

  @doc "Hands over an item and waits until all is done; tells the channel's state."
  @spec deliver(pid, item) :: atom
  def deliver(session, item) do
    GenServer.call(session, item, :infinity)
  catch
    :exit, _reason -> :failed
  end

  @doc "Hands over an item, or drops it if the session is too busy."
  @spec offer(pid, item) :: :ok
  def offer(session, item) do
    case Process.info(session, :message_queue_len) do
      {:message_queue_len, length} when length < @busy -> GenServer.cast(session, item)
      _busy_or_gone -> :ok
    end
  end

  @doc "Writes a payload (CHAN-002, REC-010): not from the session's own handler, which returns what it writes."
  @spec write(pid, binary, [Address.t()], [Address.t()]) :: :ok | {:error, atom}
  def write(session, payload, onward \\ [], return \\ []) do
    GenServer.call(session, {:write, payload, onward, return}, :infinity)
  catch
    :exit, _reason -> {:error, :closed}
  end

  @doc false
  def format_status(status), do: Ockam.Report.hide(status)

  @impl true
  def init(%{options: options, owner: owner} = args) do
    Process.monitor(owner)
    {:ok, Map.merge(args, %{stack: Stack.new(static(options), now()), app: nil, timer: nil})}
  end

  # Section 11: some profiles have a new static key for each handshake.
  defp static(options) do
    cond do
      options[:profile].fresh_static -> Keyword.put(options, :static, Crypto.private_key())
      is_function(options[:static], 0) -> Keyword.update!(options, :static, & &1.())
      true -> options
    end
  end

  @impl true
  def handle_call({:write, payload, onward, return}, _from, state) do
    case Stack.write(state.stack, payload, onward, return, now()) do
      {:ok, events, stack} -> reply(run(events, %{state | stack: stack}), fn _state -> :ok end)
      {:error, class} -> {:reply, {:error, class}, state}
    end
  end

  def handle_call(item, _from, state), do: reply(take(item, state), &Stack.state(&1.stack))

  @impl true
  def handle_cast(item, state), do: noreply(take(item, state))

  @impl true
  def handle_info(:tick, state) do
    {events, stack} = Stack.tick(state.stack, now())
    noreply(run(events, %{state | stack: stack}))
  end

  # The owner has ended, and the socket with it.
  def handle_info({:DOWN, _ref, :process, _owner, _reason}, state), do: {:stop, :normal, state}

  defp take(item, state) do
    {events, stack} =
      case item do
        {:message, message} -> Stack.receive_message(state.stack, message, now())
        {:bytes, bytes} -> Stack.receive_bytes(state.stack, bytes, now())
        {:connect, route} -> Stack.connect(state.stack, route, now())
      end

    run(events, %{state | stack: stack})
  end

  # Carries out events in order. {:ok, state}, or {:end, state} when the session is over.
  defp run(events, state) do
    Enum.reduce_while(events, {:ok, state}, fn event, {:ok, state} ->
      case event(event, state) do
        {:ok, state} -> {:cont, {:ok, state}}
        ended -> {:halt, ended}
      end
    end)
  end

  defp event({:send, route, bytes}, state),
    do: if(transmit(state.io, route, bytes) == :ok, do: {:ok, state}, else: {:end, state})

  defp event({:failed, _class}, state), do: {:end, state}

  # A responder whose m1 was rejected has no state to keep.
  defp event({:rejected, _class}, state), do: if(Stack.begun?(state.stack), do: {:ok, state}, else: {:end, state})

  defp event({:opened, peer}, %{handler: {module, arg}, stack: stack} = state) do
    send(state.owner, {:session_open, self()})
    top = Stack.top(stack)
    limit = Ockam.Channel.payload_limit(top)
    info = %{session: self(), role: top.role, profile: top.profile, peer: peer, binding: top.h, limit: limit}
    {writes, app} = module.opened(info, arg)
    write_all(writes, %{state | app: app})
  end

  defp event({:received, message}, %{handler: {module, _arg}} = state) do
    {writes, app} = module.received(message, state.app)
    write_all(writes, %{state | app: app})
  end

  # A refused write is not fatal (section 6).
  defp write_all(writes, state) do
    Enum.reduce_while(writes, {:ok, state}, fn {payload, onward, return}, {:ok, state} ->
      with {:ok, events, stack} <- Stack.write(state.stack, payload, onward, return, now()),
           {:end, state} <- run(events, %{state | stack: stack}) do
        {:halt, {:end, state}}
      else
        {:ok, state} -> {:cont, {:ok, state}}
        {:error, _class} -> {:cont, {:ok, state}}
      end
    end)
  end

  defp transmit({:tcp, socket}, _route, bytes) do
    with {:ok, frame} <- Frames.frame(bytes), do: :gen_tcp.send(socket, frame)
  end

  # Datagrams get lost; that sending one fails is no more than that.
  defp transmit({:udp, socket, source}, route, bytes) do
    {:udp, host, port} = List.first(route, source)
    _ = :gen_udp.send(socket, Address.ip(host), port, bytes)
    :ok
  end

  defp reply({:ok, state}, answer), do: {:reply, answer.(state), schedule(state)}
  defp reply({:end, state}, _answer), do: {:stop, :normal, :failed, state}
  defp noreply({:ok, state}), do: {:noreply, schedule(state)}
  defp noreply({:end, state}), do: {:stop, :normal, state}

  defp schedule(%{stack: stack, timer: timer} = state) do
    if timer, do: Process.cancel_timer(timer)
    due = Stack.due(stack)
    %{state | timer: due && Process.send_after(self(), :tick, max(due, now()), abs: true)}
  end

  @doc "The clock of sessions, in milliseconds."
  @spec now() :: integer
  def now, do: System.monotonic_time(:millisecond)
end
