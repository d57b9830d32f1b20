package wire_test

import (
	"testing"

	"ockamtest/ref/wire"
)

// dataMessage is a transport message as a node receives it two hops from the initiator, with a body of n bytes.
func dataMessage(n int) wire.Message {
	return wire.Message{Onward: wire.Route{udpR(), locR()}, Return: wire.Route{udpH(), udpI()}, Type: wire.Payload, Body: make([]byte, n)}
}

// MEM-003: in the steady state neither direction allocates.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	sent := dataMessage(1024)
	var received wire.Message
	buffer, err := wire.AppendMessage(nil, wire.Dialect{}, &sent)
	if err != nil {
		t.Fatal(err)
	}
	if err := received.Parse(wire.Dialect{}, buffer); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if err := received.Parse(wire.Dialect{}, buffer); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("Parse allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := wire.AppendMessage(buffer[:0], wire.Dialect{}, &sent); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("AppendMessage allocates %v times", n)
	}
}

func BenchmarkParse(b *testing.B) {
	sent := dataMessage(1024)
	encoded, err := wire.AppendMessage(nil, wire.Dialect{}, &sent)
	if err != nil {
		b.Fatal(err)
	}
	var m wire.Message
	b.SetBytes(int64(len(encoded)))
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Parse(wire.Dialect{}, encoded); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseRefused is the price of a message that lies about a count.
func BenchmarkParseRefused(b *testing.B) {
	encoded := unhex("01 ff 02000a000002a20f 02000a000003a30f 000401020304")
	var m wire.Message
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Parse(wire.Dialect{}, encoded); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkAppendMessage(b *testing.B) {
	m := dataMessage(1024)
	buffer, err := wire.AppendMessage(nil, wire.Dialect{}, &m)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(buffer)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.AppendMessage(buffer[:0], wire.Dialect{}, &m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEqual(b *testing.B) {
	x, y := udpI(), udpH()
	b.ReportAllocs()
	for b.Loop() {
		if x.Equal(y) {
			b.Fatal("equal")
		}
	}
}
