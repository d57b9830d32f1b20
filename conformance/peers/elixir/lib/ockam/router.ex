defmodule Ockam.Router do
  @moduledoc false
  def listen(_host, _port), do: {:error, :later}
end
