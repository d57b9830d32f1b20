package peers

import (
	"bytes"
	"regexp"
	"slices"
	"testing"

	"ockamtest/conformance"
)

// Every lawful peer completes handshakes and echoes, one connection after the other and two at once.
func TestLawful(t *testing.T) {
	programs := Lawful()
	if len(programs) < 10 {
		t.Fatalf("%d lawful variants, want 10 or more", len(programs))
	}
	for _, p := range programs {
		if p.Speaks(conformance.Mem) == nil {
			continue // the kill matrix has it over datagrams
		}
		eachNeed(t, p, func(t *testing.T, need conformance.Need) {
			node := p.Start(need, 1)
			k := connect(t, node, need, 0)
			other := connect(t, node, need, 0)
			if err := k.handshake(); err != nil {
				t.Fatal(err)
			}
			for _, size := range []int{0, 1, 1004} {
				if err := k.echo(bytes.Repeat([]byte{7}, size)); err != nil {
					t.Errorf("payload of %d bytes: %v", size, err)
				}
			}
			k.take(k.machine.End(k.now, true))
			other.now = k.now
			if err := other.handshake(); err != nil {
				t.Fatalf("second connection: %v", err)
			}
			if err := other.echo([]byte("second")); err != nil {
				t.Errorf("second connection: %v", err)
			}
		})
	}
}

// No dead peer echoes.
func TestDead(t *testing.T) {
	programs := Dead()
	if len(programs) < 6 {
		t.Fatalf("%d dead peers, want 6 or more", len(programs))
	}
	for _, p := range programs {
		eachNeed(t, p, func(t *testing.T, need conformance.Need) {
			k := connect(t, p.Start(need, 1), need, 0)
			if err := k.handshake(); err == nil && k.echo([]byte("hello")) == nil {
				t.Error("it echoes")
			}
		})
	}
}

// The correct peer makes no crash; what a broken one makes is in the kill matrix. Here it only has to start, and to say what it
// does wrong.
func TestBroken(t *testing.T) {
	faults := Broken()
	if len(faults) < 40 {
		t.Fatalf("%d broken peers, want 40 or more", len(faults))
	}
	known := conformance.CatalogueByID()
	for _, f := range faults {
		if f.Class == "" || len(f.Breaks) == 0 {
			t.Errorf("%s: class %q, breaks %v", f.Name, f.Class, f.Breaks)
		}
		for _, id := range slices.Concat(f.Breaks, f.Entails) {
			if _, ok := known[id]; !ok {
				t.Errorf("%s: %s is no requirement", f.Name, id)
			}
		}
		n := 0
		if f.Speaks(conformance.Mem) != nil {
			n = eachNeed(t, f.Program, func(t *testing.T, need conformance.Need) {
				k := connect(t, f.Start(need, 1), need, 0)
				_ = k.handshake()
			})
		}
		if n+len(f.Speaks(conformance.UDP)) == 0 {
			t.Errorf("%s: no role or profile", f.Name)
		}
	}
}

// Names are slugs and unique, titles are there.
func TestNames(t *testing.T) {
	programs := slices.Concat(Lawful(), Dead(), []conformance.Program{Correct()})
	for _, f := range Broken() {
		programs = append(programs, f.Program)
	}
	slug := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, p := range programs {
		if !slug.MatchString(p.Name) || p.Title == "" || seen[p.Name] {
			t.Errorf("name %q (seen %v), title %q", p.Name, seen[p.Name], p.Title)
		}
		seen[p.Name] = true
	}
	if len(seen) != len(programs) || len(seen) < 57 {
		t.Errorf("%d names of %d programs", len(seen), len(programs))
	}
}
