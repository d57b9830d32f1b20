defmodule Ockam.Handler do
  @moduledoc """
  What an application is to a session: it is told what happened, and answers with what is to be written. It runs in the session's process.
  """

  @typedoc "A payload with its inner onward and return routes (REC-011)."
  @type write :: {payload :: binary, onward :: [Ockam.Address.t()], return :: [Ockam.Address.t()]}
  @typedoc "What is known of a channel that has opened."
  @type info :: %{
          session: pid,
          role: :initiator | :responder,
          profile: Ockam.Profile.t(),
          peer: binary,
          binding: binary,
          limit: non_neg_integer
        }

  @callback opened(info, arg :: term) :: {[write], state :: term}
  @callback received(Ockam.Message.t(), state :: term) :: {[write], state :: term}
end
