defmodule Ockam.Profile do
  @moduledoc """
  The dialects of section 11, as data. No other module asks for a profile's name: each difference has a field here.
  """

  @enforce_keys [:name]
  defstruct name: nil,
            transports: [:tcp, :udp],
            # addresses per route that are taken (WIRE-008)
            max_addresses: 255,
            # whether there are routes and a node in front of the channel (section 8)
            node: true,
            # whether messages have a type byte
            typed: true,
            # whether the outer message of a record is the ciphertext
            bare_records: false,
            # whether the associated data of records is h (REC-001) or empty
            bind_hash: true,
            # IPv6 addresses as eight little-endian groups
            ipv6_groups: false,
            # a leading transport address is removed whatever it says (ROUT-002), else only one's own
            any_leading: true,
            # a new static key for each handshake (against NOISE-012)
            fresh_static: false,
            # the local address to which m1 goes, and the one that inner onward routes name
            listener: nil,
            application: nil,
            # TRAN-014 and TRAN-015, else TRAN-016
            repeats: true,
            # the longest message, the longest payload sent and received, in bytes
            longest: 65_535,
            send_limit: 65_535,
            receive_limit: 65_535,
            # the profile of inner messages, if it is another one
            payloads: nil

  @type t :: %__MODULE__{}

  @doc "The profile of a name: `v1`, `c09`, or `e09`."
  @spec lookup(binary) :: {:ok, t} | :error
  def lookup("v1"), do: {:ok, %__MODULE__{name: "v1"}}

  def lookup("c09") do
    {:ok,
     %__MODULE__{
       name: "c09",
       max_addresses: 0,
       node: false,
       bare_records: true,
       bind_hash: false,
       fresh_static: true,
       repeats: false,
       send_limit: 1008,
       receive_limit: 1024
     }}
  end

  def lookup("e09") do
    {:ok,
     %__MODULE__{
       name: "e09",
       transports: [:udp],
       typed: false,
       ipv6_groups: true,
       any_leading: false,
       listener: "listener",
       application: "echo",
       repeats: false,
       longest: 8192
     }}
  end

  def lookup(_name), do: :error

  @doc """
  The profile as a channel inside another one speaks it: both routes of its wire messages are empty, nothing is routed in between
  (CHAN-008). Its inner messages are as ever (REC-011).
  """
  @spec inside(t) :: t
  def inside(%__MODULE__{} = profile),
    do: %{profile | max_addresses: 0, node: false, listener: nil, payloads: payloads(profile)}

  @doc "The profile of inner messages."
  @spec payloads(t) :: t
  def payloads(%__MODULE__{payloads: nil} = profile), do: profile
  def payloads(%__MODULE__{payloads: payloads}), do: payloads

  @doc "Whether a body can travel: without a type byte, 03, 04, 05 at its begin and 00 and 01 alone are taken for one."
  @spec travels?(t, binary) :: boolean
  def travels?(%__MODULE__{typed: true}, _body), do: true
  def travels?(_profile, <<type, _rest::binary>>) when type in 3..5, do: false
  def travels?(_profile, body), do: body not in [<<0>>, <<1>>]

  @doc "The longest message over a transport, in bytes (REC-010)."
  @spec longest(t, Ockam.Address.t() | :tcp | :udp | nil) :: non_neg_integer
  def longest(%__MODULE__{longest: longest}, {:udp, host, _port}) when byte_size(host) == 16, do: min(longest, 65_527)
  def longest(%__MODULE__{longest: longest}, {:udp, _host, _port}), do: min(longest, 65_507)
  def longest(%__MODULE__{longest: longest}, _stream), do: longest
end
