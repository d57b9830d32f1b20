defmodule Ockam.Relay do
  @moduledoc """
  Hands a session's events to a process, its argument: `{:ockam_opened, info}`, then `{:ockam_received, session, message}`. The process
  answers with `Ockam.Session.write/4`.
  """
  @behaviour Ockam.Handler

  @impl true
  def opened(info, pid) do
    send(pid, {:ockam_opened, info})
    {[], {pid, info.session}}
  end

  @impl true
  def received(message, {pid, session} = state) do
    send(pid, {:ockam_received, session, message})
    {[], state}
  end
end
