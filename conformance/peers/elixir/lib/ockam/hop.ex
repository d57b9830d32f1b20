defmodule Ockam.Hop do
  @moduledoc """
  What a router does with a message (section 8). Pure: it resolves no name and knows no socket but the addresses that it is bound to.
  """
  alias Ockam.{Address, Message, Node, Profile, Wire}

  @ping Message.type(:ping)
  # ROUT-011
  @most_addresses 16

  @enforce_keys [:profile, :bound, :allow]
  # bound: own addresses; allow: whether a host may be a source and a next hop (ROUT-007)
  defstruct [:profile, :bound, :allow]

  @type t :: %__MODULE__{profile: Profile.t(), bound: [Address.t()], allow: (Address.host() -> boolean)}
  @type verdict ::
          {:forward, Address.t(), Message.t()} | {:resolve, Address.t(), Message.t()} | {:reply, binary} | :drop

  @doc "Judges a message from a source that came to one of the own addresses."
  @spec judge(t, Address.t(), Address.t(), binary) :: verdict
  def judge(hop, here, source, bytes) do
    case Wire.decode(bytes, hop.profile) do
      {:ok, message} -> place(hop, here, source, message, Node.arrived(message, hop.profile, here, source))
      {:error, _class} -> :drop
    end
  end

  # A message that names no further hop is for this node, which is no end point (ROUT-001).
  defp place(hop, here, _source, _as_it_came, %{onward: [], type: @ping} = message) do
    case Node.pong(hop.profile, here, message.return) do
      {:reply, pong} -> {:reply, pong}
      _no_form -> :drop
    end
  end

  # ROUT-005, ROUT-007: the message has named this hop first, and names a further one.
  defp place(hop, _here, {_kind, host, _port}, came, %{onward: [{kind, _, _} = next | _]} = message)
       when kind in [:tcp, :udp] do
    cond do
      length(came.onward) + length(came.return) > @most_addresses -> :drop
      not hop.allow.(host) -> :drop
      true -> next(hop, next, message)
    end
  end

  defp place(_hop, _here, _source, _as_it_came, _message), do: :drop

  # WIRE-014: a name is resolved here alone, by whoever asked; what comes of it is judged by numeric/3.
  defp next(hop, next, message) do
    case Address.canonical(next) do
      {:ok, {_kind, {:dns, _name}, _port} = named} -> {:resolve, named, message}
      {:ok, numeric} -> numeric(hop, numeric, message)
      {:error, _class} -> :drop
    end
  end

  @doc "Judges the numeric address of a next hop. The message then carries that (ROUT-004)."
  @spec numeric(t, Address.t(), Message.t()) :: verdict
  def numeric(hop, {_kind, host, _port} = next, %{onward: [_next | further]} = message) do
    if Address.sendable?(next) and hop.allow.(host) and not bound?(hop, next),
      do: {:forward, next, %{message | onward: [next | further]}},
      else: :drop
  end

  # ROUT-005. A node that is bound to all its addresses is bound to each.
  defp bound?(hop, {kind, host, port} = next) do
    Enum.any?(hop.bound, fn own ->
      own == next or (match?({^kind, any, ^port} when any in [<<0::32>>, <<0::128>>], own) and own_host?(host))
    end)
  end

  defp own_host?(<<127, _::24>>), do: true

  defp own_host?(host) do
    {:ok, interfaces} = :inet.getifaddrs()
    addresses = for {_name, options} <- interfaces, {:addr, ip} <- options, do: ip
    Address.ip(host) in addresses
  end

  @doc "The message as it leaves from an own address (ROUT-004, WIRE-015), an error if it has become too long (REC-010)."
  @spec leave(t, Address.t(), Message.t()) :: {:ok, binary} | {:error, atom}
  def leave(hop, here, message) do
    with {:ok, bytes} <- Wire.encode(%{message | return: [here | message.return]}, hop.profile) do
      if byte_size(bytes) <= Profile.longest(hop.profile, here), do: {:ok, bytes}, else: {:error, :too_long}
    end
  end
end
