defmodule Ockam.ReaderTest do
  use ExUnit.Case, async: true
  alias Ockam.{Message, Reader}

  # The handler in this process, which is the session, and an application that tells what it reads.
  defp open(application) do
    test = self()
    {writes, app} = Reader.opened(%{}, &application.(&1, fn what -> send(test, {:told, what}) end))
    {writes, app}
  end

  defp read_all(reader, max, tell) do
    {result, reader} = Reader.read(reader, max)
    tell.(result)
    if match?({:error, _}, result), do: :ok, else: read_all(reader, max, tell)
  end

  defp told do
    assert_receive {:told, what}, 5_000
    what
  end

  test "a message that is longer than the buffer is read in parts, and an empty one is one" do
    {[], app} = open(fn reader, tell -> read_all(reader, 3, tell) end)

    for body <- ["abcdefg", "", "abc", "abcd"],
        do: assert({[], ^app} = Reader.received(%Message{body: body}, app))

    assert for(_ <- 1..7, do: told()) == [more: "abc", more: "def", ok: "g", ok: "", ok: "abc", more: "abc", ok: "d"]
  end

  test "a read that is given up loses nothing" do
    {[], app} =
      open(fn reader, tell ->
        {result, reader} = Reader.read(reader, 9, 0)
        tell.(result)
        {result, reader} = Reader.read(reader, 9, 0)
        tell.(result)
        read_all(reader, 9, tell)
      end)

    assert {told(), told()} == {{:error, :timeout}, {:error, :timeout}}
    assert {[], ^app} = Reader.received(%Message{body: "late"}, app)
    assert told() == {:ok, "late"}
  end

  test "what an application writes belongs to the message that it has read, and its end is the session's" do
    {[{"hello", [], []}], app} =
      open(fn reader, _tell ->
        Reader.write(reader, "hello")
        {{:ok, body}, reader} = Reader.read(reader, 9)
        Reader.write(reader, body <> "1", reader.message.return)
        Reader.write(reader, body <> "2")
      end)

    route = [{:local, "x"}]
    {writes, ^app} = Reader.received(%Message{body: "re", return: route}, app)
    assert writes == [{"re1", route, []}, {"re2", [], []}]
    assert_receive {:DOWN, _ref, :process, ^app, _reason}, 5_000
  end
end
