defmodule Ockam.Stateless do
  @moduledoc "The verbs of ockamtest's adapter protocol that have no state: codec and primitives. Fields are as `Ockam.Control` reads them."
  alias Ockam.{Address, Control, Crypto, Frames, Message, Notation, Profile, Wire}
  import Ockam.Notation, only: [hex: 1]

  @doc "The primitives."
  @spec primitive(binary, map) :: Control.result()
  def primitive("x25519", %{"private" => key}) when byte_size(key) != 32, do: {:error, :private_key}

  def primitive("x25519", %{"public" => public} = f),
    do: with({:ok, secret} <- Crypto.x25519(f["private"], public), do: {:ok, "secret=" <> hex(secret)})

  def primitive("x25519", f), do: {:ok, "public=" <> hex(Crypto.public_key(f["private"]))}
  def primitive("sha256", %{"data" => data}), do: {:ok, "data=" <> hex(Crypto.sha256(data))}
  def primitive("hkdf", %{"n" => n}) when n not in 1..255, do: {:error, :argument}
  def primitive("hkdf", f), do: {:ok, ["data=" | Enum.map(Crypto.hkdf(f["salt"], f["ikm"] || "", f["n"]), &hex/1)]}

  def primitive(_aead, %{"nonce" => nonce, "key" => key}) when byte_size(nonce) != 12 or byte_size(key) not in [16, 32],
    do: {:error, :length}

  def primitive("seal", f), do: {:ok, "data=" <> hex(Crypto.seal(f["key"], f["nonce"], f["ad"], f["data"]))}
  def primitive("unseal", f), do: data(Crypto.unseal(f["key"], f["nonce"], f["ad"], f["data"]))

  @doc "The codec: `decode` or `encode` of a form."
  @spec codec(binary, binary, map, Profile.t()) :: Control.result()
  def codec("decode", "u2le", f, _), do: used(Wire.decode_u2le(f["data"]), f, &"value=#{&1}")

  def codec("decode", "address", f, profile),
    do: used(Address.decode(f["data"], profile), f, &"address=#{Notation.address(&1)}")

  def codec("decode", "route", f, profile),
    do: used(Wire.decode_route(f["data"], profile), f, &"route=#{Notation.route(&1)}")

  def codec("decode", "frames", f, _),
    do: frames(Enum.reduce(f["data"], {[], Frames.new()}, &more/2), f["limit"] || 65_535)

  def codec("decode", "transport", f, %{bare_records: true}), do: {:ok, "onward= return= body=" <> hex(f["data"])}

  def codec("decode", _as, f, profile) do
    with {:ok, m} <- Wire.decode(f["data"], profile) do
      type = if m.type, do: " type=#{m.type}", else: ""
      {:ok, "onward=#{Notation.route(m.onward)} return=#{Notation.route(m.return)}#{type} body=#{hex(m.body)}"}
    end
  end

  def codec("encode", "u2le", f, _), do: data(Wire.encode_u2le(f["value"]))
  def codec("encode", "address", f, profile), do: data(Address.encode(f["address"], profile))
  def codec("encode", "route", f, profile), do: data(Wire.encode_route(f["route"], profile))

  def codec("encode", "frames", f, _),
    do: {:ok, ["data=" | for(frame <- f["frames"], {:ok, io} = Frames.frame(frame), do: hex(IO.iodata_to_binary(io)))]}

  def codec("encode", "transport", f, %{bare_records: true}), do: {:ok, "data=" <> hex(f["body"] || "")}

  def codec("encode", _as, f, profile),
    do:
      data(
        Wire.encode(
          %Message{onward: f["onward"] || [], return: f["return"] || [], type: f["type"], body: f["body"] || ""},
          profile
        )
      )

  defp data(result), do: with({:ok, bytes} <- result, do: {:ok, "data=" <> hex(bytes)})

  defp used(result, f, text),
    do: with({:ok, value, rest} <- result, do: {:ok, "#{text.(value)} used=#{byte_size(f["data"]) - byte_size(rest)}"})

  defp more(piece, {taken, frames}) do
    {messages, frames} = Frames.add(frames, piece)
    {taken ++ messages, frames}
  end

  defp frames({taken, frames}, limit) do
    cond do
      Enum.any?(taken, &(byte_size(&1) > limit)) -> {:error, :too_long}
      not Frames.complete?(frames) -> {:error, :truncated}
      taken == [] -> {:ok, ""}
      true -> {:ok, "frames=" <> Enum.map_join(taken, ",", &hex/1)}
    end
  end
end
