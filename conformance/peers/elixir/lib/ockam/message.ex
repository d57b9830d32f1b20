defmodule Ockam.Message do
  @moduledoc "A wire message in parts (section 4). `type` is nil where the profile has none."

  @ping 0
  @pong 1
  @payload 2
  @m1 3
  @m2 4
  @m3 5

  defstruct onward: [], return: [], type: nil, body: ""

  @type t :: %__MODULE__{
          onward: [Ockam.Address.t()],
          return: [Ockam.Address.t()],
          type: 0..5 | nil,
          body: binary
        }

  @doc "The number of a message type."
  @spec type(:ping | :pong | :payload | :m1 | :m2 | :m3) :: 0..5
  def type(:ping), do: @ping
  def type(:pong), do: @pong
  def type(:payload), do: @payload
  def type(:m1), do: @m1
  def type(:m2), do: @m2
  def type(:m3), do: @m3
end
