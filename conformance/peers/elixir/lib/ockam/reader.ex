defmodule Ockam.Reader do
  @moduledoc """
  Blocking reads, for an application with a process of its own (IO-002, IO-003, IO-006, CHAN-009). As a handler its argument is a function,
  which runs in that process with a reader, once for each channel that opens; when it returns, the channel is closed.

      handler: {Ockam.Reader, fn reader ->
        {{:ok, question}, reader} = Ockam.Reader.read(reader, 65_535, 5_000)
        Ockam.Reader.write(reader, answer(question))
      end}

  A session waits until its application is done with a message and asks for the next one: nothing piles up between them.
  """
  @behaviour Ockam.Handler

  @enforce_keys [:session, :info]
  # message: the last one read, or in part; rest: what of it is still to be read; asked: whether the session is to send another one
  defstruct [:session, :info, :message, :rest, asked: false]

  @type t :: %__MODULE__{}
  @typedoc "A whole message or its last part; a part that fills the buffer, more of the same message follows; or why there is none."
  @type result :: {:ok, binary} | {:more, binary} | {:error, :timeout | :closed}

  @doc """
  Reads a message of at most `max` bytes, or that much of a longer one. A read that is given up after `timeout` milliseconds has lost
  nothing: the next one goes on where it was.
  """
  @spec read(t, pos_integer, timeout) :: {result, t}
  def read(reader, max, timeout \\ :infinity)

  def read(%__MODULE__{rest: nil} = reader, max, timeout) do
    session = reader.session
    unless reader.asked, do: send(session, {self(), :next})

    receive do
      {^session, message} -> part(%{reader | asked: false, message: message}, message.body, max)
      {:DOWN, _ref, :process, ^session, _reason} -> {{:error, :closed}, reader}
    after
      timeout -> {{:error, :timeout}, %{reader | asked: true}}
    end
  end

  def read(reader, max, _timeout), do: part(reader, reader.rest, max)

  defp part(reader, bytes, max) do
    case bytes do
      <<part::binary-size(max), rest::binary>> when rest != "" -> {{:more, part}, %{reader | rest: rest}}
      whole -> {{:ok, whole}, %{reader | rest: nil}}
    end
  end

  @doc "Writes a payload, before the first read or after one that gave bytes. A refused write is dropped."
  @spec write(t, binary, [Ockam.Address.t()], [Ockam.Address.t()]) :: :ok
  def write(%__MODULE__{asked: false} = reader, payload, onward \\ [], return \\ []) do
    send(reader.session, {self(), {payload, onward, return}})
    :ok
  end

  @impl true
  def opened(info, application) do
    session = self()

    {pid, _ref} =
      spawn_monitor(fn ->
        Process.monitor(session)
        application.(%__MODULE__{session: session, info: info})
      end)

    {writes(pid, []), pid}
  end

  @impl true
  def received(message, pid) do
    send(pid, {self(), message})
    {writes(pid, []), pid}
  end

  # What the application writes until it asks for more. Its end is the session's, when that has written this.
  defp writes(pid, written) do
    receive do
      {^pid, :next} ->
        Enum.reverse(written)

      {^pid, write} ->
        writes(pid, [write | written])

      {:DOWN, _ref, :process, ^pid, _reason} = ended ->
        send(self(), ended)
        Enum.reverse(written)
    end
  end
end
