package gen

import (
	fuzz "github.com/google/gofuzz"

	"ockamtest/ref/wire"
)

// A Filler makes values of bytes that a fuzzer chose. Each value uses up some of them; when they are at an end, values go on from a
// stream that their beginning seeds. It is the only door to gofuzz: a successor of that module is a change of this file.
type Filler struct{ fuzzer *fuzz.Fuzzer }

// FromBytes makes a Filler. data is not changed and not kept longer than the Filler; no data at all is as good as any.
func FromBytes(data []byte) *Filler {
	return &Filler{fuzzer: fuzz.NewFromGoFuzz(data).NilChance(0.1).NumElements(0, 8).Funcs(
		func(a *wire.Address, c fuzz.Continue) { *a = draw{c.Rand}.address() },
		func(r *wire.Route, c fuzz.Continue) { *r = draw{c.Rand}.route(wire.MaxAddresses) },
		func(m *wire.Message, c fuzz.Continue) { *m = draw{c.Rand}.message(wire.Dialect{}) },
		func(d *wire.Dialect, c fuzz.Continue) { *d = pick(draw{c.Rand}, Dialects()...) },
		func(b *[]byte, c fuzz.Continue) { d := draw{c.Rand}; *b = d.bytes(d.length(wire.MaxMessage)) },
		func(f *drawing, c fuzz.Continue) { (*f)(draw{c.Rand}) },
	)}
}

// drawing lends gofuzz's stream to a method of draw that takes arguments, which gofuzz's functions cannot.
type drawing func(draw)

func (f *Filler) draw(fill drawing) { f.fuzzer.Fuzz(&fill) }

// Fill fills what v points to: addresses, routes, messages of version 1, dialects, and bytes as the methods below do, other types as
// gofuzz does.
func (f *Filler) Fill(v any) { f.fuzzer.Fuzz(v) }

// Dialect returns a dialect of some profile.
func (f *Filler) Dialect() (dialect wire.Dialect) {
	f.fuzzer.Fuzz(&dialect)
	return dialect
}

// Message returns a message that the dialect can carry.
func (f *Filler) Message(dialect wire.Dialect) (m wire.Message) {
	f.draw(func(d draw) { m = d.message(dialect) })
	return m
}

// Route returns a route of at most max addresses.
func (f *Filler) Route(max int) (r wire.Route) {
	f.draw(func(d draw) { r = d.route(max) })
	return r
}

// Address returns a canonical address.
func (f *Filler) Address() (a wire.Address) {
	f.fuzzer.Fuzz(&a)
	return a
}

// Spelling returns an address that means what the canonical address a means, perhaps in a form that encoders do not write.
func (f *Filler) Spelling(a wire.Address) (b wire.Address) {
	f.draw(func(d draw) { b = d.spelling(a) })
	return b
}

// Length returns a length from 0 to max.
func (f *Filler) Length(max int) (n int) {
	f.draw(func(d draw) { n = d.length(max) })
	return n
}

// Bytes returns n bytes.
func (f *Filler) Bytes(n int) (b []byte) {
	f.draw(func(d draw) { b = d.bytes(n) })
	return b
}

// Counter returns a nonce counter, which may be beyond the limit of REC-003.
func (f *Filler) Counter() (n uint64) {
	f.draw(func(d draw) { n = d.counter() })
	return n
}

// Intn returns a number from 0 to n-1, to choose by.
func (f *Filler) Intn(n int) (v int) {
	f.draw(func(d draw) { v = d.Intn(n) })
	return v
}
