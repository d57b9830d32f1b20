defmodule Ockam.Report do
  @moduledoc """
  What the runtime's reports tell of the processes here: neither state nor messages, for there are keys and payloads in them. The error that
  ended a process is told as it is; in a defect of this code it may name a value.
  """

  @doc "For a server's `format_status/1` (OTP 25)."
  @spec hide(map) :: map
  def hide(status) do
    Map.new(status, fn
      {key, _value} when key in [:state, :message] -> {key, :hidden}
      {:log, _events} -> {:log, []}
      other -> other
    end)
  end
end
