defmodule Ockam.Vault do
  @moduledoc """
  A vault that keeps secrets (section 9), as a value: who has it does one operation after the other. Secrets are buffers, AES keys, and
  X25519 private keys; a handle names one, in this vault alone, until that is destroyed or the vault starts again (VAULT-001).

  Persistent secrets are kept by this value too, for there is no device here: they survive `restart/1` (VAULT-007), not the process. Nothing
  is wiped that the runtime copies (MEM-001 is not met).
  """
  alias Ockam.Crypto

  # The longest buffer, and how many secrets there can be.
  @longest 4096
  @most 1024
  @lengths %{aes128: 16, aes256: 32, x25519: 32}

  # handles: to the keys of secrets, a label if it is persistent and else the handle itself
  defstruct open: true, handles: %{}, secrets: %{}

  @type t :: %__MODULE__{}
  @opaque handle :: reference
  @type type :: :buffer | :aes128 | :aes256 | :x25519
  @type attributes :: %{type: type, length: non_neg_integer, exportable: boolean, label: binary | nil}

  @doc "An empty vault."
  @spec new() :: t
  def new, do: %__MODULE__{}

  @doc """
  Imports the `:value`, or generates a secret. Options: `:value`, `:length` (of a buffer), `:exportable`, and `:label`, with which it is
  persistent.
  """
  @spec make(t, type, keyword) :: {:ok, handle, t} | {:error, atom}
  def make(vault, type, options) do
    length = if options[:value], do: byte_size(options[:value]), else: options[:length] || @lengths[type] || 32
    label = options[:label]

    with :ok <- open(vault),
         :ok <- supported(type, length),
         :ok <- if(length == Map.get(@lengths, type, length), do: :ok, else: {:error, :length}),
         :ok <- free(vault, label) do
      value = options[:value] || :crypto.strong_rand_bytes(length)
      put(vault, %{type: type, value: value, exportable: options[:exportable] == true}, label)
    end
  end

  @doc "Whether `make/3` could have a secret of a type and, for a buffer, of a length (VAULT-008)."
  @spec supports?(t, atom, non_neg_integer | nil) :: {:ok, boolean} | {:error, atom}
  def supports?(vault, type, length), do: with(:ok <- open(vault), do: {:ok, supported(type, length || 0) == :ok})

  @doc "A handle of the persistent secret with a label."
  @spec find(t, binary) :: {:ok, handle, t} | {:error, atom}
  def find(vault, label) do
    with :ok <- open(vault) do
      if is_map_key(vault.secrets, label), do: handle(vault, label), else: {:error, :label}
    end
  end

  @doc "What is known of a secret."
  @spec attributes(t, handle) :: {:ok, attributes} | {:error, atom}
  def attributes(vault, handle) do
    with {:ok, secret} <- secret(vault, handle) do
      label = vault.handles[handle]
      label = if is_binary(label), do: label
      {:ok, %{type: secret.type, length: byte_size(secret.value), exportable: secret.exportable, label: label}}
    end
  end

  @doc "The value of a secret that was made to be exported (VAULT-006)."
  @spec export(t, handle) :: {:ok, binary} | {:error, atom}
  def export(vault, handle) do
    with {:ok, secret} <- secret(vault, handle),
         do: if(secret.exportable, do: {:ok, secret.value}, else: {:error, :not_exportable})
  end

  @doc "The public key of a private one."
  @spec public(t, handle) :: {:ok, binary} | {:error, atom}
  def public(vault, handle) do
    with {:ok, secret} <- secret(vault, handle, [:x25519]), do: {:ok, Crypto.public_key(secret.value)}
  end

  @doc "Makes an AES key of a buffer (VAULT-011)."
  @spec retype(t, handle, atom) :: {:ok, t} | {:error, atom}
  def retype(vault, handle, type) do
    with {:ok, secret} <- secret(vault, handle, [:buffer]) do
      case {type, secret.value} do
        {:aes256, <<_::256>>} -> {:ok, change(vault, handle, %{secret | type: type})}
        {:aes128, <<key::binary-16, _::binary>>} -> {:ok, change(vault, handle, %{secret | type: type, value: key})}
        {aes, _value} when aes in [:aes128, :aes256] -> {:error, :length}
        _other -> {:error, :wrong_type}
      end
    end
  end

  @doc "Destroys a secret, a persistent one for good."
  @spec destroy(t, handle) :: {:ok, t} | {:error, atom}
  def destroy(vault, handle) do
    with {:ok, _secret} <- secret(vault, handle) do
      key = vault.handles[handle]
      handles = Map.reject(vault.handles, fn {_handle, other} -> other == key end)
      {:ok, %{vault | handles: handles, secrets: Map.delete(vault.secrets, key)}}
    end
  end

  @doc "The shared secret of a private key and a public one, as a buffer (VAULT-003)."
  @spec agree(t, handle, binary) :: {:ok, handle, t} | {:error, atom}
  def agree(vault, handle, public) do
    with {:ok, secret} <- secret(vault, handle, [:x25519]),
         {:ok, shared} <- Crypto.x25519(secret.value, public),
         do: result(vault, shared)
  end

  @doc "A block of HKDF-SHA256 with a buffer as the salt, and another one or nothing as the input, as a buffer (VAULT-004)."
  @spec derive(t, handle, handle | nil) :: {:ok, handle, t} | {:error, atom}
  def derive(vault, salt, input) do
    with {:ok, salt} <- secret(vault, salt, [:buffer]),
         {:ok, input} <- if(input, do: secret(vault, input, [:buffer]), else: {:ok, %{value: ""}}) do
      [block] = Crypto.hkdf(salt.value, input.value, 1)
      result(vault, block)
    end
  end

  @doc "Encrypts with AES-GCM."
  @spec seal(t, handle, binary, binary, binary) :: {:ok, binary} | {:error, atom}
  def seal(vault, handle, nonce, ad, plaintext) do
    with {:ok, secret} <- secret(vault, handle, [:aes128, :aes256]),
         :ok <- nonce(nonce),
         do: {:ok, Crypto.seal(secret.value, nonce, ad, plaintext)}
  end

  @doc "Decrypts with AES-GCM (VAULT-005)."
  @spec unseal(t, handle, binary, binary, binary) :: {:ok, binary} | {:error, atom}
  def unseal(vault, handle, nonce, ad, sealed) do
    with {:ok, secret} <- secret(vault, handle, [:aes128, :aes256]),
         :ok <- nonce(nonce),
         do: Crypto.unseal(secret.value, nonce, ad, sealed)
  end

  @doc "Ends the vault: what follows is an error, but to close it again (VAULT-012). Ephemeral secrets are gone."
  @spec close(t) :: t
  def close(vault) do
    kept = Map.filter(vault.secrets, fn {key, _secret} -> is_binary(key) end)
    %{vault | open: false, handles: %{}, secrets: kept}
  end

  @doc "Ends the vault, unless it has ended, and starts it again."
  @spec restart(t) :: t
  def restart(vault), do: %{close(vault) | open: true}

  defp open(vault), do: if(vault.open, do: :ok, else: {:error, :closed})

  defp supported(:buffer, length) when length <= @longest, do: :ok
  defp supported(type, _length) when is_map_key(@lengths, type), do: :ok
  defp supported(_type, _length), do: {:error, :not_supported}

  defp free(_vault, nil), do: :ok

  defp free(vault, label) do
    if label =~ ~r/\A[a-z0-9]{1,64}\z/ and not is_map_key(vault.secrets, label), do: :ok, else: {:error, :label}
  end

  defp nonce(<<_::96>>), do: :ok
  defp nonce(_other), do: {:error, :length}

  defp secret(vault, handle, types \\ nil) do
    with :ok <- open(vault) do
      case vault.secrets[vault.handles[handle]] do
        nil -> {:error, :no_secret}
        secret -> if types == nil or secret.type in types, do: {:ok, secret}, else: {:error, :wrong_type}
      end
    end
  end

  # VAULT-006: what comes of secrets is not exportable.
  defp result(vault, value), do: put(vault, %{type: :buffer, value: value, exportable: false}, nil)

  defp put(%{secrets: secrets}, _secret, _label) when map_size(secrets) >= @most, do: {:error, :vault}

  defp put(vault, secret, nil) do
    handle = make_ref()
    handle(put_in(vault.secrets[handle], secret), handle, handle)
  end

  defp put(vault, secret, label), do: handle(put_in(vault.secrets[label], secret), label)

  defp handle(vault, key, handle \\ make_ref()), do: {:ok, handle, put_in(vault.handles[handle], key)}

  defp change(vault, handle, secret), do: put_in(vault.secrets[vault.handles[handle]], secret)
end
