package subject

import (
	"context"
	"slices"

	"ockamtest/conformance/harness"
)

// A direct calls an adapter of this process, without lines.
type direct struct {
	adapter  harness.Adapter
	channels map[int]harness.Channel
}

// Direct returns a Caller of an adapter in this process.
func Direct(adapter harness.Adapter) Caller {
	return &direct{adapter, map[int]harness.Channel{}}
}

// Capabilities implements Caller. The verbs are those that the vectors need.
func (d *direct) Capabilities(context.Context) (harness.Capabilities, error) {
	c := d.adapter.Capabilities
	if c.Verbs != nil {
		return c, nil
	}
	if d.adapter.Channels != nil {
		c.Verbs = append(c.Verbs, harness.VerbOpen, harness.VerbFeed, harness.VerbWrite, harness.VerbClaims)
	}
	if d.adapter.Codec != nil {
		c.Verbs = append(c.Verbs, harness.VerbDecode, harness.VerbEncode)
	}
	if d.adapter.Vault != nil {
		c.Verbs = append(c.Verbs, harness.VerbX25519, harness.VerbP256, harness.VerbSeal, harness.VerbUnseal, harness.VerbHKDF, harness.VerbSHA256)
	}
	return c, nil
}

// Open implements Caller.
func (d *direct) Open(_ context.Context, m harness.Open) (harness.Step, error) {
	channel, step, err := d.adapter.Channels.Open(m)
	if err != nil {
		return step, err
	}
	if before := d.channels[m.Channel]; before != nil {
		_ = before.Close() // it is forgotten, whatever it says
	}
	d.channels[m.Channel] = channel
	return own(step), nil
}

// own copies a step, whose bytes are the adapter's.
func own(s harness.Step) harness.Step {
	s.Events = slices.Clone(s.Events)
	for i := range s.Events {
		s.Events[i].Data = slices.Clone(s.Events[i].Data)
	}
	return s
}

// of calls one of the adapter's channels.
func of[T any](d *direct, channel int, call func(harness.Channel) (T, error)) (T, error) {
	c := d.channels[channel]
	if c == nil {
		var none T
		return none, harness.Refuse(harness.ClassNoChannel)
	}
	return call(c)
}

// Feed implements Caller.
func (d *direct) Feed(_ context.Context, m harness.Feed) (harness.Step, error) {
	m.Data = slices.Clone(m.Data) // the adapter's: it may decrypt in place
	step, err := of(d, m.Channel, func(c harness.Channel) (harness.Step, error) { return c.Feed(m) })
	return own(step), err
}

// Write implements Caller.
func (d *direct) Write(_ context.Context, m harness.Write) (harness.Step, error) {
	step, err := of(d, m.Channel, func(c harness.Channel) (harness.Step, error) { return c.Write(m) })
	return own(step), err
}

// Claims implements Caller.
func (d *direct) Claims(_ context.Context, channel int) (harness.Claims, error) {
	return of(d, channel, harness.Channel.Claims)
}

// Decode implements Caller.
func (d *direct) Decode(_ context.Context, m harness.Decode) (harness.Decoded, error) {
	return d.adapter.Codec.Decode(m)
}

// Encode implements Caller.
func (d *direct) Encode(_ context.Context, m harness.Encode) ([]byte, error) {
	return d.adapter.Codec.Encode(m)
}

// Agree implements Caller.
func (d *direct) Agree(_ context.Context, m harness.Agree) (harness.Secret, error) {
	return d.adapter.Vault.Agree(m)
}

// AEAD implements Caller.
func (d *direct) AEAD(_ context.Context, m harness.AEAD) ([]byte, error) {
	return d.adapter.Vault.AEAD(m)
}

// HKDF implements Caller.
func (d *direct) HKDF(_ context.Context, m harness.HKDF) (harness.Secret, error) {
	return d.adapter.Vault.HKDF(m)
}

// Hash implements Caller.
func (d *direct) Hash(_ context.Context, m harness.Hash) ([]byte, error) {
	return d.adapter.Vault.Hash(m)
}
