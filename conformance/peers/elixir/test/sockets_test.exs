defmodule Ockam.SocketsTest do
  use ExUnit.Case
  import Ockam.Keys
  alias Ockam.{Crypto, Echo, Message, Relay, Router, Session, Wire}

  @loopback <<127, 0, 0, 1>>

  defp options(name, handler) do
    key = Crypto.private_key()
    [profile: profile(name), handler: handler, channel: [static: fn -> key end, policy: :any, timeout: 5_000]]
  end

  defp listen(kind, name) do
    options = [{:address, {kind, @loopback, 0}} | options(name, {Echo, {"", nil}})]
    {:ok, pid, here} = Ockam.listen(options)
    on_exit(fn -> Ockam.stop(pid) end)
    {pid, here}
  end

  # The session of a channel with a listener, whose events come to the test. In e09 some handshakes end, because their m3 cannot travel: then
  # another one.
  defp open(name, route, left \\ 5) do
    route_and_listener = route ++ List.wrap(profile(name).listener && {:local, profile(name).listener})
    {:ok, pid} = Ockam.connect([{:route, route_and_listener} | options(name, {Relay, self()})])
    ref = Process.monitor(pid)

    receive do
      {:ockam_opened, info} -> info.session
      {:DOWN, ^ref, :process, ^pid, _reason} when left > 0 and name == "e09" -> open(name, route, left - 1)
    after
      2_000 -> flunk("no channel in #{name}")
    end
  end

  defp echoes?(session, name, payload) do
    here = for name <- List.wrap(profile(name).application), do: {:local, name}
    :ok = Session.write(session, payload, here, here)
    assert_receive {:ockam_received, ^session, %{body: ^payload}}, 2_000
  end

  for {kind, name} <- [tcp: "v1", udp: "v1", tcp: "c09", udp: "c09", udp: "e09"] do
    test "many sessions over #{kind} in #{name}, of which one crashes" do
      {kind, name} = {unquote(kind), unquote(name)}
      {_pid, here} = listen(kind, name)
      before = sessions()
      victim = open(name, [here])
      served = sessions() -- (before ++ [victim])
      others = for _ <- 1..20, do: open(name, [here])
      [pid | _half_open] = served
      Process.exit(pid, :kill)
      for session <- others, do: echoes?(session, name, :crypto.strong_rand_bytes(100) |> Base.encode16())
      assert Process.alive?(pid) == false
    end
  end

  defp sessions, do: for({_, pid, _, _} <- DynamicSupervisor.which_children(Ockam.Sessions), is_pid(pid), do: pid)

  test "a stream that ends, or says nothing good, leaves no process behind" do
    {_pid, {:tcp, _, port}} = listen(:tcp, "v1")
    before = length(connections())

    for bytes <- ["", <<0>>, <<0, 9, 1>>, <<0, 0>>, <<0, 4, "junk">>] do
      {:ok, socket} = :gen_tcp.connect({127, 0, 0, 1}, port, [:binary, active: false])
      :ok = :gen_tcp.send(socket, bytes)
      :ok = :gen_tcp.shutdown(socket, :write)
      assert {bytes, :gen_tcp.recv(socket, 0, 2_000)} == {bytes, {:error, :closed}}
    end

    assert eventually(fn -> length(connections()) == before end)
  end

  defp connections, do: DynamicSupervisor.which_children(Ockam.Connections)

  defp eventually(check, left \\ 100) do
    cond do
      check.() -> true
      left == 0 -> false
      true -> Process.sleep(10) && eventually(check, left - 1)
    end
  end

  test "a channel through a router, over TCP on one side and UDP on the other" do
    {:ok, router, tcp, udp} = Router.listen(@loopback, 0, &(&1 == @loopback))
    on_exit(fn -> Ockam.stop(router) end)
    {_pid, behind_udp} = listen(:udp, "v1")
    {_pid, behind_tcp} = listen(:tcp, "v1")
    one = open("v1", [tcp, behind_udp])
    other = open("v1", [udp, behind_tcp])
    # These two share the router's connection, and have a local address each.
    third = open("v1", [udp, behind_tcp])
    for session <- [one, other, third, one, other], do: echoes?(session, "v1", "through a hop")
  end

  test "a router forwards for nobody else, and not to itself" do
    {:ok, router, tcp, udp} = Router.listen(@loopback, 0, &(&1 == @loopback))
    on_exit(fn -> Ockam.stop(router) end)
    {:ok, socket} = :gen_udp.open(0, [:binary, ip: {127, 0, 0, 1}, active: true])
    {:ok, port} = :inet.port(socket)
    {:udp, _, at} = udp
    here = {:udp, @loopback, port}

    for onward <- [
          [here],
          [udp],
          [udp, udp],
          [udp, tcp],
          [udp, {:local, "x"}, here],
          [udp, {:udp, <<127, 0, 0, 2>>, port}]
        ] do
      {:ok, bytes} = Wire.encode(%Message{onward: onward, type: 2, body: "x"}, profile("v1"))
      :ok = :gen_udp.send(socket, {127, 0, 0, 1}, at, bytes)
    end

    {:ok, bytes} = Wire.encode(%Message{onward: [udp, here], type: 2, body: "last"}, profile("v1"))
    :ok = :gen_udp.send(socket, {127, 0, 0, 1}, at, bytes)
    assert_receive {:udp, ^socket, _, ^at, bytes}, 2_000
    assert {:ok, %{onward: [^here], return: [^udp, ^here], body: "last"}} = Wire.decode(bytes, profile("v1"))
  end

  test "no report has keys or payloads of a state or a message" do
    status = %{state: %{key: "secret"}, message: {:write, "secret"}, log: ["secret"], reason: :shutdown}
    assert Ockam.Report.hide(status) == %{state: :hidden, message: :hidden, log: [], reason: :shutdown}
    {pid, _here} = listen(:tcp, "v1")
    refute inspect(:sys.get_status(pid)) =~ "acceptor"
  end
end
