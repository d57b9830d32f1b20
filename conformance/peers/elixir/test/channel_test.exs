defmodule Ockam.ChannelTest do
  use ExUnit.Case, async: true
  import Ockam.Keys
  alias Ockam.{Endpoint, Stack, Window}

  @ways for(over <- [:stream, :message, :datagram], name <- ["v1", "c09"], do: {name, over}) ++ [{"e09", :datagram}]

  # Writes on one side; what the other one then says.
  defp say(from, to, payload) do
    {:ok, events, from} = Endpoint.write(from, payload, service(from), [], 0)
    {said, from, to} = pump(events, from, to)
    {said, from, to}
  end

  defp service(%{profile: %{application: nil}}), do: []
  defp service(%{profile: %{application: name}}), do: [{:local, name}]

  defp bytes_of({:ok, [{:send, _route, bytes}], endpoint}), do: {bytes, endpoint}

  test "a handshake with itself, and payloads both ways" do
    for {name, over} <- @ways, depth <- if(name == "e09", do: [1], else: [1, 2, 3]) do
      {i, r} = pair(name, over, depth: depth)
      assert {name, over, depth, Endpoint.state(i), Endpoint.state(r)} == {name, over, depth, :open, :open}
      assert Stack.top(i.stack).h == Stack.top(r.stack).h
      {[{:responder, {:received, one}}], i, r} = say(i, r, "hello")
      {[{:initiator, {:received, other}}], _r, _i} = say(r, i, "")
      assert {one.body, other.body} == {"hello", ""}
    end
  end

  test "each layer costs 24 bytes" do
    for depth <- 1..3 do
      {i, _r} = pair("v1", :message, here: nil, remote: nil, depth: depth)
      assert Endpoint.claims(i)[:limit] == 65_535 - 24 * depth
    end
  end

  test "the limit is what is claimed" do
    for {name, over} <- @ways do
      {i, r} = pair(name, over)
      limit = Endpoint.claims(i)[:limit]
      # e09 has a header that names the application.
      limit = if name == "e09", do: limit - 6, else: limit
      {[{:responder, {:received, message}}], i, _r} = say(i, r, :binary.copy("x", limit))
      assert byte_size(message.body) == limit
      before = Endpoint.claims(i)[:sent]
      assert Endpoint.write(i, :binary.copy("x", limit + 1), service(i), [], 0) == {:error, :too_long}
      assert Endpoint.claims(i)[:sent] == before
    end
  end

  test "handshake messages that are cut short or changed are rejected, at each byte" do
    for over <- [:message, :datagram] do
      {[{:send, _, m1}], i} = Endpoint.open(options(:initiator, "v1", over), 0)
      {[], r} = Endpoint.open(options(:responder, "v1", over), 0)
      each_bad(m1, fn bad -> assert_rejected(r, bad, over) end)
      {[{:send, _, m2}], r} = Endpoint.feed(r, m1, nil, 0)
      each_bad(m2, fn bad -> assert_rejected(i, bad, over) end)
      {[{:send, _, m3}, _opened], _i} = Endpoint.feed(i, m2, nil, 0)
      each_bad(m3, fn bad -> assert_rejected(r, bad, over) end)
      {[{:opened, _}], _r} = Endpoint.feed(r, m3, nil, 0)
    end
  end

  # Every strict prefix, and the Noise part with one bit changed at each byte. (A changed m1 is another m1.)
  defp each_bad(message, check) do
    for n <- 0..(byte_size(message) - 1), do: check.(binary_part(message, 0, n))
    noise = noise_at(message)

    if byte_size(message) - noise > 32 do
      for n <- noise..(byte_size(message) - 1) do
        <<head::binary-size(n), byte, tail::binary>> = message
        check.(<<head::binary, Bitwise.bxor(byte, 1), tail::binary>>)
      end
    end
  end

  defp noise_at(message) do
    {:ok, %{body: body}} = Ockam.Wire.decode(message, profile("v1"))
    byte_size(message) - byte_size(body)
  end

  # Section 6: fatal on a stream, without any effect on datagrams (NOISE-017).
  defp assert_rejected(endpoint, bad, over) do
    {events, after_it} = Endpoint.feed(endpoint, bad, nil, 0)

    case over do
      :message ->
        assert [{:failed, _class}] = events
        assert Endpoint.state(after_it) == :failed
        assert {[], _} = Endpoint.feed(after_it, bad, nil, 0)

      :datagram ->
        assert [{:rejected, _class}] = events
        assert after_it == endpoint
    end
  end

  test "records are tried in the window, and none twice" do
    {i, r} = pair("v1", :datagram)

    {records, _i} = Enum.map_reduce(0..99, i, fn n, i -> i |> Endpoint.write(<<n>>, [], [], 0) |> bytes_of() end)

    deliver = fn r, n ->
      case Endpoint.feed(r, Enum.at(records, n), nil, 0) do
        {[{:received, %{body: <<^n>>}}], r} -> {:ok, r}
        {[{:rejected, :authentication}], r} -> {:no, r}
      end
    end

    # 31 ahead backwards; W = 32
    {:ok, r} = deliver.(r, 31)

    r =
      Enum.reduce(30..0//-1, r, fn n, r ->
        {:ok, r} = deliver.(r, n)
        r
      end)

    for n <- 0..31, do: assert({:no, ^r} = deliver.(r, n))
    assert {:no, ^r} = deliver.(r, 64)
    {:ok, r} = deliver.(r, 63)
    assert {:no, ^r} = deliver.(r, 31)
    assert {:ok, _r} = deliver.(r, 32)
  end

  test "on a stream a record out of order fails the channel" do
    {i, r} = pair("v1", :message)
    {_first, i} = i |> Endpoint.write("1", [], [], 0) |> bytes_of()
    {second, _i} = i |> Endpoint.write("2", [], [], 0) |> bytes_of()
    assert {[{:failed, :authentication}], r} = Endpoint.feed(r, second, nil, 0)
    assert Endpoint.write(r, "x", [], [], 0) == {:error, :closed}
  end

  test "records of every length below a tag are rejected" do
    {_i, r} = pair("c09", :datagram)
    for n <- 0..15, do: assert({[{:rejected, :short}], ^r} = Endpoint.feed(r, :binary.copy("x", n), nil, 0))
  end

  test "counters end at 65,535" do
    window = Window.commit(Window.new(1), 65_535)
    assert Window.candidates(window) == []
    assert Window.spent(window) == 65_536
    assert Window.candidates(Window.commit(Window.new(32), 65_530)) |> Enum.max() == 65_535
  end

  test "nothing is written before open" do
    {_events, i} = Endpoint.open(options(:initiator, "v1", :message), 0)
    assert Endpoint.write(i, "x", [], [], 0) == {:error, :not_open}
  end

  test "a policy refuses other keys: on datagrams m2 is only rejected, m3 is fatal" do
    policy = {:only, <<9::256>>}
    {[{:send, _, m1}], i} = Endpoint.open(Keyword.merge(options(:initiator, "v1", :datagram), policy: policy), 0)
    {[], r} = Endpoint.open(Keyword.merge(options(:responder, "v1", :datagram), policy: policy), 0)
    {[{:send, _, m2}], r} = Endpoint.feed(r, m1, nil, 0)
    assert {[{:rejected, :refused}], ^i} = Endpoint.feed(i, m2, nil, 0)
    {[{:send, _, m3}, _], _} = Endpoint.feed(put_in(i.stack.channels[0].policy, :any), m2, nil, 0)
    assert {[{:failed, :refused}], _} = Endpoint.feed(r, m3, nil, 0)
  end

  test "m1 is repeated until it is answered, m3 five times, m2 only as an answer" do
    {[{:send, _, m1}], i} = Endpoint.open(Keyword.put(options(:initiator, "v1", :datagram), :timeout, 30_000), 0)
    assert times(i) == [500, 1500, 3500, 7500, 15_500]
    {[], r} = Endpoint.open(options(:responder, "v1", :datagram), 0)
    {[{:send, _, m2}], r} = Endpoint.feed(r, m1, nil, 0)
    assert times(r) == []
    assert {[{:send, _, ^m2}], ^r} = Endpoint.feed(r, m1, nil, 0)
    {[{:send, _, m3}, _], i} = Endpoint.feed(i, m2, nil, 0)
    assert {[{:send, _, ^m3}], ^i} = Endpoint.feed(i, m2, nil, 0)
    assert times(i) == [500, 1500, 3500, 7500, 15_500]
  end

  # When an endpoint repeats, until its deadline.
  defp times(endpoint) do
    Enum.reduce(0..29_999//100, {[], endpoint}, fn now, {times, endpoint} ->
      case Endpoint.tick(endpoint, now) do
        {[{:send, _, _}], endpoint} -> {[now | times], endpoint}
        {_, endpoint} -> {times, endpoint}
      end
    end)
    |> elem(0)
    |> Enum.reverse()
  end

  test "a handshake ends at its deadline, an open channel does not" do
    {_events, i} = Endpoint.open(options(:initiator, "v1", :message), 0)
    assert {[], _} = Endpoint.tick(i, 9_999)
    assert {[{:failed, :deadline}], i} = Endpoint.tick(i, 10_000)
    assert Endpoint.why(i) == :deadline
    {i, _r} = pair("v1", :message)
    assert {[], ^i} = Endpoint.tick(i, 1_000_000)
  end

  test "a stream may end between frames, not inside one" do
    {i, _r} = pair("v1", :stream)
    assert i |> Endpoint.finish() |> Endpoint.why() == :ended
    {[], i} = Endpoint.feed(i, <<0, 9, 1>>, nil, 0)
    assert i |> Endpoint.finish() |> Endpoint.why() == :truncated
  end
end
