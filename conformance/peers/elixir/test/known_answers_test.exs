defmodule Ockam.KnownAnswersTest do
  @moduledoc "Section 12 of the specification."
  use ExUnit.Case, async: true
  import Ockam.Keys
  alias Ockam.{Endpoint, Message, Noise, Profile, Records, Wire}

  @m1 "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
  @m2 "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da206db0886610b26108e4241" <>
        "42c2e9b5fd1f7ea70cde8767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"
  @m3 "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40e70144cecd9d265dffdc5bb8e051c3f83db32a425e0" <>
        "4d8f510c58a43325fbc56"
  @h "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"
  @k1 "b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb"
  @k2 "109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"

  defp noise(payloads) do
    [p0, p1, p2] = payloads
    i = Noise.new(:initiator, static(:initiator), ephemeral(:initiator))
    r = Noise.new(:responder, static(:responder), ephemeral(:responder))
    {m1, i} = Noise.write_m1(i, p0)
    {:ok, ^p0, r} = Noise.read_m1(r, m1)
    {:ok, m2, r} = Noise.write_m2(r, p1)
    {:ok, ^p1, i} = Noise.read_m2(i, m2)
    {:ok, m3, i} = Noise.write_m3(i, p2)
    {:ok, ^p2, r} = Noise.read_m3(r, m3)
    {[m1, m2, m3], i, r}
  end

  test "m1, m2, m3, h, k1, k2" do
    {messages, i, r} = noise(["", "", ""])
    assert messages == [hex(@m1), hex(@m2), hex(@m3)]
    assert {i.h, r.h} == {hex(@h), hex(@h)}
    # NOISE-010
    assert Noise.split(r) == {hex(@k1), hex(@k2)}
    assert Noise.split(i) == {hex(@k2), hex(@k1)}
  end

  test "handshake payloads, which the Noise core computes" do
    {[m1, m2, m3], i, r} = noise(["test_msg_0", "test_msg_1", "test_msg_2"])
    assert m1 == hex(@m1 <> "746573745f6d73675f30")

    assert m2 ==
             hex("""
             64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da
             206db0886610b26108e424142c2e9b5fd1f7ea70cde8c9f29dcec8d3ab554f4a5330657867fe49179171
             95c8cf360e08d6dc5f71baf875ec6e3bfc7afda4c9c2
             """)

    assert m3 ==
             hex("""
             e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40232c55cd96d1350af861
             f6a04978f7d5e070c07602c6b84d25a331242a71c50ae31dd4c164267fd48bd2
             """)

    assert i.h == hex("5b971fb32340e0b5208bc57354c2545c27eaa1ccb54b8bdfd174eda0de94d62d")
    assert r.h == i.h
  end

  test "first transport messages, with h and with empty associated data" do
    {_messages, i, r} = noise(["", "", ""])

    for {name, sent_by_responder, sent_by_initiator} <- [
          {"v1", "9ea1da1ec3bfecfffab213e537ed170ed50de782953cb27b4c5c3339c54eca",
           "217c5111fad7afde33bd28abaff3decc280d054cdfd4784fc51d103a82ff22"},
          {"c09", "9ea1da1ec3bfecfffab213e537ed1791bfa887dd9c631351b3f63d6315ab9a",
           "217c5111fad7afde33bd28abaff3def88a57ab50515115d23a10f28621f842"}
        ] do
      profile = profile(name)
      {:ok, from_r, _} = r |> Records.new(profile, 1) |> Records.seal(profile, "yellowsubmarine")
      {:ok, from_i, _} = i |> Records.new(profile, 1) |> Records.seal(profile, "submarineyellow")
      assert {from_r, from_i} == {hex(sent_by_responder), hex(sent_by_initiator)}
    end
  end

  test "counters 0, 1, and 65,535" do
    {_messages, i, _r} = noise(["", "", ""])
    profile = profile("v1")
    records = Records.new(i, profile, 1)
    inner = hex("0100000268656c6c6f")

    for {n, text} <- [
          {0, "5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639"},
          {1, "260bc6994207fd5bf31ac649573262faaa4f9743e1048d2cd8"},
          {65_535, "0e2905aac9ef4158a22bf8dd93c0362660e4211270c305d952"}
        ] do
      assert {:ok, ciphertext, _} = Records.seal(%{records | sent: n}, profile, inner)
      assert ciphertext == hex(text)
    end

    # REC-003
    assert Records.seal(%{records | sent: 65_536}, profile, inner) == {:error, :exhausted}
  end

  test "complete messages over TCP" do
    {[{:send, _, m1}], i} = Endpoint.open(options(:initiator, "v1", :message), 0)
    assert m1 == hex("01 01 01007f000001a00f 01 01007f00000131d4 03" <> @m1)
    {[], r} = Endpoint.open(options(:responder, "v1", :message), 0)
    {[{:send, _, m2}], r} = Endpoint.feed(r, m1, nil, 0)
    assert m2 == hex("01 01 01007f00000131d4 01 01007f000001a00f 04" <> @m2)
    {[{:send, _, m3}, {:opened, _}], i} = Endpoint.feed(i, m2, nil, 0)
    assert m3 == hex("01 01 01007f000001a00f 01 01007f00000131d4 05" <> @m3)
    {[{:opened, _}], r} = Endpoint.feed(r, m3, nil, 0)
    {:ok, [{:send, _, data}], _} = Endpoint.write(i, "hello", [], [], 0)

    assert data ==
             hex("01 01 01007f000001a00f 01 01007f00000131d4 02 5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639")

    {:ok, [{:send, _, data}], _} = Endpoint.write(r, "hello", [], [], 0)

    assert data ==
             hex("01 01 01007f00000131d4 01 01007f000001a00f 02 e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99")
  end

  test "UDP over one hop, with local addresses and inner routes" do
    [a, h, r] = for i <- 1..3, do: {:udp, <<10, 0, 0, i>>, 4000 + i}
    i = [here: a, remote: h, address: hex("0a0b0c0d"), route: [h, r]]
    {[{:send, _, m1}], i} = Endpoint.open(Keyword.merge(options(:initiator, "v1", :datagram), i), 0)

    assert m1 ==
             hex("01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03" <> @m1)

    m2 = hex("01 02 02000a000001a10f 00040a0b0c0d 03 02000a000002a20f 02000a000003a30f 000401020304 04" <> @m2)
    {[{:send, _, m3}, {:opened, _}], i} = Endpoint.feed(i, m2, nil, 0)

    assert m3 ==
             hex("01 03 02000a000002a20f 02000a000003a30f 000401020304 02 02000a000001a10f 00040a0b0c0d 05" <> @m3)

    {:ok, [{:send, _, data}], _} = Endpoint.write(i, "hello", [{:local, "app"}], [{:local, "me"}], 0)

    assert data ==
             hex("""
             01 03 02000a000002a20f 02000a000003a30f 000401020304 01 02000a000001a10f 02
             5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11
             """)
  end

  test "ping and pong" do
    {[], r} = Endpoint.open(Keyword.merge(options(:responder, "v1", :datagram), here: {:udp, <<10, 0, 0, 3>>, 4003}), 0)
    ping = hex("01 01 02000a000003a30f 01 02000a000001a10f 00")
    {[{:send, _, pong}], _} = Endpoint.feed(r, ping, {:udp, <<10, 0, 0, 1>>, 4001}, 0)
    assert pong == hex("01 01 02000a000001a10f 01 02000a000003a30f 01")
  end

  test "a routed ping, and the bytes of Elixir 0.9 for it" do
    for {name, ip} <- [{"v1", "20010db8000000000000000000000001"}, {"e09", "0120b80d000000000000000000000100"}] do
      bytes = hex("01 03 0001ff 01 00 01020304 2823 02 01 #{ip} 2823 01 00040a0b0c0d 00")
      v6 = {:udp, <<0x20010DB8::32, 0::64, 1::32>>, 9000}

      message = %Message{
        onward: [{:local, <<255>>}, {:tcp, <<1, 2, 3, 4>>, 9000}, v6],
        return: [{:local, hex("0a0b0c0d")}],
        type: 0
      }

      assert Wire.decode(bytes, profile(name)) == {:ok, message}
      assert Wire.encode(message, profile(name)) == {:ok, bytes}
    end
  end

  test "profiles have names, and no others" do
    assert {:ok, %Profile{}} = Profile.lookup("e09")
    assert Profile.lookup("c10") == :error
  end
end
