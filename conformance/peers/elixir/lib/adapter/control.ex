defmodule Ockam.Control do
  @moduledoc """
  The control connection of ockamtest's adapter protocol (conformance/harness/PROTOCOL.md, sections 1 to 4): lines, fields, and values. What
  the verbs do is `Ockam.Adapter`'s.
  """
  alias Ockam.{Notation, Profile}

  @line 262_144

  @typedoc "What a verb gives: the fields of its answer and perhaps a new state, or why it was not done."
  @type result :: {:ok, iodata} | {:ok, iodata, term} | {:error, atom} | :unsupported

  @doc "Serves the connection to its end. `request` gets a verb, its fields as text, and the state, and returns a result."
  @spec serve((binary, map, term -> result), (term -> boolean), term) :: :ok
  def serve(request, done?, state) do
    "tcp:127.0.0.1:" <> port = System.fetch_env!("OCKAMTEST_CONTROL")
    options = [:binary, active: false, nodelay: true, buffer: 65_536]
    {:ok, socket} = :gen_tcp.connect({127, 0, 0, 1}, String.to_integer(port), options)
    lines(socket, [], 0, state, {request, done?})
  end

  # Of a line that is too long only the begin is kept.
  defp lines(socket, parts, size, state, {request, done?} = verbs) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, data} ->
        {whole, [rest]} = data |> :binary.split("\n", [:global]) |> Enum.split(-1)
        {whole, parts, size} = join(whole, parts, size)
        {answers, state} = Enum.map_reduce(whole, state, &line(&1, &2, request))
        if answers != [], do: :gen_tcp.send(socket, answers)
        kept = if size < @line, do: [rest | parts], else: parts
        unless done?.(state), do: lines(socket, kept, size + byte_size(rest), state, verbs)

      {:error, _closed} ->
        :ok
    end
  end

  defp join([], parts, size), do: {[], parts, size}
  defp join([first | more], parts, _size), do: {[IO.iodata_to_binary(Enum.reverse([first | parts])) | more], [], 0}

  defp line(text, state, request) do
    [id | words] = String.split(text, " ")
    pairs = for word <- Enum.drop(words, 1), do: String.split(word, "=")
    fields = for [key, value] <- pairs, into: %{}, do: {key, value}
    id = if id =~ ~r/\A(0|[1-9][0-9]{0,9})\z/, do: id, else: "0"
    good = id != "0" and words not in [[], [""]] and byte_size(text) < @line and map_size(fields) == length(pairs)

    case if(good, do: request.(hd(words), fields, state), else: {:error, :syntax}) do
      {:ok, text, state} -> {answer(id, text), state}
      {:ok, text} -> {answer(id, text), state}
      {:error, class} -> {[id, " error class=", name(class), "\n"], state}
      :unsupported -> {[id, " unsupported\n"], state}
    end
  end

  defp answer(id, text) when text in ["", []], do: [id, " ok\n"]
  defp answer(id, text), do: [id, " ok ", text, "\n"]

  @doc "An atom as a word of the protocol."
  @spec name(atom) :: binary
  def name(atom), do: atom |> Atom.to_string() |> String.replace("_", "-")

  @doc "What a field's text stands for; the fields tell how bytes are written."
  @spec value(binary, binary, map) :: {:ok, term} | :error | :unsupported
  def value(key, text, %{"op" => _}), do: Ockam.Secrets.value(key, text)
  def value("versions", text, _), do: Notation.list(text, &if(&1 =~ ~r/\A[0-9]+\z/, do: {:ok, &1}, else: :error))
  def value("role", text, _), do: word(text, initiator: "initiator", responder: "responder")
  def value("over", text, _), do: word(text, stream: "stream", message: "message", datagram: "datagram")
  def value("end", text, _), do: word(text, fin: "fin", rst: "rst")

  def value("as", text, _),
    do: word(text, for(form <- ~w(handshake transport inner route address u2le frames), do: {form, form}))

  def value("profile", text, _), do: with(:error <- Profile.lookup(text), do: :unsupported)
  def value(key, text, _) when key in ~w(route onward return service), do: Notation.parse_route(text)
  def value(key, text, _) when key in ~w(local remote from on to), do: Notation.parse_address(text)
  def value("address", text, _), do: Notation.parse_address(text)
  def value("listener", text, _), do: Notation.parse_address(text)
  def value("frames", text, _), do: Notation.list(text, &Notation.parse_hex/1)
  def value("data", text, %{"as" => "frames"}), do: Notation.list(text, &Notation.parse_hex/1)
  def value(key, text, _) when key in ~w(ch ms n window limit deadline type value buffer giveup), do: number(text)
  def value(_key, text, _), do: Notation.parse_hex(text)

  @doc "One of some words."
  @spec word(binary, [{value, binary}]) :: {:ok, value} | :unsupported when value: term
  def word(text, known), do: Enum.find_value(known, :unsupported, fn {value, word} -> word == text && {:ok, value} end)

  @doc "A number."
  @spec number(binary) :: {:ok, non_neg_integer} | :error
  def number(text), do: if(text =~ ~r/\A(0|[1-9][0-9]{0,17})\z/, do: {:ok, String.to_integer(text)}, else: :error)
end
