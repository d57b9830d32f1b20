defmodule Ockam.Address do
  @moduledoc """
  Addresses of routes (section 4): their bytes, their canonical form, and the sockets that they name.

  Nothing here resolves a DNS name (WIRE-014).
  """
  alias Ockam.Profile

  @typedoc "A host: the 4 bytes of an IPv4 address, the 16 of an IPv6 address, both in network order, or a DNS name."
  @type host :: <<_::32>> | <<_::128>> | {:dns, binary}
  @type t :: {:local, binary} | {:tcp | :udp, host, :inet.port_number()}

  @doc "Takes one address from the begin of some bytes (WIRE-005, WIRE-006, WIRE-007, WIRE-012)."
  @spec decode(binary, Profile.t()) :: {:ok, t, binary} | {:error, atom}
  def decode(<<0, 0, _rest::binary>>, _profile), do: {:error, :length}
  def decode(<<0, len, value::binary-size(len), rest::binary>>, _profile), do: {:ok, {:local, value}, rest}
  def decode(<<1, rest::binary>>, profile), do: decode_host(:tcp, rest, profile)
  def decode(<<2, rest::binary>>, profile), do: decode_host(:udp, rest, profile)
  def decode(<<type, _rest::binary>>, _profile) when type > 2, do: {:error, :unknown_type}
  def decode(_short, _profile), do: {:error, :truncated}

  defp decode_host(kind, <<0, host::binary-size(4), port::little-16, rest::binary>>, _profile),
    do: {:ok, {kind, host, port}, rest}

  defp decode_host(kind, <<1, host::binary-size(16), port::little-16, rest::binary>>, profile),
    do: {:ok, {kind, groups(host, profile), port}, rest}

  defp decode_host(_kind, <<2, len, _rest::binary>>, _profile) when len == 0 or len > 253, do: {:error, :length}

  defp decode_host(kind, <<2, len, name::binary-size(len), port::little-16, rest::binary>>, _profile) do
    if ascii?(name), do: {:ok, {kind, {:dns, name}, port}, rest}, else: {:error, :form}
  end

  defp decode_host(_kind, <<type, _rest::binary>>, _profile) when type > 2, do: {:error, :unknown_type}
  defp decode_host(_kind, _short, _profile), do: {:error, :truncated}

  defp ascii?(name), do: for(<<byte <- name>>, byte > 127, do: byte) == []

  # Network order to little-endian groups, and back.
  defp groups(host, %Profile{ipv6_groups: true}), do: for(<<group::16 <- host>>, into: <<>>, do: <<group::little-16>>)
  defp groups(host, _profile), do: host

  @doc "The bytes of an address in its canonical form (WIRE-013, WIRE-015)."
  @spec encode(t, Profile.t()) :: {:ok, binary} | {:error, atom}
  def encode(address, profile) do
    with {:ok, canonical} <- canonical(address), do: {:ok, bytes(canonical, profile)}
  end

  defp bytes({:local, value}, _profile), do: <<0, byte_size(value), value::binary>>

  defp bytes({kind, host, port}, profile) do
    type = if kind == :tcp, do: 1, else: 2

    case host do
      {:dns, name} -> <<type, 2, byte_size(name), name::binary, port::little-16>>
      <<_::32>> -> <<type, 0, host::binary, port::little-16>>
      <<_::128>> -> <<type, 1, groups(host, profile)::binary, port::little-16>>
    end
  end

  @doc "The form in which an address is written (WIRE-013), an error if there is none."
  @spec canonical(t) :: {:ok, t} | {:error, atom}
  def canonical({:local, value}) when byte_size(value) in 1..255, do: {:ok, {:local, value}}
  def canonical({:local, _value}), do: {:error, :length}
  def canonical({kind, <<0::80, 0xFFFF::16, ip::binary-size(4)>>, port}), do: {:ok, {kind, ip, port}}

  def canonical({kind, {:dns, name}, port}) do
    name = name |> String.downcase(:ascii) |> String.replace_suffix(".", "")

    cond do
      byte_size(name) not in 1..253 -> {:error, :length}
      not Regex.match?(~r/\A[a-z0-9.-]*[a-z0-9-]\z/, name) -> {:error, :form}
      Regex.match?(~r/(\A|\.)([0-9]+|0x[0-9a-f]*)\z/, name) -> {:error, :form}
      true -> {:ok, {kind, {:dns, name}, port}}
    end
  end

  def canonical(address), do: {:ok, address}

  @doc "Whether two addresses mean the same (WIRE-013)."
  @spec same?(t, t) :: boolean
  def same?(one, other), do: canonical(one) == canonical(other)

  @doc "Whether something is ever sent to an address (WIRE-013). A name is judged by what it resolves to."
  @spec sendable?(t) :: boolean
  def sendable?({:local, _value}), do: true
  def sendable?({_kind, _host, 0}), do: false
  def sendable?({_kind, <<0::32>>, _port}), do: false
  def sendable?({_kind, <<a, _::24>>, _port}) when a in 224..239, do: false
  def sendable?({_kind, <<255, 255, 255, 255>>, _port}), do: false
  def sendable?({_kind, <<0::128>>, _port}), do: false
  def sendable?({_kind, <<0xFF, _::120>>, _port}), do: false
  def sendable?({_kind, <<0b1111111010::10, _::118>>, _port}), do: false
  def sendable?({kind, <<0::80, 0xFFFF::16, ip::binary-size(4)>>, port}), do: sendable?({kind, ip, port})
  def sendable?(_address), do: true

  @doc "The address of a socket, canonical."
  @spec from_socket(:tcp | :udp, :inet.ip_address(), :inet.port_number()) :: t
  def from_socket(kind, ip, port) do
    host = if tuple_size(ip) == 4, do: for(b <- Tuple.to_list(ip), into: <<>>, do: <<b>>), else: words(ip)
    {:ok, address} = canonical({kind, host, port})
    address
  end

  defp words(ip), do: for(word <- Tuple.to_list(ip), into: <<>>, do: <<word::16>>)

  @doc "The IP address of a numeric host."
  @spec ip(binary) :: :inet.ip_address()
  def ip(<<a, b, c, d>>), do: {a, b, c, d}
  def ip(<<_::128>> = host), do: List.to_tuple(for <<word::16 <- host>>, do: word)

  @doc "The text of a socket's address, `127.0.0.1:4000` or `[::1]:4000`."
  @spec text(t) :: binary
  def text({_kind, host, port}) do
    ip = host |> ip() |> :inet.ntoa() |> to_string()
    if byte_size(host) == 16, do: "[#{ip}]:#{port}", else: "#{ip}:#{port}"
  end

  @doc "Reads what `text/1` writes."
  @spec parse(:tcp | :udp, binary) :: {:ok, t} | :error
  def parse(kind, text) do
    with [_all, host, port] <- Regex.run(~r/\A\[?([0-9A-Za-z.:]+?)\]?:([0-9]{1,5})\z/, text),
         {:ok, ip} <- :inet.parse_strict_address(to_charlist(host)),
         port when port <= 65_535 <- String.to_integer(port) do
      {:ok, from_socket(kind, ip, port)}
    else
      _other -> :error
    end
  end
end
