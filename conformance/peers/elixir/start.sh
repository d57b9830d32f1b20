# Compiles what has changed since the last start, and runs an expression in the place of this shell. $here is this directory.
export MIX_ENV=prod
ebin=$here/_build/prod/lib/ockam/ebin

stale() {
	[ ! -e "$ebin/ockam.app" ] || [ -n "$(find "$here/lib" "$here/mix.exs" -newer "$ebin/ockam.app" -print -quit)" ]
}

# Only one of several that start at once compiles.
build() {
	(
		command -v flock >/dev/null && flock 9
		stale || exit 0
		cd "$here" && mix compile && touch "$ebin/ockam.app"
	) 9>"$here/.lock" >&2
}

# Schedulers that have nothing to do sleep at once. (No brackets here: elixir's own script would take them for a file name pattern.)
flags="+sbwt none +sbwtdcpu none +sbwtdio none"
export ERL_CRASH_DUMP_BYTES=0

start() {
	if stale; then build || exit 1; fi
	code=$1
	shift
	exec elixir --erl "$flags" -pa "$ebin" -e "$code" -- "$@"
}
