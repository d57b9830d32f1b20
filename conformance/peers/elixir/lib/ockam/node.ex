defmodule Ockam.Node do
  @moduledoc """
  What an end point does with a message before a channel sees it (section 8). Pure.

  It never forwards (ROUT-007): what is for nobody here is dropped. Routers are `Ockam.Router`.
  """
  alias Ockam.{Address, Message, Profile, Wire}

  @ping Message.type(:ping)
  @pong Message.type(:pong)

  @typedoc "Where the message goes: to a local address, to the node, back as a pong, or nowhere."
  @type verdict ::
          {:address, binary, Message.t()}
          | {:node, Message.t()}
          | {:reply, binary}
          | {:reject, atom}

  @doc "Judges a message from a source; `here` is the node's own transport address. Both are nil over an IO without addresses."
  @spec judge(Profile.t(), Address.t() | nil, Address.t() | nil, binary) :: verdict
  def judge(profile, here, source, bytes) do
    # TRAN-008, TRAN-011
    with :ok <- if(byte_size(bytes) > profile.longest, do: {:error, :too_long}, else: :ok),
         {:ok, message} <- Wire.decode(bytes, profile) do
      place(profile, here, arrived(message, profile, here, source))
    else
      {:error, class} -> {:reject, class}
    end
  end

  @doc "A message without its own first onward address (ROUT-002) and with its source as the first return address (ROUT-003)."
  @spec arrived(Message.t(), Profile.t(), Address.t() | nil, Address.t() | nil) :: Message.t()
  def arrived(message, profile, here, source),
    do: %{message | onward: without_own(message.onward, profile, here), return: with_source(message.return, source)}

  # ROUT-001
  defp place(profile, here, %{onward: [], type: @ping} = message), do: pong(profile, here, message.return)
  defp place(_profile, _here, %{onward: [], type: @pong}), do: {:reject, :not_addressed}
  defp place(_profile, _here, %{onward: []} = message), do: {:node, message}
  # WIRE-010: a ping or pong for a local address is dropped.
  defp place(_profile, _here, %{type: type}) when type in [@ping, @pong], do: {:reject, :not_addressed}
  defp place(_profile, _here, %{onward: [{:local, to} | _rest]} = message), do: {:address, to, message}
  defp place(_profile, _here, _message), do: {:reject, :not_addressed}

  # It names the receiver, whatever it says.
  defp without_own([{kind, _host, _port} = first | rest] = onward, profile, here) when kind in [:tcp, :udp] do
    if profile.any_leading or (here != nil and Address.same?(first, here)), do: rest, else: onward
  end

  defp without_own(onward, _profile, _here), do: onward

  defp with_source(return, nil), do: return
  defp with_source([{kind, _, _} | rest], {kind, _, _} = source), do: [source | rest]
  defp with_source(return, source), do: [source | return]

  @doc "The pong for a ping's return route; the own address is the only one in the pong's (WIRE-010, ROUT-004)."
  @spec pong(Profile.t(), Address.t() | nil, [Address.t()]) :: verdict
  def pong(profile, here, return) do
    case Wire.encode(%Message{onward: return, return: List.wrap(here), type: @pong}, profile) do
      {:ok, bytes} -> {:reply, bytes}
      {:error, _class} -> {:reject, :form}
    end
  end
end
