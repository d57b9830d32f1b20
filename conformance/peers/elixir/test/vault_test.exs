defmodule Ockam.VaultTest do
  use ExUnit.Case, async: true
  alias Ockam.{Crypto, Vault}

  @types [:buffer, :aes128, :aes256, :x25519]

  defp made(vault, type, options \\ []) do
    {:ok, handle, vault} = Vault.make(vault, type, options)
    {handle, vault}
  end

  # Every operation with a handle, and the types for which it is right.
  defp operations(handle) do
    nonce = <<0::96>>
    public = Crypto.public_key(<<7::256>>)

    [
      {&Vault.attributes(&1, handle), @types},
      {&Vault.export(&1, handle), []},
      {&Vault.public(&1, handle), [:x25519]},
      {&Vault.retype(&1, handle, :aes256), [:buffer]},
      {&Vault.destroy(&1, handle), @types},
      {&Vault.agree(&1, handle, public), [:x25519]},
      {&Vault.derive(&1, handle, nil), [:buffer]},
      {&Vault.seal(&1, handle, nonce, "", ""), [:aes128, :aes256]}
    ]
  end

  test "an operation is for secrets of its types, and for no other's handle" do
    for type <- @types do
      {handle, vault} = made(Vault.new(), type)

      for {operation, types} <- operations(handle) do
        assert elem(operation.(vault), 0) == if(type in types, do: :ok, else: :error)
        assert operation.(Vault.new()) == {:error, :no_secret}
        assert operation.(Vault.restart(vault)) == {:error, :no_secret}
        assert operation.(Vault.close(vault)) == {:error, :closed}
      end
    end
  end

  test "only what was made to be exported is, and nothing that comes of it" do
    {open, vault} = made(Vault.new(), :buffer, value: "value", exportable: true)
    assert Vault.export(vault, open) == {:ok, "value"}
    {:ok, derived, vault} = Vault.derive(vault, open, open)
    assert Vault.export(vault, derived) == {:error, :not_exportable}
    [block] = Crypto.hkdf("value", "value", 1)
    {:ok, vault} = Vault.retype(vault, derived, :aes256)
    assert Vault.seal(vault, derived, <<1::96>>, "ad", "text") == {:ok, Crypto.seal(block, <<1::96>>, "ad", "text")}
  end

  test "a change of type" do
    for {length, type, want} <- [
          {32, :aes256, 32},
          {31, :aes256, nil},
          {33, :aes256, nil},
          {16, :aes128, 16},
          {48, :aes128, 16},
          {15, :aes128, nil},
          {32, :x25519, nil}
        ] do
      {handle, vault} = made(Vault.new(), :buffer, length: length)
      result = Vault.retype(vault, handle, type)
      if want == nil, do: assert({:error, _class} = result), else: assert({:ok, _vault} = result)
      after_it = if want, do: elem(result, 1), else: vault
      {:ok, attributes} = Vault.attributes(after_it, handle)
      assert {attributes.type, attributes.length} == if(want, do: {type, want}, else: {:buffer, length})
    end
  end

  test "a persistent secret is found by its label until it is destroyed" do
    {first, vault} = made(Vault.new(), :x25519, label: "own1")
    {:ok, public} = Vault.public(vault, first)
    assert Vault.make(vault, :x25519, label: "own1") == {:error, :label}
    assert Vault.make(vault, :x25519, label: "Own") == {:error, :label}
    vault = Vault.restart(vault)
    assert Vault.public(vault, first) == {:error, :no_secret}
    {:ok, again, vault} = Vault.find(vault, "own1")
    assert Vault.public(vault, again) == {:ok, public}
    {:ok, vault} = Vault.destroy(vault, again)
    assert Vault.find(Vault.restart(vault), "own1") == {:error, :label}
  end

  test "what is supported can be made, and the rest is refused as that" do
    for {type, length} <- [buffer: 4096, buffer: 4097, aes128: nil, x25519: nil, p256: nil] do
      {:ok, supported} = Vault.supports?(Vault.new(), type, length)

      case Vault.make(Vault.new(), type, length: length) do
        {:ok, _handle, _vault} -> assert supported
        {:error, class} -> assert {supported, class} == {false, :not_supported}
      end
    end

    assert Vault.make(Vault.new(), :aes128, value: <<0::256>>) == {:error, :length}
  end
end
