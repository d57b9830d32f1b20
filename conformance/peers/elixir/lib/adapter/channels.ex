defmodule Ockam.Channels do
  @moduledoc """
  The verbs of ockamtest's adapter protocol about channels without sockets (section 7): `Ockam.Endpoint`s by number, each with its clock.
  Fields are as `Ockam.Control` reads them.
  """
  alias Ockam.{Control, Endpoint, Frames, Notation}
  import Ockam.Notation, only: [hex: 1]

  @most 1024

  @type t :: %{non_neg_integer => {Endpoint.t(), now :: non_neg_integer}}

  @doc "What the fields `peer`, `static`, and `deadline` make of a channel."
  @spec options(map) :: keyword
  def options(f) do
    policy = if f["peer"], do: {:only, f["peer"]}, else: :any
    [static: f["static"], policy: policy, timeout: f["deadline"] || 10_000]
  end

  @doc "Carries out a verb."
  @spec verb(binary, map, t) :: {:ok, iodata} | {:ok, iodata, t} | {:error, atom}
  def verb("open", f, channels) do
    given = for key <- ~w(role over remote ephemeral window limit route)a, v = f["#{key}"], do: {key, v}
    names = for key <- [:address, :listener], {:local, v} <- [f["#{key}"]], do: {key, v}
    options = given ++ names ++ [{:here, f["local"]}, {:profile, f["profile"]} | options(f)]

    if byte_size(f["static"]) == 32 and f["ch"] < @most,
      do: step(Endpoint.open(options, 0), f, 0, channels),
      else: {:error, :argument}
  end

  def verb(verb, %{"ch" => ch} = f, channels) do
    case channels do
      %{^ch => {endpoint, now}} -> on_channel(verb, f, endpoint, now, channels)
      _none -> {:error, :no_channel}
    end
  end

  defp on_channel("feed", f, endpoint, now, channels) do
    {events, endpoint} = if f["data"], do: Endpoint.feed(endpoint, f["data"], f["from"], now), else: {[], endpoint}
    step({events, if(f["end"], do: Endpoint.finish(endpoint), else: endpoint)}, f, now, channels)
  end

  defp on_channel("write", f, endpoint, now, channels) do
    with {:ok, events, endpoint} <- Endpoint.write(endpoint, f["data"], f["onward"] || [], f["return"] || [], now),
         do: step({events, endpoint}, f, now, channels)
  end

  defp on_channel("tick", f, endpoint, now, channels),
    do: step(Endpoint.tick(endpoint, now + f["ms"]), f, now + f["ms"], channels)

  defp on_channel("close", f, endpoint, now, channels), do: {:ok, "", keep(channels, f, Endpoint.close(endpoint), now)}

  defp on_channel("claims", _f, endpoint, _now, _channels) do
    {:ok, Enum.map_join(Endpoint.claims(endpoint), " ", fn {key, value} -> "#{key}=#{claim(value)}" end)}
  end

  defp claim(value) when is_binary(value), do: hex(value)
  defp claim(value) when is_atom(value), do: Control.name(value)
  defp claim(value), do: value

  defp keep(channels, %{"ch" => ch}, endpoint, now), do: Map.put(channels, ch, {endpoint, now})

  defp step({events, endpoint}, f, now, channels) do
    ended = Endpoint.state(endpoint) in [:closed, :failed]

    last =
      if ended,
        do: ["then=closed" | for(why when why != nil <- [Endpoint.why(endpoint)], do: [" class=", Control.name(why)])]

    {:ok, [Enum.map(events, &event(&1, endpoint)) | last || ["then=quiet"]], keep(channels, f, endpoint, now)}
  end

  defp event({:send, route, bytes}, %{remote: remote} = endpoint) do
    to =
      for {_, _, _} = to when to != remote and endpoint.over == :datagram <- Enum.take(route, 1),
          do: [" to=", Notation.address(to)]

    {:ok, frame} = if endpoint.over == :stream, do: Frames.frame(bytes), else: {:ok, bytes}
    ["out=", hex(IO.iodata_to_binary(frame)), to, " "]
  end

  defp event({:opened, peer}, _), do: ["opened=", hex(peer), " "]
  defp event({:received, m}, _), do: ["got=", hex(m.body), routes(m), " "]
  defp event({:rejected, class}, _), do: ["rejected=", Control.name(class), " "]
  defp event({:failed, _class}, _), do: []

  defp routes(m),
    do:
      for({key, route} when route != [] <- [onward: m.onward, return: m.return], do: " #{key}=#{Notation.route(route)}")
end
