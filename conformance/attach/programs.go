package attach

import "ockamtest/conformance"

// Programs returns the correct programs of this package: the reference and the second opinion.
func Programs() []conformance.Program { return []conformance.Program{Reference(), Flynn()} }
