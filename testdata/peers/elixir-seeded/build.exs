# build.exs PEER FAULTS DIR FAULT...: the modules of the peer as DIR/none, and as DIR/FAULT those with a fault. They differ in what the fault's patch
# changes: this is compiled from the peer's sources. A patch has to fit them exactly, and what it makes compiles without a warning.
defmodule Build do
  def main([peer, faults, dir | names]) do
    # The same modules are compiled again and again.
    Code.compiler_options(ignore_module_conflict: true)
    copy(peer, Path.join(dir, "none"))
    for name <- names, name != "none", do: fault(peer, Path.join(faults, name <> ".patch"), Path.join(dir, name))
  end

  defp copy(peer, to) do
    File.rm_rf!(to)
    File.mkdir_p!(to)
    [_ | _] = built = Path.wildcard(Path.join(peer, "_build/prod/lib/ockam/ebin/*.{app,beam}"))
    for file <- built, do: File.cp!(file, Path.join(to, Path.basename(file)))
  end

  defp fault(peer, patch, to) do
    sources = for {file, text} <- patched(peer, File.read!(patch)), do: write(to <> ".src", file, text)
    copy(peer, to)

    case Kernel.ParallelCompiler.compile_to_path(sources, to) do
      {:ok, [_ | _], []} -> :ok
      other -> raise "#{patch}: what it makes does not compile, or not without a warning: #{inspect(other)}"
    end
  end

  defp write(dir, file, text) do
    path = Path.join(dir, file)
    File.mkdir_p!(Path.dirname(path))
    File.write!(path, text)
    path
  end

  # The files that a patch changes or adds, as it leaves them.
  defp patched(peer, patch) do
    for part <- String.split(patch, ~r/^--- .*\n\+\+\+ b\//m) |> tl() do
      [file, hunks] = String.split(part, "\n", parts: 2)
      path = Path.join(peer, file)
      text = if File.exists?(path), do: File.read!(path), else: ""
      {file, hunks |> String.split(~r/^@@ .*\n/m) |> tl() |> Enum.reduce(text, &hunk(&1, &2, file))}
    end
  end

  # What a hunk replaces is in the file once.
  defp hunk(hunk, text, file) do
    [old, new] =
      for sign <- ["-", "+"],
          do: for(<<s::binary-1, line::binary>> <- lines(hunk), s in [" ", sign], into: "", do: line)

    case {old, String.split(text, old)} do
      {"", _nothing} when text == "" -> new
      {_, [before, behind]} when old != "" -> before <> new <> behind
      {_, parts} -> raise "#{file} has #{length(parts) - 1} times what the patch replaces, and not once:\n#{old}"
    end
  end

  defp lines(hunk), do: for(line <- String.split(hunk, "\n"), line != "", do: line <> "\n")
end

Build.main(System.argv())
