defmodule Ockam.Cli do
  @moduledoc "The command `ockam-peer`: the echo contract, and the router contract (`Ockam.Router`)."
  alias Ockam.{Address, Crypto, Echo, Profile, Router}

  @usage """
  usage: ockam-peer responder|initiator tcp|udp HOST:PORT v1|c09|e09 [options]
         ockam-peer router tcp|udp HOST:PORT [v1]

    --timeout MS    deadline of handshakes (default 10000)
    --key FILE      static private key, 64 hex digits (default: a new one)
    --peerkey HEX   the only static public key that is accepted (default: any)
    --depth N       channels inside each other (default 1)
    --again         an initiator dials once per session, again and again: over TCP until nobody listens, over UDP
                    when the session before has heard something, or after half a second
  """
  @switches [timeout: :integer, key: :string, peerkey: :string, depth: :integer, again: :boolean]
  @greeting "hello"
  # Over UDP: how long an m1 is offered before the next session begins, and when a session that is quiet is given up.
  @offer 500
  @idle 60_000
  # The allow rule of the router (ROUT-007).
  @loopback [<<127, 0, 0, 1>>, <<1::128>>]

  @doc "Runs the command with the words that the runtime was started with."
  @spec main() :: no_return
  def main, do: main(for(word <- :init.get_plain_arguments(), do: to_string(word)))

  @doc "Runs the command; does not return."
  @spec main([binary]) :: no_return
  def main(arguments) do
    reports_to_stderr()
    # Who is told to end ends at once: there is nothing to be saved, and the runtime takes a second to stop in order.
    :os.set_signal(:sigterm, :default)
    {:ok, _started} = Application.ensure_all_started(:ockam)

    with {options, words, []} <- OptionParser.parse(arguments, strict: @switches),
         {:ok, role, kind, address, profile} <- words(words),
         true <- kind in profile.transports,
         {:ok, channel} <- channel(options) do
      run(role, address, profile, channel, Keyword.get(options, :again, false))
    else
      _other -> stop(2, @usage)
    end
  end

  @doc "Sends the runtime's reports to standard error: standard output is for who started the command."
  @spec reports_to_stderr() :: :ok
  def reports_to_stderr do
    :logger.set_primary_config(:level, :warning)
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    :logger.add_handler(:default, :logger_std_h, %{config: %{type: :standard_error}})
  end

  defp words(["router", kind, address]), do: words(["router", kind, address, "v1"])

  defp words([role, kind, address, profile]) do
    with {:ok, role} <- word(role, responder: "responder", initiator: "initiator", router: "router"),
         {:ok, kind} <- word(kind, tcp: "tcp", udp: "udp"),
         {:ok, address} <- Address.parse(kind, address),
         {:ok, profile} <- Profile.lookup(profile),
         do: {:ok, role, kind, address, profile}
  end

  defp words(_words), do: :error

  defp word(text, known), do: Enum.find_value(known, :error, fn {atom, name} -> name == text && {:ok, atom} end)

  # NOISE-011: without --peerkey the command says by name that any key will do.
  defp channel(options) do
    with {:ok, static} <- key(options[:key]),
         {:ok, policy} <- policy(options[:peerkey]),
         do:
           {:ok,
            [
              static: fn -> static end,
              policy: policy,
              timeout: options[:timeout] || 10_000,
              depth: options[:depth] || 1
            ]}
  end

  defp key(nil), do: {:ok, Crypto.private_key()}

  defp key(file) do
    with {:ok, text} <- File.read(file),
         {:ok, <<_::256>> = key} <- Base.decode16(String.trim(text), case: :mixed),
         do: {:ok, key}
  end

  defp policy(nil), do: {:ok, :any}

  defp policy(text) do
    with {:ok, <<_::256>> = key} <- Base.decode16(text, case: :mixed), do: {:ok, {:only, key}}
  end

  defp run(:router, {_tcp, host, port}, _profile, _channel, _again) do
    case Router.listen(host, port, &(&1 in @loopback)) do
      {:ok, _pid, tcp, udp} ->
        IO.puts("listening tcp://#{Address.text(tcp)}\nlistening udp://#{Address.text(udp)}")
        Process.sleep(:infinity)

      {:error, reason} ->
        stop(1, "listen: #{inspect(reason)}\n")
    end
  end

  defp run(:responder, address, profile, channel, _again) do
    options = [address: address, profile: profile, channel: channel, handler: {Echo, {@greeting, nil}}]

    case Ockam.listen(options) do
      {:ok, _pid, here} ->
        IO.puts("listening #{Address.text(here)}")
        Process.sleep(:infinity)

      {:error, reason} ->
        stop(1, "listen: #{inspect(reason)}\n")
    end
  end

  defp run(:initiator, address, profile, channel, again) do
    route = [address | List.wrap(profile.listener && {:local, profile.listener})]
    options = [route: route, profile: profile, channel: channel, handler: {Echo, {@greeting, nil}}]

    case Ockam.connect(options ++ [notify: self(), idle: @idle]) do
      {:ok, pid} ->
        wait(pid, again and elem(address, 0) == :udp)
        if again, do: run(:initiator, address, profile, channel, again), else: System.halt(0)

      # Somebody listens, who has ended the connection before it was known here.
      {:error, reason} when again and reason in [:econnreset, :econnaborted, :closed] ->
        run(:initiator, address, profile, channel, again)

      {:error, reason} ->
        stop(if(again and reason == :econnrefused, do: 0, else: 1), "connect: #{inspect(reason)}\n")
    end
  end

  # Over UDP nothing tells that a session has ended: the next one begins beside it.
  defp wait(pid, true) do
    receive do
      {:ockam_heard, ^pid} -> :ok
      {:ockam_heard, _earlier} -> wait(pid, true)
    after
      @offer -> :ok
    end
  end

  defp wait(pid, false) do
    ref = Process.monitor(pid)

    receive do
      {:DOWN, ^ref, :process, _pid, _reason} -> :ok
    end
  end

  defp stop(status, text) do
    IO.write(:stderr, text)
    System.halt(status)
  end
end
