defmodule Ockam.Adapter do
  @moduledoc "The adapter for ockamtest, as conformance/harness/PROTOCOL.md has it, on top of `Ockam.Endpoint` and the codec."
  alias Ockam.{Control, Echo, Endpoint, Frames, Notation, Profile, Stateless}
  import Ockam.Notation, only: [hex: 1]

  # Each verb with the fields that it needs and, behind the slash, those that it heeds as well.
  @verbs """
         hello versions
         capabilities
         reset
         quit
         open ch role profile over static / ephemeral peer local remote route address listener window limit deadline
         feed ch / data from end
         write ch data / onward return
         tick ch ms
         claims ch
         close ch
         decode as data / profile limit
         encode as / profile onward return type body route address value frames
         x25519 private / public
         seal key nonce ad data
         unseal key nonce ad data
         hkdf salt n / ikm
         sha256 data
         listen on profile static / peer address deadline
         connect to profile static / peer route service deadline
         """
         |> String.split("\n", trim: true)
         |> Map.new(fn line ->
           {[verb | needed], more} = line |> String.split() |> Enum.split_while(&(&1 != "/"))
           {verb, {needed, needed ++ Enum.drop(more, 1)}}
         end)
  @capabilities "verbs=#{Enum.join(Map.keys(@verbs), ",")} profiles=v1,c09,e09 roles=initiator,responder " <>
                  "over=stream,message,datagram forms=handshake,transport,inner,route,address,u2le,frames " <>
                  "transports=tcp,udp channels=1024 options=ephemeral,peer,local,remote,route,address,listener," <>
                  "window,limit,deadline,from,end,onward,return,service"

  @v1 elem(Profile.lookup("v1"), 1)

  @doc "Serves the control connection to its end."
  def main do
    Ockam.Cli.reports_to_stderr()
    {:ok, _started} = Application.ensure_all_started(:ockam)
    Control.serve(&request/3, & &1.done, %{greeted: false, channels: %{}, done: false})
    System.halt(0)
  end

  defp request(verb, fields, state) do
    {needed, known} = Map.get(@verbs, verb, {[], []})
    values = Map.new(fields, fn {key, text} -> {key, Control.value(key, text, fields)} end)

    cond do
      verb != "hello" and not state.greeted -> {:error, :sequence}
      not is_map_key(@verbs, verb) or Map.keys(fields) -- known != [] -> :unsupported
      needed -- Map.keys(fields) != [] or :error in Map.values(values) -> {:error, :argument}
      :unsupported in Map.values(values) -> :unsupported
      true -> verb(verb, Map.new(values, fn {key, {:ok, value}} -> {key, value} end), state)
    end
  end

  defp verb("hello", %{"versions" => versions}, state) do
    if "1" in versions,
      do: {:ok, "version=1 line=262144 name=ockam-elixir-0.1", %{state | greeted: true}},
      else: {:error, :version}
  end

  defp verb("capabilities", _fields, _state), do: {:ok, @capabilities}
  defp verb("quit", _fields, state), do: {:ok, "", %{state | done: true}}

  defp verb("reset", _fields, state) do
    for tree <- [Ockam.Connections, Ockam.Sessions], {_, pid, _, _} <- DynamicSupervisor.which_children(tree) do
      DynamicSupervisor.terminate_child(tree, pid)
    end

    {:ok, "", %{state | channels: %{}}}
  end

  defp verb("open", f, state) do
    given = for key <- ~w(role over remote ephemeral window limit route)a, v = f["#{key}"], do: {key, v}
    names = for key <- [:address, :listener], {:local, v} <- [f["#{key}"]], do: {key, v}

    if byte_size(f["static"]) == 32 and f["ch"] < 1024,
      do:
        step(
          Endpoint.open(given ++ names ++ [{:here, f["local"]}, {:profile, f["profile"]} | channel(f)], 0),
          f,
          0,
          state
        ),
      else: {:error, :argument}
  end

  defp verb(verb, %{"ch" => ch} = f, state) do
    case state.channels do
      %{^ch => {endpoint, now}} -> on_channel(verb, f, endpoint, now, state)
      _none -> {:error, :no_channel}
    end
  end

  defp verb(verb, f, _state) when verb in ["listen", "connect"], do: socket(f["on"], f["to"], f)

  defp verb(verb, f, _state) when verb in ["decode", "encode"],
    do: Stateless.codec(verb, f["as"], f, f["profile"] || @v1)

  defp verb(verb, f, _state), do: Stateless.primitive(verb, f)

  defp channel(f) do
    policy = if f["peer"], do: {:only, f["peer"]}, else: :any
    [static: f["static"], policy: policy, timeout: f["deadline"] || 10_000]
  end

  defp on_channel("feed", f, endpoint, now, state) do
    {events, endpoint} = if f["data"], do: Endpoint.feed(endpoint, f["data"], f["from"], now), else: {[], endpoint}
    step({events, if(f["end"], do: Endpoint.finish(endpoint), else: endpoint)}, f, now, state)
  end

  defp on_channel("write", f, endpoint, now, state) do
    with {:ok, events, endpoint} <- Endpoint.write(endpoint, f["data"], f["onward"] || [], f["return"] || [], now),
         do: step({events, endpoint}, f, now, state)
  end

  defp on_channel("tick", f, endpoint, now, state),
    do: step(Endpoint.tick(endpoint, now + f["ms"]), f, now + f["ms"], state)

  defp on_channel("close", f, endpoint, now, state), do: {:ok, "", keep(state, f, Endpoint.close(endpoint), now)}

  defp on_channel("claims", _f, endpoint, _now, _state) do
    {:ok, Enum.map_join(Endpoint.claims(endpoint), " ", fn {key, value} -> "#{key}=#{claim(value)}" end)}
  end

  defp claim(value) when is_binary(value), do: hex(value)
  defp claim(value) when is_atom(value), do: Control.name(value)
  defp claim(value), do: value

  defp keep(state, %{"ch" => ch}, endpoint, now), do: put_in(state.channels[ch], {endpoint, now})

  defp step({events, endpoint}, f, now, state) do
    ended = Endpoint.state(endpoint) in [:closed, :failed]

    last =
      if ended,
        do: ["then=closed" | for(why when why != nil <- [Endpoint.why(endpoint)], do: [" class=", Control.name(why)])]

    {:ok, [Enum.map(events, &event(&1, endpoint)) | last || ["then=quiet"]], keep(state, f, endpoint, now)}
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

  defp socket(on, to, f) do
    listener = for {:local, name} <- [f["address"]], do: {:listener, name}
    options = [profile: f["profile"], channel: channel(f), handler: {Echo, {"hello", f["service"]}}] ++ listener

    case if(on,
           do: Ockam.listen([{:address, on} | options]),
           else: Ockam.connect([{:route, f["route"] || [to]} | options])
         ) do
      {:ok, _listener, at} -> {:ok, ["at=", Notation.address(at)]}
      {:ok, _connection} -> {:ok, ""}
      {:error, _reason} -> {:error, :internal}
    end
  end
end
