package term_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"ockamtest/fuzz/term"
)

// A text that is not canonical is read all the same, and its canonical form is another one.
func TestParseLoosely(t *testing.T) {
	loose := "\n# a comment\n  peer\tresponder  # who\nopen 3\r\nsend 3 concat( \"hi\\n\" ,0xAB,concat( ) ) # what\nexpect 3 m2"
	const want = "peer responder\nopen 3\nsend 3 concat(0x68690a, 0xab, concat())\nexpect 3 m2\n"
	parsed, err := term.Parse(loose)
	if got := term.Format(parsed); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestSyntaxErrors(t *testing.T) {
	lots := strings.Repeat("make 0x00\n", term.MaxSteps)
	for _, c := range []struct {
		name, text   string
		line, column int
	}{
		{"nothing", "", 1, 1},
		{"comments alone", "# a\n# b\n", 3, 1},
		{"no role", "peer nobody\n", 1, 6},
		{"no head", "open 0\n", 1, 1},
		{"unknown step", "peer responder\nopen 0\njump 0\n", 3, 1},
		{"unknown term", "peer responder\nsend 0 frame(mesage(0, 3, 0x))\n", 2, 14},
		{"bytes is no name", "peer responder\nmake bytes\n", 2, 6},
		{"unknown key", "peer responder\nmake public(dynamic)\n", 2, 13},
		{"unknown word", "peer responder\nexpect 0 m4\n", 2, 10},
		{"session too great", "peer responder\nopen 16\n", 2, 6},
		{"no number", "peer responder\nopen x\n", 2, 6},
		{"number too long", "peer responder\nmake record-at(0, 18446744073709551616, 0x)\n", 2, 19},
		{"offset too great", "peer responder\nmake flip(0x, -1048577)\n", 2, 15},
		{"no comma", "peer responder\nmake dh(static 0x)\n", 2, 16},
		{"no end", "peer responder\nmake hash(0x\n", 2, 13},
		{"no argument", "peer responder\nmake hash()\n", 2, 11},
		{"no arguments", "peer responder\nmake hash\n", 2, 10},
		{"one too many", "peer responder\nmake hash(0x, 0x)\n", 2, 13},
		{"behind the line", "peer responder\nopen 0 1\n", 2, 8},
		{"odd digits", "peer responder\nmake 0xabc\n", 2, 11},
		{"string without end", "peer responder\nmake \"abc\n", 2, 6},
		{"arguments of a name", "peer responder\nmake public(static())\n", 2, 19},
		{"too deep", "peer responder\nmake " + strings.Repeat("hash(", term.MaxDepth+1), 2, 6 + 5*term.MaxDepth},
		{"too long a list", "peer responder\nmake concat(" + strings.Repeat("0x,", term.MaxList) + "0x)", 2, 12 + 3*term.MaxList},
		{"too many steps", "peer responder\n" + lots + "open 0", term.MaxSteps + 2, 1},
		{"too many bytes", "peer responder\nmake 0x" + strings.Repeat("00", term.MaxLiterals+1), 2, 6},
		{"too many terms", "peer responder\n" + strings.Repeat("make concat("+strings.Repeat("0x00,", 31)+"0x00)\n", 32), 33, 13},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, err := term.Parse(c.text)
			var syntax *term.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v, want a *SyntaxError", err)
			}
			if syntax.Line != c.line || syntax.Column != c.column {
				t.Errorf("got %v, want line %d, column %d", err, c.line, c.column)
			}
			if len(parsed.Steps) > 0 {
				t.Errorf("%d steps beside an error", len(parsed.Steps))
			}
		})
	}
}

func TestParseTerm(t *testing.T) {
	const text = "m2(0, as(received(1, 2, e), low-order(11)), private(0x00), slice(0xffff, -1, 1048576))"
	parsed, err := term.ParseTerm(text)
	if err != nil || term.FormatTerm(parsed) != text {
		t.Errorf("got %v, %v", parsed, err)
	}
	if again := term.DecodeTerm(term.AppendTerm(nil, parsed)); !reflect.DeepEqual(again, parsed) {
		t.Errorf("after its bytes: got %s", term.FormatTerm(again))
	}
	if empty, ok := term.DecodeTerm(nil).(*term.Bytes); !ok || empty.Value != "" {
		t.Error("no bytes are not the empty term")
	}
	for _, bad := range []string{"", "0x 0x", "hash(0x))", "send 0 0x"} {
		var syntax *term.SyntaxError
		if _, err := term.ParseTerm(bad); !errors.As(err, &syntax) {
			t.Errorf("%q: got %v, want a *SyntaxError", bad, err)
		}
	}
}

// The bytes of traces that were written once stay readable: opcodes do not move.
func TestGoldenBytes(t *testing.T) {
	for _, c := range []struct{ text, bytes string }{
		{"peer responder\n", "00"},
		{"peer initiator\nopen 0\nexpect 0 m1\nwait 1\nclose 2\nreset 3\nsame 0x 0x\ndiffer 0x 0x\n", "01 0100 040001 0601 0702 0803 0900000000 0a00000000"},
		{"peer responder\nsend 1 0xabcd\nmake concat(0x, slice(0x00, -1, 2))\necho 0 flip(0x, 64)\n",
			"00 0201 0002abcd 03 01020000 02000100 01 04 0500 03 0000 8001"},
		{"peer responder\nmake concat(repeat(0x, 300), random(1, 2), received(3, 4, body), sent(5, 6, plain))\n",
			"00 03 0104 040000ac02 050102 06030405 07050609"},
		{"peer responder\nmake concat(public(static), dh(ephemeral(7), 0x), hash(0x), hkdf(1, 0x, 0x), chain(2, se, k2), aead(0x, 1, 0x, 0x))\n",
			"00 03 0106 0800 0901070000 0a0000 0b0100000000 0c020904 0d0000010000 0000"},
		{"peer responder\nmake concat(m1(0, stranger(1), 0x), m2(0, private(0x), low-order(2), 0x), m3(0, as(0x, base-point(3)), 0x))\n",
			"00 03 0103 0e0002010000 0f0003000004020000 1000060000 05030000"},
		{"peer responder\nmake concat(record(0, 0x), record-at(0, 9, 0x), inner(0, 0x), local(0x), tcp(0x, 80), udp(0x, 80), route(), route-of(1, 0x))\n",
			"00 03 0108 11000000 1200090000 13000000 140000 15000050 16000050 1700 18010000"},
		{"peer responder\nmake concat(onward(0), return(0), header(1, 0x, 0x, 3), message(0, 3, 0x), frame(0x), frame-of(4, 0x))\n",
			"00 03 0106 1900 1a00 1b010000000003 1c00030000 1d0000 1e040000"},
	} {
		parsed, err := term.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := hex.DecodeString(strings.ReplaceAll(c.bytes, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := term.Append(nil, parsed); string(got) != string(want) {
			t.Errorf("%s: got %x, want %x", c.text, got, want)
		}
		if got := term.Decode(want); !reflect.DeepEqual(got, parsed) {
			t.Errorf("%x: got %q", want, term.Format(got))
		}
	}
}

// A trace made by hand is checked.
func TestValid(t *testing.T) {
	long := make([]term.Term, term.MaxList+1)
	for i := range long {
		long[i] = &term.Bytes{}
	}
	deep := term.Term(&term.Bytes{Value: "x"})
	for range term.MaxDepth {
		deep = &term.Hash{X: deep}
	}
	for name, bad := range map[string]term.Trace{
		"role":     {Peer: 2},
		"nil step": {Steps: []term.Step{nil}},
		"nil term": {Steps: []term.Step{&term.Send{}}},
		"nil key":  {Steps: []term.Step{&term.Make{Data: &term.Public{}}}},
		"session":  {Steps: []term.Step{&term.Open{Session: term.MaxSession + 1}}},
		"kind":     {Steps: []term.Step{&term.Expect{Kind: term.IsAnything + 1}}},
		"list":     {Steps: []term.Step{&term.Make{Data: &term.Concat{Parts: long}}}},
		"depth":    {Steps: []term.Step{&term.Make{Data: deep}}},
		"offset":   {Steps: []term.Step{&term.Make{Data: &term.Flip{X: &term.Bytes{}, Bit: term.MaxOffset + 1}}}},
		"bytes":    {Steps: []term.Step{&term.Make{Data: &term.Bytes{Value: strings.Repeat("x", term.MaxLiterals+1)}}}},
		"steps":    {Steps: make([]term.Step, term.MaxSteps+1)},
	} {
		if err := term.Valid(bad); !errors.Is(err, term.ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
	good := term.Trace{Steps: []term.Step{&term.Make{Data: deep.(*term.Hash).X}}}
	if err := term.Valid(good); err != nil {
		t.Error(err)
	}
}

// A slot is where a term stands: what is put there is in the trace.
func TestSlots(t *testing.T) {
	parsed, err := term.Parse("peer responder\nsend 0 frame(m1(0, ephemeral(0), 0x))\n")
	if err != nil {
		t.Fatal(err)
	}
	terms, keys := term.Slots(parsed)
	if len(terms) != 3 || len(keys) != 1 {
		t.Fatalf("%d terms, %d keys", len(terms), len(keys))
	}
	*terms[2], *keys[0] = &term.Bytes{Value: "x"}, &term.LowOrder{N: 3}
	if got, want := term.Format(parsed), "peer responder\nsend 0 frame(m1(0, low-order(3), 0x78))\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func ExampleParse() {
	trace, err := term.Parse(`peer responder
open 0
send 0 frame(message(0, 3, m1(0, low-order(0), "")))  # NOISE-009
expect 0 rejected
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(term.Format(trace))
	fmt.Printf("%x\n", term.Append(nil, trace))
	// Output:
	// peer responder
	// open 0
	// send 0 frame(message(0, 3, m1(0, low-order(0), 0x)))
	// expect 0 rejected
	// 00010002001d1c00030e000400000004000b
}
