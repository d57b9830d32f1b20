defmodule Ockam.Keys do
  @moduledoc "The keys of section 12, and pairs of endpoints that are wired to each other."
  alias Ockam.{Endpoint, Profile}

  @a {:tcp, <<127, 0, 0, 1>>, 54_321}
  @b {:tcp, <<127, 0, 0, 1>>, 4000}

  def range(from), do: for(i <- from..(from + 31), into: <<>>, do: <<i>>)
  def static(:initiator), do: range(0x00)
  def static(:responder), do: range(0x01)
  def ephemeral(:initiator), do: range(0x20)
  def ephemeral(:responder), do: range(0x41)

  def profile(name) do
    {:ok, profile} = Profile.lookup(name)
    profile
  end

  @doc "Options of one endpoint, with the keys of section 12 and the addresses of its example."
  def options(role, name, over) do
    {here, remote} = if role == :initiator, do: {@a, @b}, else: {@b, @a}
    profile = profile(name)

    {here, remote} =
      if over == :datagram, do: {put_elem(here, 0, :udp), put_elem(remote, 0, :udp)}, else: {here, remote}

    local = if profile.node and over == :datagram, do: [address: "local-#{role}"], else: []

    listener =
      if profile.listener, do: [listener: profile.listener, route: [remote, {:local, profile.listener}]], else: []

    [
      role: role,
      profile: profile,
      over: over,
      here: here,
      remote: remote,
      static: static(role),
      ephemeral: ephemeral(role)
    ] ++
      [policy: :any, timeout: 10_000] ++ local ++ listener
  end

  @doc "An initiator and a responder that are open, with overrides for both."
  def pair(name, over, overrides \\ []) do
    {events, i} = Endpoint.open(Keyword.merge(options(:initiator, name, over), overrides), 0)
    {[], r} = Endpoint.open(Keyword.merge(options(:responder, name, over), overrides), 0)
    {_events, i, r} = pump(events, i, r)
    {i, r}
  end

  @doc "Carries messages to and fro until nothing is sent; returns what else happened, tagged by role."
  def pump(events, from, to) do
    {said, all} = carry(Enum.map(events, &{from.role, &1}), %{from.role => from, to.role => to}, [])
    {said, all[from.role], all[to.role]}
  end

  defp carry([], all, said), do: {Enum.reverse(said), all}

  defp carry([{role, {:send, _route, bytes}} | rest], all, said) do
    other = if role == :initiator, do: :responder, else: :initiator
    {events, endpoint} = Endpoint.feed(all[other], wrap(all[other], bytes), nil, 0)
    carry(rest ++ Enum.map(events, &{other, &1}), Map.put(all, other, endpoint), said)
  end

  defp carry([event | rest], all, said), do: carry(rest, all, [event | said])

  def wrap(%{over: :stream}, bytes), do: <<byte_size(bytes)::16, bytes::binary>>
  def wrap(_endpoint, bytes), do: bytes

  def hex(text), do: text |> String.replace(~r/\s/, "") |> Base.decode16!(case: :lower)
end
