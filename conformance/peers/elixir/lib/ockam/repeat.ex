defmodule Ockam.Repeat do
  @moduledoc "A handshake message that is repeated at growing intervals (TRAN-014). Pure."

  @first 500

  @enforce_keys [:message, :due, :left]
  defstruct [:message, :due, :left, interval: @first]

  @type t :: %__MODULE__{}

  @doc "Begins to repeat: so many times, or until it is answered; nothing is repeated beyond the deadline."
  @spec new(binary, integer, pos_integer | :until_answered, integer | nil) :: t | nil
  def new(message, now, times, deadline),
    do: within(%__MODULE__{message: message, due: now + @first, left: times}, deadline)

  @doc "When the next repeat is due."
  @spec due(t | nil) :: integer | nil
  def due(nil), do: nil
  def due(repeat), do: repeat.due

  @doc "The message if it is due, and what remains to be repeated."
  @spec tick(t | nil, integer, integer | nil) :: {binary | nil, t | nil}
  def tick(%__MODULE__{due: due} = repeat, now, deadline) when now >= due do
    interval = 2 * repeat.interval
    {repeat.message, within(%{repeat | due: due + interval, interval: interval, left: less(repeat.left)}, deadline)}
  end

  def tick(repeat, _now, _deadline), do: {nil, repeat}

  defp less(:until_answered), do: :until_answered
  defp less(left), do: left - 1

  defp within(%{left: 0}, _deadline), do: nil
  defp within(%{due: due}, deadline) when is_integer(deadline) and due >= deadline, do: nil
  defp within(repeat, _deadline), do: repeat
end
