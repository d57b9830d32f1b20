package wire_test

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/leanovate/gopter"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/wire"
)

// A fault is a codec that breaks a law.
type fault struct {
	name, law string
	codec     codec
}

func plantedFaults() []fault {
	var all []fault
	plant := func(law, name string, change func(*codec)) {
		c := ourCodec()
		change(&c)
		all = append(all, fault{name, law, c})
	}
	plant("round trip", "drops the last onward address", func(c *codec) { c.encode = dropLastOnward })
	plant("round trip", "swaps the bytes of a port", func(c *codec) { c.parse = swapPorts })
	plant("round trip", "takes m3 for m2", func(c *codec) {
		c.parse = func(d wire.Dialect, b []byte) (wire.Message, error) {
			m, err := wire.Parse(d, b)
			if m.Type == wire.M3 {
				m.Type = wire.M2
			}
			return m, err
		}
	})
	plant("canonical", "takes an overlong version", func(c *codec) {
		c.parse = func(d wire.Dialect, b []byte) (wire.Message, error) {
			if rest, ok := bytes.CutPrefix(b, []byte{0x81, 0x00}); ok {
				b = append([]byte{1}, rest...)
			}
			return wire.Parse(d, b)
		}
	})
	plant("canonical", "ignores what follows a ping", func(c *codec) {
		c.parse = func(d wire.Dialect, b []byte) (wire.Message, error) {
			m, err := wire.Parse(d, b)
			for n := len(b); err != nil && n > 0; n-- {
				if short, err := wire.Parse(d, b[:n]); err == nil && short.Type == wire.Ping {
					return short, nil
				}
			}
			return m, err
		}
	})
	plant("prefixes", "reads zeros beyond the end", func(c *codec) {
		c.parse = func(d wire.Dialect, b []byte) (wire.Message, error) { return wire.Parse(d, append(bytes.Clone(b), 0)) }
	})
	equal := func(law, name string, f func(a, b wire.Address) bool) {
		plant(law, name, func(c *codec) { c.equal = f })
	}
	equal("reflexive", "mends the right side only", func(a, b wire.Address) bool { return a == b.Canonical() })
	equal("symmetric", "mends the right side only", func(a, b wire.Address) bool { return a == b.Canonical() })
	equal("transitive", "one of host and port is enough", func(a, b wire.Address) bool {
		return a.Equal(b) || a.Port() == b.Port() || a.WithPort(0).Equal(b.WithPort(0))
	})
	equal("meaning", "compares bytes", func(a, b wire.Address) bool { return a == b })
	equal("distinct", "ignores the port", func(a, b wire.Address) bool { return a.WithPort(0).Equal(b.WithPort(0)) })
	return all
}

func dropLastOnward(d wire.Dialect, m *wire.Message) ([]byte, error) {
	short := *m
	short.Onward = m.Onward[:max(len(m.Onward)-1, 0)]
	return wire.AppendMessage(nil, d, &short)
}

func swapPorts(d wire.Dialect, b []byte) (wire.Message, error) {
	m, err := wire.Parse(d, b)
	for _, route := range []wire.Route{m.Onward, m.Return} {
		for i, a := range route {
			route[i] = a.WithPort(bits.ReverseBytes16(a.Port()))
		}
	}
	return m, err
}

// An edit is a small change of bytes.
type edit struct {
	Kind, At int
	Value    byte
}

// apply returns a changed copy of b.
func (e edit) apply(b []byte) []byte {
	at := e.At % (len(b) + 1)
	switch {
	case e.Kind == 0: // another byte
		b = slices.Clone(b)
		if at < len(b) {
			b[at] = e.Value
		}
		return b
	case e.Kind == 1: // one byte more
		return slices.Concat(b[:at], []byte{e.Value}, b[at:])
	case e.Kind == 2 && at < len(b): // one byte less
		return slices.Concat(b[:at], b[at+1:])
	case e.Kind == 3: // the overlong version
		return slices.Concat([]byte{0x81, 0x00}, b[min(1, len(b)):])
	}
	return append(slices.Clone(b), e.Value) // a byte at the end
}

func edits() gopter.Gen {
	return func(p *gopter.GenParameters) *gopter.GenResult {
		e := edit{Kind: p.Rng.Intn(5), At: p.Rng.Intn(64), Value: byte(p.Rng.Intn(256))}
		if p.Rng.Intn(2) == 0 {
			e.At = p.Rng.Intn(1 << 16)
		}
		return gopter.NewGenResult(e, gopter.NoShrinker)
	}
}

// A trio is three addresses that are likely to be related: the same, another spelling, another port, another host.
type trio struct{ A, B, C wire.Address }

func trios() gopter.Gen {
	spelling := gen.Spelling()
	return func(p *gopter.GenParameters) *gopter.GenResult {
		draw := func(g gopter.Gen) wire.Address { return g(p).Result.(wire.Address) }
		a := draw(spelling)
		relative := func() wire.Address {
			switch p.Rng.Intn(4) {
			case 0:
				return a.Canonical()
			case 1:
				return a.WithPort(a.Port() + 1)
			case 2:
				return draw(spelling).WithPort(a.Port())
			}
			return a
		}
		t := trio{a, relative(), relative()}
		if p.Rng.Intn(2) == 0 {
			t.A, t.B = t.B, t.A
		}
		return gopter.NewGenResult(t, gopter.NoShrinker)
	}
}
