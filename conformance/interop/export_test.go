package interop

import (
	"testing"

	"ockamtest/ref/profile"
)

// profilesNamed are profiles by name.
func profilesNamed(t *testing.T, names ...string) (all []profile.Profile) {
	t.Helper()
	for _, name := range names {
		p, ok := profile.Lookup(name)
		if !ok {
			t.Fatalf("no profile %s", name)
		}
		all = append(all, p)
	}
	return all
}
