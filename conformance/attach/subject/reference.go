package subject

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance/harness/refadapter"
	"ockamtest/ref/transport"
	"ockamtest/vectors"
)

// A Reference is the reference implementation: its adapter, called directly, and beside it the packages of ref for what the adapter protocol
// has no words for: streams that stay open, handshakes that version 1 does not have, hops.
type Reference struct {
	*Adapter
	close func() error
}

// NewReference makes the reference a subject. Close releases it.
func NewReference(ctx context.Context) (*Reference, error) {
	adapter, closed, err := refadapter.New(nil)
	if err != nil {
		return nil, fmt.Errorf("subject: %w", err)
	}
	a, err := NewAdapter(ctx, Direct(adapter), nil)
	if err != nil {
		return nil, errors.Join(err, closed())
	}
	return &Reference{a, closed}, nil
}

// Close releases the vault.
func (r *Reference) Close() error { return r.close() }

// Frames implements vectors.Subject.
func (r *Reference) Frames(in vectors.FramesInput) (out vectors.FramesOutput, err error) {
	if in.End == "fin" {
		return r.Adapter.Frames(in)
	}
	d := transport.NewDeframer(in.Limit)
	for _, piece := range in.Chunks {
		d.Push(piece)
		for {
			m, ok, err := d.Next()
			if err != nil {
				return out, &vectors.RefusalError{Layer: "frame", Class: "too-long"}
			}
			if !ok {
				break
			}
			out.Messages = append(out.Messages, append(vectors.Hex{}, m...))
		}
	}
	return out, nil
}
