package cases

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// randomKeys are keys of a correct peer.
func randomKeys(t *testing.T, suite profile.Suite, n int) [][]byte {
	t.Helper()
	random := rand.NewChaCha8([32]byte{1})
	var keys [][]byte
	for range n {
		pair, err := adversary.GenerateKeyPair(suite, random)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, pair.Public)
	}
	return keys
}

// Keys of correct peers are random enough; the constants and their reasons are beside lopsided.
func TestRandomKeysAreNotLopsided(t *testing.T) {
	for _, p := range profile.All() {
		if words := lopsided(randomKeys(t, p.Suite, thousand)); words != "" {
			t.Errorf("%s: %s", p.Name, words)
		}
	}
}

func TestLopsidedKeys(t *testing.T) {
	tests := []struct {
		name  string
		alter func(i int, key []byte)
		want  string // "" if nothing is to be found
	}{
		{"a bit that is mostly 1", func(i int, key []byte) { key[5] |= byte(i&1) << 3 }, "in bit 3 of byte 5"},
		{"a bit that is mostly 0", func(i int, key []byte) { key[30] &^= byte(i&1) << 7 }, "in bit 7 of byte 30"},
		{"a value that comes often", func(i int, key []byte) {
			if i%16 == 0 {
				key[9] = 77
			}
		}, "the value 77 in byte 9"},
		{"a value that comes often at the end", func(i int, key []byte) {
			if i%8 == 0 {
				key[31] = 77
			}
		}, "the value 77 in byte 31"},
		{"the top bit, which is always 0", func(_ int, key []byte) { key[31] &= 0x7f }, ""},
		{"fewer than a thousand", func(i int, key []byte) { copy(key, make([]byte, 32)) }, ""},
	}
	random := randomKeys(t, profile.V1().Suite, thousand)
	for _, tt := range tests {
		var keys [][]byte
		for i, key := range random {
			keys = append(keys, bytes.Clone(key))
			tt.alter(i, keys[i])
		}
		if strings.HasPrefix(tt.name, "fewer") {
			keys = keys[1:]
		}
		got := lopsided(keys)
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestKeySet(t *testing.T) {
	var k keySet
	one, two := []byte{1}, []byte{2}
	if !k.add(one) || k.repeats() || k.add(one) || k.repeats() || !k.add(nil) {
		t.Errorf("one key, again and again, and none: %+v", k)
	}
	if !k.add(two) || !k.repeats() || len(k.keys) != 2 {
		t.Errorf("two keys, one of them twice: %+v", k)
	}
}

// What is guessable is guessed, in every suite.
func TestGuessable(t *testing.T) {
	for _, p := range profile.All() {
		known := guessable(p.Suite)
		if got, want := len(known), 256; got < want {
			t.Errorf("%s: %d keys, want at least %d", p.Name, got, want)
		}
		seven := adversary.NewKeyPair(p.Suite, binary.BigEndian.AppendUint64(make([]byte, 24), 7))
		if got := known[string(seven.Public)]; got != "the number 7" {
			t.Errorf("%s: the number 7 is %q", p.Name, got)
		}
	}
}
