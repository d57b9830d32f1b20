defmodule Ockam.Adapter do
  @moduledoc "The adapter for ockamtest, as conformance/harness/PROTOCOL.md has it: its verbs, and those that open sockets."
  alias Ockam.{Channels, Control, Echo, EchoReader, Notation, Profile, Secrets, Stateless}

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
         vault op / secret type length value exportable label to ikm public nonce ad data
         listen on profile static / peer address deadline buffer giveup
         connect to profile static / peer route service deadline buffer giveup
         """
         |> String.split("\n", trim: true)
         |> Map.new(fn line ->
           {[verb | needed], more} = line |> String.split() |> Enum.split_while(&(&1 != "/"))
           {verb, {needed, needed ++ Enum.drop(more, 1)}}
         end)
  @capabilities "verbs=#{Enum.join(Map.keys(@verbs), ",")} profiles=v1,c09,e09 roles=initiator,responder " <>
                  "over=stream,message,datagram forms=handshake,transport,inner,route,address,u2le,frames " <>
                  "transports=tcp,udp channels=1024 options=ephemeral,peer,local,remote,route,address,listener," <>
                  "window,limit,deadline,from,end,onward,return,service,buffer,giveup"

  @v1 elem(Profile.lookup("v1"), 1)

  @doc "Serves the control connection to its end."
  def main do
    Ockam.Cli.reports_to_stderr()
    {:ok, _started} = Application.ensure_all_started(:ockam)
    Control.serve(&request/3, & &1.done, %{greeted: false, channels: %{}, secrets: Secrets.new(), done: false})
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

    {:ok, "", %{state | channels: %{}, secrets: Secrets.new()}}
  end

  defp verb(verb, %{"ch" => _number} = f, state), do: keep(:channels, Channels.verb(verb, f, state.channels), state)
  defp verb("vault", f, state), do: keep(:secrets, Secrets.operate(f, state.secrets), state)
  defp verb(verb, f, _state) when verb in ["listen", "connect"], do: socket(f["on"], f["to"], f)

  defp verb(verb, f, _state) when verb in ["decode", "encode"],
    do: Stateless.codec(verb, f["as"], f, f["profile"] || @v1)

  defp verb(verb, f, _state), do: Stateless.primitive(verb, f)

  defp keep(key, {:ok, text, value}, state), do: {:ok, text, %{state | key => value}}
  defp keep(_key, result, _state), do: result

  defp socket(on, to, f) do
    listener = for {:local, name} <- [f["address"]], do: {:listener, name}
    options = [profile: f["profile"], channel: Channels.options(f), handler: handler(f)] ++ listener

    case if(on,
           do: Ockam.listen([{:address, on} | options]),
           else: Ockam.connect([{:route, f["route"] || [to]} | options])
         ) do
      {:ok, _listener, at} -> {:ok, ["at=", Notation.address(at)]}
      {:ok, _connection} -> {:ok, ""}
      {:error, _reason} -> {:error, :internal}
    end
  end

  # An application that is told how to read is one that reads. A number of 0 tells nothing.
  defp handler(f) do
    case {{"hello", f["service"]}, f["buffer"] || 0, f["giveup"] || 0} do
      {greeting, 0, 0} -> {Echo, greeting}
      {greeting, buffer, 0} -> EchoReader.handler(greeting, buffer, :infinity)
      {greeting, 0, give_up} -> EchoReader.handler(greeting, 65_535, give_up)
      {greeting, buffer, give_up} -> EchoReader.handler(greeting, buffer, give_up)
    end
  end
end
