package gen_test

import (
	"reflect"
	"testing"

	"github.com/leanovate/gopter"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/wire"
)

// Shrinking ends, offers neither the value itself nor what the generator would not make, and reaches the simplest value.
func TestShrinkingEnds(t *testing.T) {
	for _, tc := range []struct {
		name     string
		gen      gopter.Gen
		valid    func(any) bool
		simplest any
	}{
		{"address", gen.Address(), func(v any) bool { return v.(wire.Address).Validate() == nil }, wire.LocalAddress([]byte{0})},
		{"spelling", gen.Spelling(), func(v any) bool { return v.(wire.Address).Canonical().Validate() == nil }, wire.LocalAddress([]byte{0})},
		{"route", gen.Route(8), func(v any) bool { return len(v.(wire.Route)) <= 8 }, wire.Route(nil)},
		{"message", gen.Message(wire.Dialect{}), encodable(wire.Dialect{}), wire.Message{}},
		{"untagged message", gen.Message(wire.Dialect{Untagged: true}), encodable(wire.Dialect{Untagged: true}), nil},
		{"counter", gen.Counter(), func(any) bool { return true }, uint64(0)},
		{"length", gen.Length(100), func(v any) bool { return v.(int) >= 0 && v.(int) <= 100 }, 0},
		{"bytes", gen.Bytes(100), func(v any) bool { return len(v.([]byte)) <= 100 }, []byte(nil)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := gopter.DefaultGenParameters()
			p.Rng = gen.Parameters(t).Rng
			shrunk := 0
			for range 50 {
				result := tc.gen(p)
				value, steps := result.Result, 0
				for all := candidates(result, value); len(all) > 0; all = candidates(result, value) {
					for _, c := range all {
						if !tc.valid(c) || reflect.DeepEqual(c, value) {
							t.Fatalf("%v shrinks to %v", value, c)
						}
					}
					value = all[len(all)/2] // neither the longest step nor the shortest
					if steps++; steps > 1000 {
						t.Fatalf("still shrinking after %d steps, at %v", steps, value)
					}
				}
				shrunk += steps
				if tc.simplest != nil && !reflect.DeepEqual(value, tc.simplest) && !isEmpty(value) {
					t.Fatalf("shrinking ends at %v, want %v", value, tc.simplest)
				}
			}
			if shrunk < 50 {
				t.Errorf("%d steps for 50 values", shrunk)
			}
		})
	}
}

func encodable(d wire.Dialect) func(any) bool {
	return func(v any) bool {
		m := v.(wire.Message)
		_, err := wire.AppendMessage(nil, d, &m)
		return err == nil
	}
}

// isEmpty reports whether v is an empty slice, or a message without anything.
func isEmpty(v any) bool {
	if m, ok := v.(wire.Message); ok {
		return m.Equal(&wire.Message{})
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Slice && r.Len() == 0
}

// candidates are what a generator offers for v when v is a counterexample; of many, the first.
func candidates(result *gopter.GenResult, v any) []any {
	var all []any
	shrink := result.Shrinker(v).Filter(result.Sieve)
	for c, ok := shrink(); ok && len(all) < 20; c, ok = shrink() {
		all = append(all, c)
	}
	return all
}
