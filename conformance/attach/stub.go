package attach

import "ockamtest/conformance"

// Programs are the programs.
func Programs() []conformance.Program { return []conformance.Program{Flynn()} }
