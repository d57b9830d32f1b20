defmodule Ockam.Bounded do
  @moduledoc "Keys in the order of their last use, at most so many: who is one too many makes the oldest give way (CHAN-012, TRAN-021). Pure."

  @enforce_keys [:max]
  defstruct max: 0, next: 0, order: :gb_sets.new(), at: %{}

  @type t :: %__MODULE__{}

  @doc "No keys yet."
  @spec new(pos_integer) :: t
  def new(max), do: %__MODULE__{max: max}

  @doc "Puts a key last, whether it is there or not. Returns the key that has to give way, or nil."
  @spec touch(t, term) :: {term | nil, t}
  def touch(bounded, key) do
    bounded = delete(bounded, key)
    n = bounded.next
    bounded = %{bounded | next: n + 1, order: :gb_sets.add({n, key}, bounded.order), at: Map.put(bounded.at, key, n)}

    if map_size(bounded.at) > bounded.max do
      {_n, oldest} = :gb_sets.smallest(bounded.order)
      {oldest, delete(bounded, oldest)}
    else
      {nil, bounded}
    end
  end

  @doc "Whether a key is there."
  @spec member?(t, term) :: boolean
  def member?(bounded, key), do: is_map_key(bounded.at, key)

  @doc "Takes a key out."
  @spec delete(t, term) :: t
  def delete(bounded, key) do
    case Map.pop(bounded.at, key) do
      {nil, _at} -> bounded
      {n, at} -> %{bounded | order: :gb_sets.delete({n, key}, bounded.order), at: at}
    end
  end
end
