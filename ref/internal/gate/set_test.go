package gate_test

import (
	"context"
	"errors"
	"testing"

	"ockamtest/ref/internal/gate"
)

// CHAN-012: the oldest gives way, with the cause given, and only at the bound; what was removed does not.
func TestSet(t *testing.T) {
	gaveWay := errors.New("gave way")
	s := gate.NewSet(2, gaveWay)
	var contexts []context.Context
	var removes []func()
	add := func() {
		ctx, cancel := context.WithCancelCause(t.Context())
		contexts, removes = append(contexts, ctx), append(removes, s.Add(cancel))
	}
	want := func(length int, given ...bool) {
		t.Helper()
		if s.Len() != length || len(given) != len(contexts) {
			t.Fatalf("%d of %d handshakes in progress, want %d of %d", s.Len(), len(contexts), length, len(given))
		}
		for n, ctx := range contexts {
			if got := errors.Is(context.Cause(ctx), gaveWay); got != given[n] {
				t.Errorf("handshake %d has given way: %v, want %v", n, got, given[n])
			}
		}
	}
	add()
	add()
	want(2, false, false)
	add()
	want(2, true, false, false)
	removes[1]()
	want(1, true, false, false)
	add()
	want(2, true, false, false, false)
	removes[0]() // it has gone already
	removes[1]()
	want(2, true, false, false, false)
	add()
	want(2, true, false, true, false, false)
}
