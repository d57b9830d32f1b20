# An adapter of ockamtest for an implementation in Elixir. As it stands everything is unsupported; PROTOCOL.md tells what the verbs do.
#
#     ockamtest peer check 'adapter:elixir adapter.exs'        (or: mix run --no-start adapter.exs)
#
# To fill in a verb: write a clause of verb/3 like those below, add it to @verbs with all its fields, declare it in @capabilities.
defmodule Adapter do
  @name "skeleton-elixir"
  @capabilities "verbs=hello,capabilities,reset,quit profiles= roles= over= forms= transports= options= channels=0"
  @verbs %{"hello" => ["versions"], "capabilities" => [], "reset" => [], "quit" => []}
  @line 262_144

  # A verb takes the fields of the request, a map, and a state that is the adapter's own. It answers with {:ok, text, state}, where
  # text is the fields of the answer, with {:error, class, state}, or with {:unsupported, state}.
  def verb("hello", fields, state) do
    versions = Map.get(fields, "versions", "")

    cond do
      not Regex.match?(~r/\A[0-9]+(,[0-9]+)*\z/, versions) -> {:error, "argument", state}
      "1" in String.split(versions, ",") -> {:ok, "version=1 line=#{@line} name=#{@name}", Map.put(state, :greeted, true)}
      true -> {:error, "version", state}
    end
  end

  def verb("capabilities", _fields, state), do: {:ok, @capabilities, state}
  # Forgets all channels, ends all listeners and connections.
  def verb("reset", _fields, state), do: {:ok, "", %{greeted: Map.get(state, :greeted, false)}}
  def verb("quit", _fields, state), do: {:ok, "", Map.put(state, :done, true)}

  # def verb("sha256", fields, state) do
  #   case octets(fields, "data") do
  #     {:ok, data} -> {:ok, "data=" <> hex(:crypto.hash(:sha256, data)), state}
  #     :error -> {:error, "argument", state}
  #   end
  # end

  def hex(bytes), do: Base.encode16(bytes, case: :lower)
  # {:ok, bytes} of a field, :error if it is absent or malformed.
  def octets(fields, key), do: Base.decode16(Map.get(fields, key, "?"), case: :lower)

  def main do
    "tcp:127.0.0.1:" <> port = System.fetch_env!("OCKAMTEST_CONTROL")
    options = [:binary, active: false, packet: :raw, nodelay: true]
    {:ok, socket} = :gen_tcp.connect({127, 0, 0, 1}, String.to_integer(port), options)
    loop(socket, [], 0, %{})
  end

  # Lines are cut by hand: a line that is too long is read to its end, and only its beginning kept.
  defp loop(socket, parts, size, state) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, data} -> pieces(socket, :binary.split(data, "\n", [:global]), parts, size, state)
      {:error, _closed} -> :ok
    end
  end

  defp pieces(socket, [last], parts, size, state), do: loop(socket, keep(parts, size, last), size + byte_size(last), state)

  defp pieces(socket, [piece | rest], parts, size, state) do
    line = keep(parts, size, piece) |> Enum.reverse() |> IO.iodata_to_binary()
    {answer, state} = request(line, size + byte_size(piece) < @line, state)
    :ok = :gen_tcp.send(socket, [answer, "\n"])
    if Map.get(state, :done), do: :gen_tcp.close(socket), else: pieces(socket, rest, [], 0, state)
  end

  defp keep(parts, size, piece), do: if(size < @line, do: [piece | parts], else: parts)

  # Carries out a line; returns what is answered, and the state.
  defp request(line, understood, state) do
    case String.split(line, " ") do
      [id, _verb | _words] when not understood -> {"#{id} error class=syntax", state}
      [id, verb | words] ->
        {answer, state} = carry_out(verb, Enum.map(words, &String.split(&1, "=")), state)
        {String.trim_trailing("#{id} #{answer}"), state}

      _one_word ->
        {"0 error class=syntax", state}
    end
  end

  defp carry_out(verb, words, state) do
    fields = for [key, value] <- words, into: %{}, do: {key, value}
    known = Map.get(@verbs, verb, [])

    result =
      cond do
        map_size(fields) != length(words) -> {:error, "syntax", state}
        verb != "hello" and not Map.get(state, :greeted, false) -> {:error, "sequence", state}
        not Map.has_key?(@verbs, verb) or not Enum.all?(Map.keys(fields), &(&1 in known)) -> {:unsupported, state}
        true -> verb(verb, fields, state)
      end

    case result do
      {:ok, text, state} -> {"ok #{text}", state}
      {:error, class, state} -> {"error class=#{class}", state}
      {:unsupported, state} -> {"unsupported", state}
    end
  end
end

Adapter.main()
