// A module outside the project that uses it as any implementer can: read it as an example. Yours has a version of ockamtest
// in place of the replace directive.
module example.org/implementer

go 1.26.0

require (
	github.com/leanovate/gopter v0.2.11
	ockamtest v0.0.0
)

require (
	github.com/google/gofuzz v1.2.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace ockamtest => ../..
