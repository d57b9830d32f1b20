# Compiles what has changed since the last start, and runs a function in the place of this shell. $here is this directory.
export MIX_ENV=prod
ebin=$here/_build/prod/lib/ockam/ebin
# The file that tells where Elixir's own modules are: its command would take a quarter of each start to find out.
elixir=$here/_build/prod/elixir

stale() {
	[ ! -d "$(cat "$elixir" 2>/dev/null)/ebin" ] || [ ! -e "$ebin/ockam.app" ] || [ -n "$(find "$here/lib" "$here/mix.exs" -newer "$ebin/ockam.app" -print -quit)" ]
}

# Only one of several that start at once compiles.
build() {
	(
		command -v flock >/dev/null && flock 9
		stale || exit 0
		cd "$here" && mix compile && elixir -e 'IO.puts(:code.lib_dir(:elixir))' >"$elixir.new" && mv "$elixir.new" "$elixir" && touch "$ebin/ockam.app"
	) 9>"$here/.lock" >&2
}

# run MODULE FUNCTION WORD...: schedulers that have nothing to do sleep at once; a crash leaves no dump. More options for the runtime are in $flags.
run() {
	module=$1 function=$2
	shift 2
	export ERL_CRASH_DUMP_BYTES=0
	exec erl -noshell +sbwt none +sbwtdcpu none +sbwtdio none $flags -pa "$(cat "$elixir")/ebin" -pa "$ebin" -s "Elixir.$module" "$function" -extra "$@"
}

start() {
	if stale; then build || exit 1; fi
	run "$@"
}
