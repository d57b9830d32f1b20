defmodule Ockam.Crypto do
  @moduledoc """
  The primitives, over OTP's `:crypto` (which copies keys into OpenSSL and wipes nothing; the runtime's garbage collector has the rest).
  """

  @tag 16

  @doc "A new X25519 private key (NOISE-008: 256 bits from the system's generator)."
  @spec private_key() :: <<_::256>>
  def private_key, do: :crypto.strong_rand_bytes(32)

  @doc "The public key of a private one. The scalar is clamped on use (NOISE-018)."
  @spec public_key(<<_::256>>) :: <<_::256>>
  def public_key(<<_::256>> = private) do
    {public, _private} = :crypto.generate_key(:ecdh, :x25519, private)
    public
  end

  @doc "X25519. An all-zero result is an error (NOISE-009)."
  @spec x25519(<<_::256>>, binary) :: {:ok, <<_::256>>} | {:error, :public_key | :weak_key}
  def x25519(<<_::256>> = private, <<_::256>> = public) do
    case :crypto.compute_key(:ecdh, public, private, :x25519) do
      <<0::256>> -> {:error, :weak_key}
      secret -> {:ok, secret}
    end
  rescue
    # OpenSSL itself refuses points of low order.
    _error in ErlangError -> {:error, :weak_key}
  end

  def x25519(_private, _public), do: {:error, :public_key}

  @doc "SHA-256."
  @spec sha256(iodata) :: <<_::256>>
  def sha256(data), do: :crypto.hash(:sha256, data)

  @doc "HKDF-SHA256 with empty info: n blocks of 32 bytes."
  @spec hkdf(binary, binary, 1..255) :: [<<_::256>>]
  def hkdf(salt, ikm, n) do
    prk = :crypto.mac(:hmac, :sha256, salt, ikm)
    {blocks, _last} = Enum.map_reduce(1..n, "", fn i, last -> block(prk, i, last) end)
    blocks
  end

  defp block(prk, i, last) do
    block = :crypto.mac(:hmac, :sha256, prk, [last, i])
    {block, block}
  end

  @doc "The nonce of a counter (NOISE-003)."
  @spec nonce(non_neg_integer) :: <<_::96>>
  def nonce(n), do: <<0::32, n::64>>

  @doc "AES-GCM with a key of 16 or 32 bytes; the tag is appended."
  @spec seal(binary, <<_::96>>, binary, iodata) :: binary
  def seal(key, nonce, ad, plaintext) do
    {ciphertext, tag} = :crypto.crypto_one_time_aead(cipher(key), key, nonce, plaintext, ad, @tag, true)
    ciphertext <> tag
  end

  @doc "Opens what `seal/4` gave. Nothing shorter than the tag is decrypted (REC-006)."
  @spec unseal(binary, <<_::96>>, binary, binary) :: {:ok, binary} | {:error, :short | :authentication}
  def unseal(_key, _nonce, _ad, sealed) when byte_size(sealed) < @tag, do: {:error, :short}

  def unseal(key, nonce, ad, sealed) do
    size = byte_size(sealed) - @tag
    <<ciphertext::binary-size(size), tag::binary-size(@tag)>> = sealed

    case :crypto.crypto_one_time_aead(cipher(key), key, nonce, ciphertext, ad, tag, false) do
      :error -> {:error, :authentication}
      plaintext -> {:ok, plaintext}
    end
  end

  defp cipher(<<_::128>>), do: :aes_128_gcm
  defp cipher(<<_::256>>), do: :aes_256_gcm
end
