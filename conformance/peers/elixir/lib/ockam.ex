defmodule Ockam do
  @moduledoc """
  Secure channels as conformance/spec/ockam-v1.md has them: profiles v1 and c09 over TCP and UDP, e09 over UDP, channels inside each other,
  and a router.

      {:ok, profile} = Ockam.Profile.lookup("v1")
      key = Ockam.Crypto.private_key()
      channel = [static: fn -> key end, policy: :any, timeout: 10_000]
      {:ok, here} = Ockam.Address.parse(:tcp, "127.0.0.1:4000")
      {:ok, _listener, _bound} =
        Ockam.listen(address: here, profile: profile, channel: channel, handler: {Ockam.Echo, {"", nil}})

      {:ok, _connection} = Ockam.connect(route: [here], profile: profile, channel: channel, handler: {Ockam.Relay, self()})
      session = receive do {:ockam_opened, info} -> info.session end
      :ok = Ockam.Session.write(session, "hello")
      receive do {:ockam_received, ^session, message} -> message.body end

  `Ockam.Endpoint` is the same without processes: bytes and the time in, events out.
  """
  alias Ockam.{Tcp, Udp}

  @doc """
  Listens on `:address`; each channel that opens gets the `:handler`, a module (`Ockam.Handler`) and its argument. `:channel` has `:static`
  (32 bytes, or a function that returns them: then they are in no report of the runtime), `:policy` (`{:only, key}`, or `:any` by name: NOISE-011), `:timeout` in milliseconds, `:depth`, and `:window`. Returns the address bound.
  """
  @spec listen(keyword) :: {:ok, pid, Ockam.Address.t()} | {:error, term}
  def listen(options) do
    case Keyword.fetch!(options, :address) do
      {:tcp, _host, _port} -> Tcp.listen(options)
      {:udp, _host, _port} -> Udp.listen(options)
    end
  end

  @doc """
  Begins a channel along `:route`, the address of the next hop first; the other options are as for `listen/1`. Returns the process that has
  the socket; it ends with the channel.
  """
  @spec connect(keyword) :: {:ok, pid} | {:error, term}
  def connect(options) do
    case Keyword.fetch!(options, :route) do
      [{:tcp, _host, _port} | _further] -> Tcp.connect(options)
      [{:udp, _host, _port} | _further] -> with {:ok, pid, _here} <- Udp.connect(options), do: {:ok, pid}
    end
  end

  @doc "Ends a listener, a connection, or a router. The channels of a UDP endpoint and those of a connection end with it."
  @spec stop(pid) :: :ok
  def stop(pid) do
    _ended = DynamicSupervisor.terminate_child(Ockam.Connections, pid)
    :ok
  end
end
