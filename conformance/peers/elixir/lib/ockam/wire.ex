defmodule Ockam.Wire do
  @moduledoc """
  The codec of wire messages (section 4). Pure; what is wrong with a message is an atom, never its bytes.

  Decoding takes what is well-formed, encoding writes the canonical form only (WIRE-011, WIRE-013).
  """
  alias Ockam.{Address, Message, Profile}

  @ping 0
  @pong 1
  @last_type 5

  @doc "Takes a number from the begin of some bytes (WIRE-002, WIRE-003, WIRE-004)."
  @spec decode_u2le(binary) :: {:ok, 0..16_383, binary} | {:error, atom}
  def decode_u2le(<<0::1, value::7, rest::binary>>), do: {:ok, value, rest}
  def decode_u2le(<<1::1, low::7, 0::1, high::7, rest::binary>>) when high > 0, do: {:ok, low + 128 * high, rest}
  def decode_u2le(<<1::1, _::7, _, _rest::binary>>), do: {:error, :number}
  def decode_u2le(_short), do: {:error, :truncated}

  @doc "The shortest form of a number (WIRE-002)."
  @spec encode_u2le(non_neg_integer) :: {:ok, binary} | {:error, atom}
  def encode_u2le(value) when value in 0..127, do: {:ok, <<value>>}
  def encode_u2le(value) when value in 128..16_383, do: {:ok, <<1::1, rem(value, 128)::7, div(value, 128)>>}
  def encode_u2le(_value), do: {:error, :number}

  @doc "Takes a route from the begin of some bytes (WIRE-005, WIRE-008)."
  @spec decode_route(binary, Profile.t()) :: {:ok, [Address.t()], binary} | {:error, atom}
  def decode_route(<<count, _rest::binary>>, %Profile{max_addresses: max}) when count > max, do: {:error, :too_many}
  def decode_route(<<count, rest::binary>>, profile), do: decode_addresses(count, rest, profile, [])
  def decode_route(<<>>, _profile), do: {:error, :truncated}

  defp decode_addresses(0, rest, _profile, taken), do: {:ok, Enum.reverse(taken), rest}

  defp decode_addresses(count, bytes, profile, taken) do
    with {:ok, address, rest} <- Address.decode(bytes, profile),
         do: decode_addresses(count - 1, rest, profile, [address | taken])
  end

  @doc "The bytes of a route."
  @spec encode_route([Address.t()], Profile.t()) :: {:ok, binary} | {:error, atom}
  def encode_route(route, %Profile{max_addresses: max} = profile) do
    count = length(route)
    if count > max, do: {:error, :too_many}, else: encode_addresses(route, profile, <<count>>)
  end

  defp encode_addresses([], _profile, bytes), do: {:ok, bytes}

  defp encode_addresses([address | route], profile, bytes) do
    with {:ok, more} <- Address.encode(address, profile), do: encode_addresses(route, profile, bytes <> more)
  end

  @doc "Takes a message apart. The body is all that is left."
  @spec decode(binary, Profile.t()) :: {:ok, Message.t()} | {:error, atom}
  def decode(bytes, profile) do
    with {:ok, version, rest} <- decode_u2le(bytes),
         :ok <- if(version == 1, do: :ok, else: {:error, :wire_version}),
         {:ok, onward, rest} <- decode_route(rest, profile),
         {:ok, return, rest} <- decode_route(rest, profile),
         {:ok, type, body} <- decode_type(rest, profile) do
      {:ok, %Message{onward: onward, return: return, type: type, body: body}}
    end
  end

  defp decode_type(<<>>, %Profile{typed: true}), do: {:error, :truncated}
  defp decode_type(<<type, _::binary>>, %Profile{typed: true}) when type > @last_type, do: {:error, :unknown_type}
  # WIRE-009
  defp decode_type(<<type, _, _::binary>>, %Profile{typed: true}) when type in [@ping, @pong], do: {:error, :body}
  defp decode_type(<<type, body::binary>>, %Profile{typed: true}), do: {:ok, type, body}
  defp decode_type(<<type>>, _untyped) when type in [@ping, @pong], do: {:ok, type, ""}

  defp decode_type(body, profile) do
    if Profile.travels?(profile, body), do: {:ok, nil, body}, else: {:error, :body}
  end

  @doc "The bytes of a message. Without type bytes in the profile, only pings and pongs show their type."
  @spec encode(Message.t(), Profile.t()) :: {:ok, binary} | {:error, atom}
  def encode(%Message{} = message, profile) do
    with {:ok, onward} <- encode_route(message.onward, profile),
         {:ok, return} <- encode_route(message.return, profile),
         {:ok, tail} <- encode_type(message.type, message.body, profile) do
      {:ok, <<1, onward::binary, return::binary, tail::binary>>}
    end
  end

  defp encode_type(type, body, _profile) when type in [@ping, @pong] and body != "", do: {:error, :body}
  defp encode_type(type, _body, _profile) when type in [@ping, @pong], do: {:ok, <<type>>}
  defp encode_type(type, body, %Profile{typed: true}) when type in 2..5, do: {:ok, <<type, body::binary>>}
  defp encode_type(_type, _body, %Profile{typed: true}), do: {:error, :unknown_type}

  defp encode_type(_type, body, profile) do
    if Profile.travels?(profile, body), do: {:ok, body}, else: {:error, :body}
  end
end
