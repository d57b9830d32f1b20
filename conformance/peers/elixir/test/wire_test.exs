defmodule Ockam.WireTest do
  use ExUnit.Case, async: true
  import Ockam.Keys
  alias Ockam.{Address, Frames, Message, Wire}

  @message "01 03 0001ff 01 00 01020304 2823 02 01 20010db8000000000000000000000001 2823 01 00040a0b0c0d 02"

  defp decode(text, name \\ "v1"), do: Wire.decode(hex(text), profile(name))

  test "every strict prefix of a header is rejected" do
    header = hex(@message)
    assert {:ok, %Message{body: ""}} = Wire.decode(header, profile("v1"))

    for n <- 0..(byte_size(header) - 1) do
      assert {n, {:error, :truncated}} == {n, Wire.decode(binary_part(header, 0, n), profile("v1"))}
    end
  end

  test "what is malformed is rejected with its class" do
    for {class, text} <- [
          wire_version: "00 00 00 02",
          wire_version: "02",
          wire_version: "8001",
          number: "8100 00 00 02",
          number: "8180 00 00 02",
          unknown_type: "01 00 00 06",
          unknown_type: "01 01 03 00 00 02",
          unknown_type: "01 01 01 03 00000000 0000 00 02",
          length: "01 01 0000 00 02",
          length: "01 01 01 02 00 0000 00 02",
          length: "01 01 01 02 fe 0000 00 02",
          form: "01 01 02 02 01 ff 0100 00 02",
          truncated: "01 02 0001ff 00 02",
          truncated: "01 01 0005ff 00 02",
          body: "01 00 00 00 00",
          body: "01 00 00 01 61"
        ] do
      assert {text, decode(text)} == {text, {:error, class}}
    end
  end

  test "profiles differ in routes, types, and what travels" do
    assert decode("01 01 0001ff 00 02", "c09") == {:error, :too_many}
    assert {:ok, %Message{type: nil, body: "hi"}} = decode("01 00 00 6869", "e09")
    assert {:ok, %Message{type: 0, body: ""}} = decode("01 00 00 00", "e09")
    for type <- ["03", "04ff", "05"], do: assert(decode("01 00 00 #{type}", "e09") == {:error, :body})
  end

  test "decode then encode gives the same bytes" do
    for type <- 2..5, body <- ["", "x", :binary.copy("y", 70_000)] do
      bytes = binary_part(hex(@message), 0, byte_size(hex(@message)) - 1) <> <<type>> <> body
      {:ok, message} = Wire.decode(bytes, profile("v1"))
      assert Wire.encode(message, profile("v1")) == {:ok, bytes}
    end
  end

  test "numbers have one form" do
    for value <- [0, 1, 127, 128, 255, 256, 16_383] do
      {:ok, bytes} = Wire.encode_u2le(value)
      assert Wire.decode_u2le(bytes <> "x") == {:ok, value, "x"}
      assert byte_size(bytes) == if(value < 128, do: 1, else: 2)
    end

    assert Wire.encode_u2le(16_384) == {:error, :number}
    assert Wire.decode_u2le(<<0x80, 0>>) == {:error, :number}
    assert Wire.decode_u2le(<<0x80>>) == {:error, :truncated}
  end

  test "a route has at most 255 addresses" do
    route = List.duplicate({:local, "x"}, 255)
    assert {:ok, _} = Wire.encode_route(route, profile("v1"))
    assert Wire.encode_route([{:local, "x"} | route], profile("v1")) == {:error, :too_many}
  end

  test "addresses are written in their canonical form" do
    mapped = {:tcp, <<0::80, 0xFFFF::16, 127, 0, 0, 1>>, 4000}
    assert Address.encode(mapped, profile("v1")) == {:ok, hex("01 00 7f000001 a00f")}
    assert Address.canonical({:udp, {:dns, "Example.ORG."}, 1}) == {:ok, {:udp, {:dns, "example.org"}, 1}}
    assert Address.same?({:udp, {:dns, "a.b"}, 1}, {:udp, {:dns, "A.B."}, 1})

    for name <- ["127.0.0.1", "0x7f", "a.0x7f", "::1", "a b", "a..", ".", ""] do
      assert {^name, {:error, _class}} = {name, Address.canonical({:tcp, {:dns, name}, 1})}
    end

    for value <- ["", :binary.copy("x", 256)], do: assert(Address.canonical({:local, value}) == {:error, :length})
  end

  test "to some addresses nothing is sent" do
    v6 = [<<0::128>>, <<0xFF02::16, 0::104, 1>>, <<0xFE80::16, 0::104, 1>>]

    for host <- [<<0::32>>, <<224, 0, 0, 1>>, <<255, 255, 255, 255>> | v6],
        do: refute(Address.sendable?({:udp, host, 1}))

    refute Address.sendable?({:udp, <<127, 0, 0, 1>>, 0})
    assert Address.sendable?({:udp, <<127, 0, 0, 1>>, 1})
  end

  test "frames are put together from any pieces" do
    messages = ["", "a", :binary.copy("b", 65_535), "c"]
    stream = for message <- messages, into: <<>>, do: <<byte_size(message)::16, message::binary>>

    for size <- [1, 2, 3, 1000, 70_000] do
      {taken, frames} = stream |> pieces(size) |> Enum.reduce({[], Frames.new()}, &add/2)
      assert taken == messages
      assert Frames.complete?(frames)
    end

    {[], frames} = Frames.add(Frames.new(), <<0>>)
    refute Frames.complete?(frames)
    assert Frames.frame(:binary.copy("x", 65_536)) == {:error, :too_long}
  end

  defp add(piece, {taken, frames}) do
    {messages, frames} = Frames.add(frames, piece)
    {taken ++ messages, frames}
  end

  defp pieces(stream, size) when byte_size(stream) <= size, do: [stream]

  defp pieces(stream, size),
    do: [binary_part(stream, 0, size) | pieces(binary_part(stream, size, byte_size(stream) - size), size)]
end
