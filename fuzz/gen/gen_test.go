package gen_test

import (
	"testing"

	"github.com/leanovate/gopter"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/wire"
)

// sample draws n values of a generator with the test's seed.
func sample[T any](t *testing.T, g gopter.Gen, n int) []T {
	t.Helper()
	p := gopter.DefaultGenParameters()
	p.Rng = gen.Parameters(t).Rng
	values := make([]T, n)
	for i := range values {
		values[i] = g(p).Result.(T)
	}
	return values
}

// Every canonical address form, and every limit, turns up; about three in ten lengths and ports are edges.
func TestAddressesCoverTheFormat(t *testing.T) {
	seen := map[string]int{}
	addresses := sample[wire.Address](t, gen.Address(), 20_000)
	for _, a := range addresses {
		if err := a.Validate(); err != nil {
			t.Fatalf("%v: %v", a, err)
		}
		switch {
		case a.IsLocal():
			seen["local"]++
		case a.Type() == wire.TCP:
			seen["tcp"]++
		case a.Type() == wire.UDP:
			seen["udp"]++
		}
		if a.IsTransport() {
			seen[[]string{"IPv4", "IPv6", "DNS"}[a.Host()]]++
			seen["port"]++
		}
		switch {
		case a.IsLocal() && a.Len() == wire.MaxLocalAddress:
			seen["longest local"]++
		case a.IsLocal() && a.Len() == 1:
			seen["shortest local"]++
		case a.Len() == wire.MaxDNSName:
			seen["longest name"]++
		case a.IsTransport() && !a.Sendable():
			seen["not sendable"]++
		}
		switch a.Port() {
		case 0, 1, 80, 255, 256, 4000, 65535:
			if a.IsTransport() {
				seen["edge port"]++
			}
		}
	}
	for what, least := range map[string]int{"local": 5000, "tcp": 5000, "udp": 5000, "IPv4": 3000, "IPv6": 3000, "DNS": 3000,
		"longest local": 100, "shortest local": 100, "longest name": 100, "not sendable": 100} {
		if seen[what] < least {
			t.Errorf("%s: %d of %d, want at least %d", what, seen[what], len(addresses), least)
		}
	}
	if share := 100 * seen["edge port"] / seen["port"]; share < 25 || share > 35 {
		t.Errorf("%d in a hundred ports are edges, want about 30", share)
	}
}

// A spelling means what its canonical form means, and often differs from it.
func TestSpelling(t *testing.T) {
	loose := 0
	for _, a := range sample[wire.Address](t, gen.Spelling(), 2000) {
		if a.Validate() != nil {
			loose++
		}
		if c := a.Canonical(); c.Validate() != nil || !a.Equal(c) {
			t.Errorf("%v has the canonical form %v, %v", a, c, c.Validate())
		}
	}
	if loose < 400 {
		t.Errorf("%d of 2000 spellings are not canonical, want at least 400", loose)
	}
}

// Every dialect carries the messages made for it, and these use what it offers.
func TestMessagesFitTheirDialect(t *testing.T) {
	for _, d := range gen.Dialects() {
		types, longest := map[wire.Type]int{}, 0
		for _, m := range sample[wire.Message](t, gen.Message(d), 1000) {
			encoded, err := wire.AppendMessage(nil, d, &m)
			if err != nil {
				t.Fatalf("%+v: %v: %v", d, &m, err)
			}
			types[m.Type]++
			longest = max(longest, len(m.Onward), len(m.Return))
			if d.Bare && len(encoded) != len(m.Body) {
				t.Errorf("a bare message of %d bytes for a body of %d", len(encoded), len(m.Body))
			}
		}
		wantTypes, wantLongest := 6, wire.MaxAddresses
		switch {
		case d.Bare:
			wantTypes, wantLongest = 1, 0
		case d.Untagged:
			wantTypes = 3
		case d.MaxOnward != 0:
			wantLongest = max(d.MaxOnward, d.MaxReturn, 0)
		}
		if len(types) != wantTypes || longest != wantLongest {
			t.Errorf("%+v: %d types and routes of up to %d, want %d and %d", d, len(types), longest, wantTypes, wantLongest)
		}
	}
}

func TestNumbers(t *testing.T) {
	zero, last, beyond := 0, 0, 0
	for _, n := range sample[uint64](t, gen.Counter(), 2000) {
		switch {
		case n == 0:
			zero++
		case n == 65535: // REC-003
			last++
		case n > 65535:
			beyond++
		}
	}
	if zero == 0 || last == 0 || beyond == 0 {
		t.Errorf("counters: %d at 0, %d at the last, %d beyond", zero, last, beyond)
	}
	seen := map[int]int{}
	for _, n := range sample[int](t, gen.Length(1024), 2000) {
		if n < 0 || n > 1024 {
			t.Fatalf("length %d", n)
		}
		seen[n]++
	}
	if seen[0] == 0 || seen[1023] == 0 || seen[1024] == 0 {
		t.Errorf("lengths: %d at 0, %d at 1023, %d at 1024", seen[0], seen[1023], seen[1024])
	}
	for _, n := range sample[int](t, gen.Length(0), 100) {
		if n != 0 {
			t.Errorf("length %d, want 0", n)
		}
	}
	for _, b := range sample[[]byte](t, gen.Bytes(3), 100) {
		if len(b) > 3 {
			t.Errorf("%d bytes, want at most 3", len(b))
		}
	}
}
