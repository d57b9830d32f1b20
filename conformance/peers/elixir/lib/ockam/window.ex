defmodule Ockam.Window do
  @moduledoc "Which counters a receiver has had, and which it tries (REC-002, REC-003, REC-008). Pure."
  import Bitwise

  @last 65_535
  @default 32

  # size: W on datagrams, 1 on a stream; had: bit i tells that highest - i was received
  defstruct size: @default, highest: -1, had: 0

  @type t :: %__MODULE__{size: pos_integer, highest: integer, had: non_neg_integer}

  @doc "No counter received yet."
  @spec new(pos_integer) :: t
  def new(size \\ @default), do: %__MODULE__{size: size}

  @doc "The counters to try, the likeliest first. None when all are spent on a stream (REC-014)."
  @spec candidates(t) :: [0..65_535]
  def candidates(%__MODULE__{size: size, highest: n} = window) do
    ahead = Enum.to_list((n + 1)..min(n + size, @last)//1)
    late = for i <- 1..(size - 1)//1, n - i >= 0, (window.had >>> i &&& 1) == 0, do: n - i
    ahead ++ late
  end

  @doc "Commits a counter whose tag has verified."
  @spec commit(t, 0..65_535) :: t
  def commit(%__MODULE__{highest: n} = window, counter) when counter > n do
    had = (window.had <<< (counter - n) ||| 1) &&& (1 <<< window.size) - 1
    %{window | highest: counter, had: had}
  end

  def commit(window, counter), do: %{window | had: window.had ||| 1 <<< (window.highest - counter)}

  @doc "How many counters of the direction are spent."
  @spec spent(t) :: 0..65_536
  def spent(window), do: window.highest + 1
end
