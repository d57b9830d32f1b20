// Benchmarks against other implementations, in a module of their own so that what those need does not move ours.
// This file takes the golang.org/x/crypto that flynn/noise asks for, against the will of what else needs it; go.mod the newest.
module ockamtest/testdata/bench

go 1.26.0

require (
	github.com/flynn/noise v1.1.0
	golang.org/x/sys v0.49.0
	ockamtest v0.0.0
)

require (
	github.com/cloudflare/circl v1.6.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
)

replace golang.org/x/crypto => golang.org/x/crypto v0.0.0-20210322153248-0c34fe9e7dc2

replace ockamtest => ../..
