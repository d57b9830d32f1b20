package gen_test

import (
	"bytes"
	"reflect"
	"testing"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/wire"
)

// filled is everything that a Filler makes, in order.
type filled struct {
	Dialect  wire.Dialect
	Message  wire.Message
	Route    wire.Route
	Address  wire.Address
	Spelling wire.Address
	Length   int
	Bytes    []byte
	Counter  uint64
	Choice   int
	Struct   struct {
		Peer    wire.Address
		Replies []wire.Message
		Path    wire.Route
		Raw     []byte
		N       uint16
	}
}

func fill(f *gen.Filler) (v filled) {
	v.Dialect = f.Dialect()
	v.Message = f.Message(v.Dialect)
	v.Route = f.Route(3)
	v.Address = f.Address()
	v.Spelling = f.Spelling(v.Address)
	v.Length = f.Length(1024)
	v.Bytes = f.Bytes(v.Length)
	v.Counter = f.Counter()
	v.Choice = f.Intn(7)
	f.Fill(&v.Struct)
	return v
}

// The same bytes give the same values, whatever they are, and what they give is valid.
func FuzzFiller(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add(bytes.Repeat([]byte{0xff}, 100))
	f.Fuzz(func(t *testing.T, data []byte) {
		input := bytes.Clone(data)
		v := fill(gen.FromBytes(data))
		if again := fill(gen.FromBytes(data)); !reflect.DeepEqual(v, again) {
			t.Errorf("filled %+v, then %+v", v, again)
		}
		if !bytes.Equal(data, input) {
			t.Error("the bytes were changed")
		}
		if _, err := wire.AppendMessage(nil, v.Dialect, &v.Message); err != nil {
			t.Errorf("%v in %+v: %v", &v.Message, v.Dialect, err)
		}
		for _, a := range append(v.Route, v.Address, v.Struct.Peer, v.Spelling.Canonical()) {
			if err := a.Validate(); err != nil {
				t.Errorf("%v: %v", a, err)
			}
		}
		if len(v.Route) > 3 || v.Length < 0 || v.Length > 1024 || len(v.Bytes) != v.Length || v.Choice < 0 || v.Choice > 6 ||
			!v.Spelling.Equal(v.Address) {
			t.Errorf("out of range: %+v", v)
		}
		for _, m := range v.Struct.Replies {
			if _, err := wire.AppendMessage(nil, wire.Dialect{}, &m); err != nil {
				t.Errorf("%v: %v", &m, err)
			}
		}
	})
}

// The bytes matter: other bytes give other values.
func TestFillerFollowsItsBytes(t *testing.T) {
	seen := map[string]bool{}
	for i := range 100 {
		m := gen.FromBytes(bytes.Repeat([]byte{byte(i), byte(7 * i)}, 40)).Message(wire.Dialect{})
		seen[m.String()] = true
	}
	if len(seen) < 80 {
		t.Errorf("%d messages from 100 inputs", len(seen))
	}
}
