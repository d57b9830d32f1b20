defmodule Ockam.Echo do
  @moduledoc """
  The echo contract: an initiator sends one payload, and both sides send every payload back to its inner return route. The argument is the
  initiator's payload and the route of the application that it is for, nil for the profile's own.
  """
  @behaviour Ockam.Handler

  @impl true
  def opened(%{role: role, profile: profile}, {greeting, service}) do
    here = application(profile)
    writes = if role == :initiator, do: [{greeting, service || here, here}], else: []
    {writes, here}
  end

  @impl true
  # Where the profile has applications, a payload for another one is dropped (section 11).
  def received(%{onward: onward}, [_name] = here) when onward != here, do: {[], here}
  def received(message, here), do: {[{message.body, message.return, here}], here}

  defp application(%{application: nil}), do: []
  defp application(%{application: name}), do: [{:local, name}]
end
