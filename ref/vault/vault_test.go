package vault_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ockamtest/ref/vault"
)

func TestValidLabel(t *testing.T) {
	for label, want := range map[string]bool{
		"a": true, "static": true, "Node-1_key.x25519": true, "81000001": true, strings.Repeat("x", vault.MaxLabel): true,
		"": false, " ": false, "a b": false, "a/b": false, "a\x00": false, "naïve": false, strings.Repeat("x", vault.MaxLabel+1): false,
	} {
		if got := vault.ValidLabel(label); got != want {
			t.Errorf("ValidLabel(%q) = %t, want %t", label, got, want)
		}
	}
}

func TestOutward(t *testing.T) {
	for _, tc := range []struct {
		name     string
		from, to uint64
		want     []uint64
	}{
		{"one", 7, 7, []uint64{7}},
		{"two", 7, 8, []uint64{7, 8}},
		{"odd", 1, 5, []uint64{3, 4, 2, 5, 1}},
		{"a window of N = 10 and W = 3", 8, 13, []uint64{10, 11, 9, 12, 8, 13}},
		{"the lowest", 0, 3, []uint64{1, 2, 0, 3}},
		{"the highest", math.MaxUint64 - 2, math.MaxUint64, []uint64{math.MaxUint64 - 1, math.MaxUint64, math.MaxUint64 - 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []uint64
			for i := range tc.to - tc.from + 1 {
				got = append(got, vault.Outward(tc.from, tc.to, i))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
	for _, i := range []uint64{math.MaxUint64 - 1, math.MaxUint64} { // the last two of all counters
		if got, want := vault.Outward(0, math.MaxUint64, i), []uint64{0, math.MaxUint64}[i%2]; got != want {
			t.Errorf("counter %d of all: got %d, want %d", i, got, want)
		}
	}
}
