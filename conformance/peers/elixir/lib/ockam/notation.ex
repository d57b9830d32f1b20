defmodule Ockam.Notation do
  @moduledoc """
  Addresses and routes as text, in parts, so that nobody has to parse or print IP addresses: `local:0a0b`, `tcp4:7f000001:4000`,
  `udp6:…:4000`, `tcpn:6c6f63616c:4000`; routes separated by commas.
  """
  alias Ockam.Address

  @kinds %{"tcp" => :tcp, "udp" => :udp}

  @doc "The text of an address."
  @spec address(Address.t()) :: binary
  def address({:local, value}), do: "local:" <> hex(value)
  def address({kind, {:dns, name}, port}), do: "#{kind}n:#{hex(name)}:#{port}"
  def address({kind, host, port}), do: "#{kind}#{if byte_size(host) == 4, do: 4, else: 6}:#{hex(host)}:#{port}"

  @doc "The text of a route."
  @spec route([Address.t()]) :: binary
  def route(route), do: Enum.map_join(route, ",", &address/1)

  @doc "Reads the text of an address."
  @spec parse_address(binary) :: {:ok, Address.t()} | :error
  def parse_address("local:" <> value), do: with({:ok, value} <- parse_hex(value), do: {:ok, {:local, value}})

  def parse_address(text) do
    with [_, kind, family, host, port] <- Regex.run(~r/\A(tcp|udp)([46n]):([0-9a-f]*):(0|[1-9][0-9]{0,4})\z/, text),
         {:ok, host} <- parse_hex(host),
         {:ok, host} <- host(family, host),
         port when port <= 65_535 <- String.to_integer(port) do
      {:ok, {@kinds[kind], host, port}}
    else
      _other -> :error
    end
  end

  defp host("4", <<_::32>> = host), do: {:ok, host}
  defp host("6", <<_::128>> = host), do: {:ok, host}
  defp host("n", name), do: {:ok, {:dns, name}}
  defp host(_family, _host), do: :error

  @doc "Reads the text of a route."
  @spec parse_route(binary) :: {:ok, [Address.t()]} | :error
  def parse_route(""), do: {:ok, []}
  def parse_route(text), do: list(text, &parse_address/1)

  @doc "Reads a list whose parts are separated by commas."
  @spec list(binary, (binary -> {:ok, value} | :error)) :: {:ok, [value]} | :error when value: term
  def list(text, parse) do
    values = text |> String.split(",") |> Enum.map(parse)
    if :error in values, do: :error, else: {:ok, Enum.map(values, &elem(&1, 1))}
  end

  @doc "Bytes as small hex digits."
  @spec hex(binary) :: binary
  def hex(bytes), do: Base.encode16(bytes, case: :lower)

  @doc "Reads what `hex/1` writes, and nothing else."
  @spec parse_hex(binary) :: {:ok, binary} | :error
  def parse_hex(text), do: Base.decode16(text, case: :lower)
end
