package wycheproof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"github.com/c2sp/wycheproof"

	"ockamtest/vectors"
)

// A test is one vector. Its concrete types have the fields of their files.
type test interface {
	ecdhTest | gcmTest | hkdfTest
	common() meta
}

// meta is what all vectors have in common.
type meta struct {
	TcID    int            `json:"tcId"`
	Comment string         `json:"comment"`
	Flags   []string       `json:"flags"`
	Result  vectors.Result `json:"result"`
}

func (m meta) common() meta { return m }

// load reads a file and returns its vectors in order. Unknown fields, and a number of tests that is not the file's own, are fatal.
func load[T test](t *testing.T, file string) []T {
	t.Helper()
	data, err := fs.ReadFile(wycheproof.TestVectors, file)
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Algorithm        string
		Schema           string
		GeneratorVersion string
		NumberOfTests    int
		Header           []string
		Notes            map[string]json.RawMessage
		TestGroups       []struct {
			Type     string
			Source   json.RawMessage
			Curve    string
			Encoding string
			KeySize  int
			IVSize   int
			TagSize  int // bits; the length of tag
			Tests    []T
		}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("%s: more than one value", file)
	}
	var all []T
	seen := map[int]bool{}
	for _, g := range f.TestGroups {
		for _, v := range g.Tests {
			if id := v.common().TcID; seen[id] {
				t.Fatalf("%s: two tests have the tcId %d", file, id)
			}
			seen[v.common().TcID] = true
		}
		all = append(all, g.Tests...)
	}
	if len(all) == 0 || len(all) != f.NumberOfTests {
		t.Fatalf("%s has %d tests and says %d", file, len(all), f.NumberOfTests)
	}
	return all
}

// A scope tells why a vector is not for our vaults, which have what the protocol needs and no more (VAULT-008).
type scope int

const (
	inside    scope = iota
	keySize         // AES-192: there is no such type
	nonceSize       // not 12 bytes (NOISE-003)
	withInfo        // HKDF with info, which VAULT-004 has empty
	cutBlock        // HKDF that ends inside a block: outputs are whole blocks, and secrets (VAULT-004)
	scopes
)

// A tally counts a file's vectors: in all, those that ran, by their result, and those out of scope, by reason.
type tally struct {
	total, valid, invalid, acceptable int
	outside                           [scopes]int
}

// A difference is a vector that came out otherwise than it has to.
type difference struct {
	meta
	err error
}

func (d difference) String() string {
	return fmt.Sprintf("tcId %d (%s, %q, flags %q): %v", d.TcID, d.Result, d.Comment, d.Flags, d.err)
}

// A rule tells what is done with the vectors of one file.
type rule[T test] struct {
	scope func(T) scope
	// run does what the vector says and returns nil if the values come out, else the vault's error, or errWrong.
	run func(T) error
	// beyond, of a vector out of scope, returns what the vault does otherwise than it should.
	beyond     func(T, scope) error
	refusal    error // how an invalid vector is refused
	acceptable map[int]error
}

// errWrong is a value that is not the vector's, or a trace that a refusal left.
var errWrong = errors.New("wrong value")

// apply puts all vectors to a rule.
func (r rule[T]) apply(all []T) (counts tally, differences []difference) {
	for _, v := range all {
		m := v.common()
		counts.total++
		if s := r.scope(v); s != inside {
			counts.outside[s]++
			if err := r.beyond(v, s); err != nil {
				differences = append(differences, difference{m, err})
			}
			continue
		}
		var want error
		switch m.Result {
		case vectors.Valid:
			counts.valid++
		case vectors.Invalid:
			counts.invalid++
			want = r.refusal
		case vectors.Acceptable:
			counts.acceptable++
			pinned, ok := r.acceptable[m.TcID]
			if !ok {
				differences = append(differences, difference{m, errors.New("acceptable, and not in the table")})
				continue
			}
			want = pinned
		default:
			differences = append(differences, difference{m, errors.New("unknown result")})
			continue
		}
		if got := r.run(v); errors.Is(got, errWrong) || !errors.Is(got, want) {
			differences = append(differences, difference{m, fmt.Errorf("got %w, want %w", orAccepted(got), orAccepted(want))})
		}
	}
	return counts, differences
}

// errAccepted stands for no error where one is printed.
var errAccepted = errors.New("accepted, with the right values")

func orAccepted(err error) error {
	if err == nil {
		return errAccepted
	}
	return err
}

// holds fails the test unless the rule counts what it should and nothing differs.
func (r rule[T]) holds(t *testing.T, all []T, want tally) {
	t.Helper()
	got, differences := r.apply(all)
	if got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	for _, d := range differences {
		t.Error(d)
	}
	if ran := got.valid + got.invalid + got.acceptable; ran == 0 {
		t.Error("nothing ran")
	}
}
