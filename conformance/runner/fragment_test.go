package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"ockamtest/conformance"
)

// framed is a message in a frame.
func framed(text string) []byte {
	return append([]byte{byte(len(text) >> 8), byte(len(text))}, text...)
}

// written runs a case over TCP with a fragmentation and returns what was written, link by link: "1:", the bytes.
func written(t *testing.T, how string, prepare func(*fakePeer), does func(ctx context.Context, env conformance.Env) error) (all []string) {
	t.Helper()
	peer := newFakePeer()
	peer.answer = func([]byte) ([]byte, error) { return nil, nil }
	if prepare != nil {
		prepare(peer)
	}
	answer := peer.answer
	peer.answer = func(p []byte) ([]byte, error) {
		all = append(all, fmt.Sprintf("%x", p))
		return answer(p)
	}
	cfg := newConfig(peer).withDefaults()
	groups, err := plan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &run{cfg: cfg, info: peer.info, levels: levels(), queue: newQueue(cfg, groups)}
	w.queue.sit()
	g := groups[0]
	g.parameters.Fragmentation = how
	c := newCase("noise/a", does)
	if a := w.try(t.Context(), g, trial{c, 0, cfg.Timeout, minQuiet}); a.verdict != passed {
		t.Errorf("verdict %d: %s", a.verdict, a.finding())
	}
	return all
}

// sending sends each of these, and then waits for something.
func sending(pieces ...[]byte) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		link, err := env.Open(ctx)
		if err != nil {
			return err
		}
		for _, p := range pieces {
			if err := link.Send(p); err != nil {
				return err
			}
		}
		if _, err := link.Receive(minQuiet); !errors.Is(err, conformance.ErrQuiet) {
			return fmt.Errorf("receive: %w", err)
		}
		return nil
	}
}

func TestFragmentation(t *testing.T) {
	abc, de := framed("abc"), framed("de")
	many := make([][]byte, mostFragmented+2)
	for i := range many {
		many[i] = framed("x")
	}
	tests := []struct {
		name, how string
		run       func(context.Context, conformance.Env) error
		want      []string
	}{
		{"not asked for", "", sending(abc, de), []string{"0003616263", "00026465"}},
		{"whole", conformance.Whole, sending(abc, de), []string{"0003616263", "00026465"}},
		{"length bytes", conformance.LengthBytes, sending(abc, de), []string{"00", "03", "616263", "00", "02", "6465"}},
		{"in the header", conformance.InHeader, sending(abc, de), []string{"00036162", "63", "00026465"}},
		{"with the next", conformance.Coalesced, sending(abc, de), []string{"000361626300026465"}},
		{"with the next of three", conformance.Coalesced, sending(abc, de, abc), []string{"000361626300026465", "0003616263"}},
		{"an empty frame", conformance.LengthBytes, sending([]byte{0, 0}), []string{"00", "00"}},
		{"two frames at once are cut once", conformance.InHeader, sending(append(slices.Clone(abc), de...)), []string{"00036162", "6300026465"}},
		{"no frame", conformance.LengthBytes, sending([]byte{0, 9, 1}, abc), []string{"000901", "0003616263"}},
		{"half a frame", conformance.Coalesced, sending(abc[:3], abc[3:], de), []string{"000361", "6263", "00026465"}},
		{"a frame and no frame", conformance.Coalesced, sending(abc, []byte{7}), []string{"0003616263", "07"}},
		{"the first frames only", conformance.InHeader, sending(append([][]byte{abc, abc, abc}, many[:8]...)...),
			[]string{"00036162", "63", "00036162", "63", "00036162", "63", "000178", "000178", "000178", "000178", "000178", "000178", "000178", "000178"}},
		{"no more than some", conformance.LengthBytes, sending(many...), append(slices.Repeat([]string{"00", "01", "78"}, mostFragmented), "000178", "000178")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := written(t, test.how, nil, test.run); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Nothing is done on any link, nor is one opened or closed, before what was sent has left.
func TestNothingIsHeldBack(t *testing.T) {
	frame := framed("held")
	tests := []struct {
		name string
		then func(ctx context.Context, env conformance.Env, link, other conformance.Link) error
	}{
		{"received", func(_ context.Context, _ conformance.Env, link, _ conformance.Link) error {
			_, err := link.Receive(minQuiet)
			return err
		}},
		{"received on another", func(_ context.Context, _ conformance.Env, _, other conformance.Link) error {
			_, err := other.Receive(minQuiet)
			return err
		}},
		{"sent on another", func(_ context.Context, _ conformance.Env, _, other conformance.Link) error {
			return errors.Join(other.Send([]byte{9}), conformance.ErrQuiet)
		}},
		{"opened", func(ctx context.Context, env conformance.Env, _, _ conformance.Link) error {
			_, err := env.Open(ctx)
			return errors.Join(err, conformance.ErrQuiet)
		}},
		{"shut", func(_ context.Context, _ conformance.Env, link, _ conformance.Link) error {
			return errors.Join(link.CloseWrite(), conformance.ErrQuiet)
		}},
		{"reset", func(_ context.Context, _ conformance.Env, link, _ conformance.Link) error {
			return errors.Join(link.Reset(), conformance.ErrQuiet)
		}},
		{"closed", func(_ context.Context, _ conformance.Env, link, _ conformance.Link) error {
			return errors.Join(link.Close(), conformance.ErrQuiet)
		}},
		{"left", func(context.Context, conformance.Env, conformance.Link, conformance.Link) error {
			return conformance.ErrQuiet
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := written(t, conformance.Coalesced, nil, func(ctx context.Context, env conformance.Env) error {
				link, err := env.Open(ctx)
				if err != nil {
					return err
				}
				other, err := env.Open(ctx)
				if err != nil {
					return err
				}
				if err := link.Send(frame); err != nil {
					return err
				}
				if err := test.then(ctx, env, link, other); !errors.Is(err, conformance.ErrQuiet) {
					return fmt.Errorf("then: %w", err)
				}
				return nil
			})
			if len(got) == 0 || got[0] != "000468656c64" {
				t.Errorf("got %q, want the frame first", got)
			}
		})
	}
}

// What the peer says between pieces, its end among that, is received in its order.
func TestReceivedBetweenPieces(t *testing.T) {
	n := 0
	answers := func(p *fakePeer) {
		p.answer = func([]byte) ([]byte, error) {
			if n++; n == 3 {
				return []byte{byte(n)}, io.EOF
			}
			return []byte{byte(n)}, nil
		}
	}
	written(t, conformance.LengthBytes, answers, func(ctx context.Context, env conformance.Env) error {
		link, err := env.Open(ctx)
		if err != nil {
			return err
		}
		if err := link.Send(framed("abc")); err != nil {
			return err
		}
		for want := byte(1); want <= 3; want++ {
			if p, err := link.Receive(minQuiet); err != nil || len(p) != 1 || p[0] != want {
				return fmt.Errorf("got %x, want %d: %w", p, want, err)
			}
		}
		for range 2 {
			if p, err := link.Receive(minQuiet); !errors.Is(err, io.EOF) {
				return fmt.Errorf("got %x, want the end: %w", p, err)
			}
		}
		return nil
	})
	if n != 3 {
		t.Errorf("%d pieces, want 3", n)
	}
}

// An end that is met between pieces stays.
func TestEndBetweenPieces(t *testing.T) {
	ends := func(p *fakePeer) { p.answer = func([]byte) ([]byte, error) { return nil, conformance.ErrReset } }
	written(t, conformance.LengthBytes, ends, func(ctx context.Context, env conformance.Env) error {
		link, err := env.Open(ctx)
		if err != nil {
			return err
		}
		if err := link.Send(framed("abc")); !errors.Is(err, conformance.ErrReset) {
			return fmt.Errorf("send: %w", err)
		}
		for range 2 {
			if _, err := link.Receive(minQuiet); !errors.Is(err, conformance.ErrReset) {
				return fmt.Errorf("receive: %w", err)
			}
		}
		return nil
	})
}
