defmodule Ockam.Frames do
  @moduledoc "Frames on a byte stream (section 3.1). Pure: bytes in any pieces in, complete messages out (TRAN-002, TRAN-003)."

  @max 65_535

  @typedoc "The beginning of a frame that is not complete: its pieces, the last one first, how many bytes they are, how many it has."
  @opaque t :: {[binary], non_neg_integer, pos_integer}

  @doc "No bytes yet."
  @spec new() :: t
  def new, do: {[], 0, 2}

  @doc "Takes bytes; returns the messages that are complete now."
  @spec add(t, binary) :: {[binary], t}
  def add({pieces, size, wanted}, data) do
    size = size + byte_size(data)
    # Pieces are joined when the frame is complete, so that a slow sender costs no more than a fast one.
    if size < wanted, do: {[], {[data | pieces], size, wanted}}, else: cut(join([data | pieces]), [])
  end

  defp join([one]), do: one
  defp join(pieces), do: pieces |> Enum.reverse() |> IO.iodata_to_binary()

  defp cut(<<length::16, message::binary-size(length), rest::binary>>, messages), do: cut(rest, [message | messages])
  defp cut(<<>>, messages), do: {Enum.reverse(messages), new()}

  defp cut(<<length::16, _::binary>> = rest, messages),
    do: {Enum.reverse(messages), {[rest], byte_size(rest), 2 + length}}

  defp cut(rest, messages), do: {Enum.reverse(messages), {[rest], byte_size(rest), 2}}

  @doc "Whether the stream could end here (TRAN-004)."
  @spec complete?(t) :: boolean
  def complete?({_pieces, size, _wanted}), do: size == 0

  @doc "A message as a frame: length and body together, so that they leave in one segment (TRAN-007)."
  @spec frame(binary) :: {:ok, iodata} | {:error, :too_long}
  def frame(message) when byte_size(message) > @max, do: {:error, :too_long}
  def frame(message), do: {:ok, [<<byte_size(message)::16>>, message]}
end
