defmodule Ockam.App do
  @moduledoc """
  The supervision tree: sessions and connections are temporary children, so that one that crashes ends alone (CHAN-010, TRAN-023).
  """
  use Application

  # connections of routers, in and out
  @links 4096

  @impl true
  def start(_type, _args) do
    children = [
      {DynamicSupervisor, name: Ockam.Sessions, strategy: :one_for_one},
      {DynamicSupervisor, name: Ockam.Connections, strategy: :one_for_one},
      {Registry, name: Ockam.Remotes, keys: :unique},
      {DynamicSupervisor, name: Ockam.Links, strategy: :one_for_one, max_children: @links},
      {Task.Supervisor, name: Ockam.Resolvers, max_children: Ockam.Router.resolving()}
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Ockam.Supervisor)
  end
end
