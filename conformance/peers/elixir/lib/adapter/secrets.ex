defmodule Ockam.Secrets do
  @moduledoc """
  The verb `vault` of ockamtest's adapter protocol (section 8): an `Ockam.Vault`, and the numbers that the kit gives to its handles. Fields
  are as `Ockam.Control` reads them.
  """
  alias Ockam.{Control, Vault}
  import Ockam.Notation, only: [hex: 1]

  # Each operation with the fields that it needs.
  @operations """
              make secret type
              find secret label
              attributes secret
              export secret
              public secret
              retype secret type
              destroy secret
              agree secret public to
              derive secret to
              seal secret nonce ad data
              unseal secret nonce ad data
              supports type
              close
              restart
              """
              |> String.split("\n", trim: true)
              |> Map.new(fn line -> line |> String.split() |> then(fn [op | needed] -> {op, needed} end) end)

  @enforce_keys [:vault]
  defstruct [:vault, numbers: %{}]

  @type t :: %__MODULE__{}

  @doc "An empty vault."
  @spec new() :: t
  def new, do: %__MODULE__{vault: Vault.new()}

  @doc "Carries out an operation."
  @spec operate(map, t) :: {:ok, iodata} | {:ok, iodata, t} | {:error, atom} | :unsupported
  def operate(%{"op" => op} = f, state) do
    case @operations do
      %{^op => needed} -> if(needed -- Map.keys(f) == [], do: run(op, f, state), else: {:error, :argument})
      _other -> :unsupported
    end
  end

  defp run("make", f, state) do
    options = [value: f["value"], length: f["length"], exportable: f["exportable"] == "yes", label: f["label"]]
    state |> with_vault(&Vault.make(&1, f["type"], options)) |> number(f["secret"])
  end

  defp run("find", f, state), do: state |> with_vault(&Vault.find(&1, f["label"])) |> number(f["secret"])

  defp run("attributes", f, state) do
    with {:ok, a} <- Vault.attributes(state.vault, handle(f["secret"], state)) do
      label = if a.label, do: " label=" <> a.label, else: ""
      {:ok, "type=#{a.type} length=#{a.length} exportable=#{yes(a.exportable)}#{label}"}
    end
  end

  defp run("export", f, state), do: data(Vault.export(state.vault, handle(f["secret"], state)))
  defp run("public", f, state), do: data(Vault.public(state.vault, handle(f["secret"], state)))

  defp run("retype", f, state) do
    with {:ok, vault} <- Vault.retype(state.vault, handle(f["secret"], state), f["type"]),
         do: {:ok, "", %{state | vault: vault}}
  end

  defp run("destroy", f, state) do
    with {:ok, vault} <- Vault.destroy(state.vault, handle(f["secret"], state)), do: {:ok, "", %{state | vault: vault}}
  end

  defp run("agree", f, state) do
    state |> with_vault(&Vault.agree(&1, handle(f["secret"], state), f["public"])) |> number(f["to"])
  end

  defp run("derive", f, state) do
    input = f["ikm"] && handle(f["ikm"], state)
    state |> with_vault(&Vault.derive(&1, handle(f["secret"], state), input)) |> number(f["to"])
  end

  defp run("seal", f, state),
    do: data(Vault.seal(state.vault, handle(f["secret"], state), f["nonce"], f["ad"], f["data"]))

  defp run("unseal", f, state),
    do: data(Vault.unseal(state.vault, handle(f["secret"], state), f["nonce"], f["ad"], f["data"]))

  defp run("supports", f, state) do
    with {:ok, supported} <- Vault.supports?(state.vault, f["type"], f["length"]),
         do: {:ok, "supported=" <> yes(supported)}
  end

  defp run("close", _f, state), do: {:ok, "", %{state | vault: Vault.close(state.vault)}}
  defp run("restart", _f, state), do: {:ok, "", %{state | vault: Vault.restart(state.vault)}}

  # One that was never given is no handle of the vault's.
  defp handle(number, state), do: Map.get(state.numbers, number, number)

  defp with_vault(state, operation) do
    with {:ok, handle, vault} <- operation.(state.vault), do: {:ok, handle, %{state | vault: vault}}
  end

  defp number({:ok, handle, state}, number), do: {:ok, "", put_in(state.numbers[number], handle)}
  defp number(error, _number), do: error

  defp data(result), do: with({:ok, bytes} <- result, do: {:ok, "data=" <> hex(bytes)})
  defp yes(true), do: "yes"
  defp yes(false), do: "no"

  @doc "What a field of the verb stands for."
  @spec value(binary, binary) :: {:ok, term} | :error | :unsupported
  def value("op", text), do: if(text =~ ~r/\A[a-z][a-z0-9-]{0,15}\z/, do: {:ok, text}, else: :error)

  def value("type", text),
    do: Control.word(text, for(t <- ~w(buffer aes128 aes256 x25519 p256)a, do: {t, Control.name(t)}))

  def value("exportable", text), do: Control.word(text, [{"yes", "yes"}, {"no", "no"}])
  def value("label", text), do: {:ok, text}
  def value(key, text) when key in ~w(secret to ikm length), do: Control.number(text)
  def value(_key, text), do: Ockam.Notation.parse_hex(text)
end
