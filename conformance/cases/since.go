package cases

import (
	_ "embed" // the versions that are published
	"strings"

	"ockamtest/conformance"
)

// version10 are the IDs of the cases of version 1.0 of the catalogue, sorted, one in a line. What is published does not change: a case that is
// added is of the next version, and one that goes, or gets another ID, takes a new list of versions with it.
//
//go:embed versions/1.0.txt
var version10 string

// since is the version of the catalogue that first had a case.
func since(id string) string {
	if strings.Contains("\n"+version10, "\n"+id+"\n") {
		return "1.0"
	}
	return conformance.CatalogueVersion
}
