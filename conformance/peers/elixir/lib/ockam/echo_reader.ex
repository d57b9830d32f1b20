defmodule Ockam.EchoReader do
  @moduledoc "The echo contract (`Ockam.Echo`) as an application that reads (`Ockam.Reader`): into a buffer of some bytes, for some milliseconds."
  alias Ockam.{Echo, Reader}

  @doc "The handler for `Ockam.listen/1` and `Ockam.connect/1`; the first argument is that of `Ockam.Echo`."
  @spec handler({binary, term}, pos_integer, timeout) :: {module, (Reader.t() -> term)}
  def handler(greeting, buffer, give_up) do
    {Reader,
     fn reader ->
       {writes, here} = Echo.opened(reader.info, greeting)
       write(reader, writes)
       echo(reader, here, {buffer, give_up}, [])
     end}
  end

  defp echo(reader, here, {buffer, give_up} = how, parts) do
    case Reader.read(reader, buffer, give_up) do
      {{:ok, part}, reader} ->
        {writes, here} = Echo.received(%{reader.message | body: IO.iodata_to_binary([parts, part])}, here)
        write(reader, writes)
        echo(reader, here, how, [])

      {{:more, part}, reader} ->
        echo(reader, here, how, [parts, part])

      {{:error, :timeout}, reader} ->
        echo(reader, here, how, parts)

      {{:error, :closed}, _reader} ->
        :ok
    end
  end

  defp write(reader, writes), do: for({body, onward, return} <- writes, do: Reader.write(reader, body, onward, return))
end
