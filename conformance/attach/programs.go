package attach

import "ockamtest/conformance"

// Programs returns the correct end points of this package: the reference and the second opinion.
func Programs() []conformance.Program { return []conformance.Program{Reference(), Flynn()} }

// Routers returns the correct routers of this package.
func Routers() []conformance.Program { return []conformance.Program{ReferenceRouter()} }
