defmodule Ockam.Table do
  @moduledoc """
  The sessions of a UDP endpoint: by key (a local address, or a source), by process, and by the m1 that began them. Half-open and open ones
  are bounded apart (CHAN-012): a function that adds one returns the process that has to give way, or nil. Pure.
  """
  alias Ockam.Bounded

  @half_open 1024
  @open 4096

  # sessions: key to process and m1
  defstruct sessions: %{}, keys: %{}, m1s: %{}, half: Bounded.new(@half_open), open: Bounded.new(@open)

  @type t :: %__MODULE__{}
  @type key :: binary | {:source, Ockam.Address.t()}
  @typedoc "The source and the Noise bytes of an m1; no two are the same, but for repeats (TRAN-014)."
  @type m1 :: {Ockam.Address.t(), binary | nil}

  @doc "The process of a key, or nil."
  @spec pid(t, key) :: pid | nil
  def pid(table, key) do
    case table.sessions do
      %{^key => {pid, _m1}} -> pid
      _none -> nil
    end
  end

  @doc "The key of the session that an m1 began, or nil."
  @spec begun_by(t, m1) :: key | nil
  def begun_by(table, m1), do: table.m1s[m1]

  @doc "Adds a half-open session."
  @spec put(t, key, pid, m1) :: {pid | nil, t}
  def put(table, key, pid, m1) do
    {oldest, half} = Bounded.touch(table.half, key)
    sessions = Map.put(table.sessions, key, {pid, m1})
    keys = Map.put(table.keys, pid, key)
    give_way(%{table | sessions: sessions, keys: keys, m1s: Map.put(table.m1s, m1, key), half: half}, oldest)
  end

  @doc "Takes note that a session has opened."
  @spec opened(t, pid) :: {pid | nil, t}
  def opened(table, pid) do
    case table.keys do
      %{^pid => key} ->
        {oldest, open} = Bounded.touch(table.open, key)
        give_way(%{table | half: Bounded.delete(table.half, key), open: open}, oldest)

      _gone ->
        {nil, table}
    end
  end

  @doc "Takes note that a session is in use, so that another one gives way first."
  @spec used(t, key) :: t
  def used(table, key) do
    if Bounded.member?(table.open, key), do: %{table | open: elem(Bounded.touch(table.open, key), 1)}, else: table
  end

  @doc "Takes a session out by its process."
  @spec delete(t, pid) :: t
  def delete(table, pid) do
    case Map.pop(table.keys, pid) do
      {nil, _keys} ->
        table

      {key, keys} ->
        {{_pid, m1}, sessions} = Map.pop(table.sessions, key)
        half = Bounded.delete(table.half, key)
        open = Bounded.delete(table.open, key)
        %{table | sessions: sessions, keys: keys, m1s: Map.delete(table.m1s, m1), half: half, open: open}
    end
  end

  defp give_way(table, nil), do: {nil, table}

  defp give_way(table, key) do
    pid = pid(table, key)
    {pid, delete(table, pid)}
  end
end
