package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/wire"
)

// A codec is the subject of the laws: this package's, or one with a planted fault.
type codec struct {
	encode func(wire.Dialect, *wire.Message) ([]byte, error)
	parse  func(wire.Dialect, []byte) (wire.Message, error)
	equal  func(a, b wire.Address) bool
}

func ourCodec() codec {
	return codec{
		encode: func(d wire.Dialect, m *wire.Message) ([]byte, error) { return wire.AppendMessage(nil, d, m) },
		parse:  wire.Parse,
		equal:  wire.Address.Equal,
	}
}

// A law is a property of every codec.
type law struct {
	name     string
	property func(codec) gopter.Prop
}

// codecLaws hold in the dialect d, equalityLaws in any.
func codecLaws(d wire.Dialect) []law {
	return []law{
		{"round trip", func(c codec) gopter.Prop { return roundTrip(c, d) }},
		{"canonical", func(c codec) gopter.Prop { return canonical(c, d) }},
		{"prefixes", func(c codec) gopter.Prop { return prefixes(c, d) }},
	}
}

func equalityLaws() []law {
	return []law{
		{"reflexive", reflexive}, {"symmetric", symmetric}, {"transitive", transitive}, {"meaning", meaning}, {"distinct", distinct},
	}
}

// roundTrip: decode(encode(m)) is m (WIRE-011).
func roundTrip(c codec, d wire.Dialect) gopter.Prop {
	return prop.ForAll(func(m wire.Message) (bool, error) {
		encoded, err := c.encode(d, &m)
		if err != nil {
			return false, err
		}
		got, err := c.parse(d, encoded)
		return err == nil && got.Equal(&m), nil
	}, gen.Message(d))
}

// canonical: bytes near an encoding that parse are an encoding (isEncodedAgain).
func canonical(c codec, d wire.Dialect) gopter.Prop {
	return prop.ForAll(func(m wire.Message, e edit) (bool, error) {
		encoded, err := c.encode(d, &m)
		return isEncodedAgain(c, d, e.apply(encoded)), err
	}, gen.Message(d), edits())
}

// isEncodedAgain: encode(decode(b)) is b (WIRE-011), unless b does not parse, or has an address in a form that encoders refuse
// (WIRE-013).
func isEncodedAgain(c codec, d wire.Dialect, b []byte) bool {
	m, err := c.parse(d, b)
	if err != nil {
		return true
	}
	again, err := c.encode(d, &m)
	return bytes.Equal(again, b) || errors.Is(err, wire.ErrForm)
}

// prefixes: no strict prefix of the version, routes, and type parses (WIRE-005).
func prefixes(c codec, d wire.Dialect) gopter.Prop {
	return prop.ForAll(func(m wire.Message, at int) (bool, error) {
		encoded, err := c.encode(d, &m)
		if err != nil {
			return false, err
		}
		header := len(encoded) - len(m.Body)
		if d.Untagged && m.Type != wire.Untyped {
			header-- // without its byte ping is an empty body
		}
		if header == 0 {
			return d.Bare, nil
		}
		_, err = c.parse(d, encoded[:at%header])
		return err != nil, nil
	}, gen.Message(d), gen.Length(1<<20))
}

func reflexive(c codec) gopter.Prop {
	return prop.ForAll(func(a wire.Address) bool { return c.equal(a, a) }, gen.Spelling())
}

func symmetric(c codec) gopter.Prop {
	return prop.ForAll(func(t trio) bool { return c.equal(t.A, t.B) == c.equal(t.B, t.A) }, trios())
}

func transitive(c codec) gopter.Prop {
	return prop.ForAll(func(t trio) bool { return !c.equal(t.A, t.B) || !c.equal(t.B, t.C) || c.equal(t.A, t.C) }, trios())
}

// meaning: every spelling of an address is equal to it (WIRE-013).
func meaning(c codec) gopter.Prop {
	return prop.ForAll(func(a wire.Address) bool { return c.equal(a, a.Canonical()) }, gen.Spelling())
}

// distinct: canonical addresses with other bytes mean something else.
func distinct(c codec) gopter.Prop {
	return prop.ForAll(func(t trio) bool {
		a, b := t.A.Canonical(), t.B.Canonical()
		return a == b || !c.equal(a, b)
	}, trios())
}

func TestCodecLaws(t *testing.T) {
	dialects := gen.Dialects()
	if got, want := len(dialects), 7; got != want {
		t.Fatalf("%d dialects, want %d", got, want)
	}
	for i, d := range dialects {
		for _, l := range codecLaws(d) {
			t.Run(fmt.Sprintf("%d/%s", i, l.name), func(t *testing.T) { gen.Check(t, l.property(ourCodec())) })
		}
	}
}

func TestEqualityLaws(t *testing.T) {
	for _, l := range equalityLaws() {
		t.Run(l.name, func(t *testing.T) { gen.Check(t, l.property(ourCodec())) })
	}
}

// Each law finds each fault that breaks it: a law that no subject can fail says nothing.
func TestLawsFindFaults(t *testing.T) {
	laws := slices.Concat(codecLaws(wire.Dialect{}), equalityLaws())
	found := map[string]int{}
	for _, f := range plantedFaults() {
		i := slices.IndexFunc(laws, func(l law) bool { return l.name == f.law })
		if i < 0 {
			t.Fatalf("%s: no law %q", f.name, f.law)
		}
		found[f.law]++
		t.Run(f.law+"/"+f.name, func(t *testing.T) {
			result := laws[i].property(f.codec).Check(gen.Parameters(t))
			if result.Status != gopter.TestFailed {
				t.Fatalf("status %v after %d values, want a counterexample", result.Status, result.Succeeded)
			}
			t.Logf("found after %d values: %s", result.Succeeded, result.Args[0].ArgFormatted)
		})
	}
	for _, l := range laws {
		if found[l.name] == 0 {
			t.Errorf("no fault is planted for the law %q", l.name)
		}
	}
}

// A counterexample is shrunk to what matters: one onward address, and nothing else.
func TestCounterexampleIsShrunk(t *testing.T) {
	faulty := ourCodec()
	faulty.encode = dropLastOnward
	result := roundTrip(faulty, wire.Dialect{}).Check(gen.Parameters(t))
	if result.Status != gopter.TestFailed {
		t.Fatalf("status %v, want a counterexample", result.Status)
	}
	got := result.Args[0].Arg.(wire.Message)
	want := wire.Message{Onward: wire.Route{wire.LocalAddress([]byte{0})}, Type: wire.Ping}
	if !got.Equal(&want) {
		t.Errorf("shrunk to %v, want %v", &got, &want)
	}
}
