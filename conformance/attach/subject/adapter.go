package subject

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// An Adapter is a vectors.Subject over the verbs of the adapter protocol. Make one with NewAdapter.
type Adapter struct {
	vectors.Unsupported
	ctx      context.Context
	caller   Caller
	restart  func(context.Context) (Caller, error)
	dead     error
	declared harness.Capabilities
	records  recordState
}

var _ vectors.Keeper = (*Adapter)(nil)

// NewAdapter asks what an adapter declares. ctx is that of every request that is made of it. restart starts it again after its connection has
// ended, which fails the vector at hand; nil leaves it dead.
func NewAdapter(ctx context.Context, caller Caller, restart func(context.Context) (Caller, error)) (*Adapter, error) {
	a := &Adapter{ctx: ctx, caller: caller, restart: restart}
	var err error
	if a.declared, err = caller.Capabilities(ctx); err != nil {
		return nil, fmt.Errorf("subject: capabilities: %w", err)
	}
	return a, nil
}

// has tells whether verbs are declared: nil, or an error that says unsupported. It starts a dead adapter again.
func (a *Adapter) has(verbs ...harness.Verb) error {
	if a.ctx.Err() != nil {
		return fmt.Errorf("%w: %w", vectors.ErrTrouble, a.ctx.Err())
	}
	if a.dead != nil {
		if err := a.revive(); err != nil {
			return fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
		}
	}
	for _, v := range verbs {
		if !a.declared.Has(v) {
			return unsupported("verb " + string(v))
		}
	}
	return nil
}

func (a *Adapter) revive() error {
	if a.restart == nil {
		return a.dead
	}
	caller, err := a.restart(a.ctx)
	if err != nil {
		return err
	}
	a.caller, a.dead, a.records = caller, nil, recordState{}
	return nil
}

func unsupported(what string) error { return fmt.Errorf("%w: %s", vectors.ErrUnsupported, what) }

// told puts an error of an adapter into the words of the vectors.
func (a *Adapter) told(err error) error {
	var refused *harness.Refusal
	client, _ := a.caller.(interface{ Err() error })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, harness.ErrUnsupported): // it is asked only for what it declares
		return unsupported(strings.TrimSuffix(err.Error(), ": "+harness.ErrUnsupported.Error()) + ", though declared: see 'ockamtest peer check'")
	case errors.Is(err, harness.ErrTooLong):
		return fmt.Errorf("%w: %w", vectors.ErrUnsupported, err)
	case errors.As(err, &refused) && !refused.Class.OfRequest():
		return refusal{refused.Class}
	case client != nil && client.Err() != nil:
		a.dead = client.Err()
		return fmt.Errorf("%w: %w", vectors.ErrBroken, a.dead)
	case errors.Is(err, harness.ErrNoAnswer) && a.ctx.Err() == nil:
		return fmt.Errorf("%w: %w", vectors.ErrBroken, err)
	}
	return fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
}

// A refusal is the class with which an implementation refuses, in an answer or in a step.
type refusal struct{ class harness.Class }

// Error implements error.
func (r refusal) Error() string { return "refused with class " + string(r.class) }

// Means implements vectors.Refusal: PROTOCOL.md has other classes than the vectors, and "rejected" for who does not tell why.
func (r refusal) Means(want vectors.RefusalError) bool {
	return r.class == harness.ClassRejected || slices.Contains(classesOf(want), r.class)
}

// refuses makes a refusal of a class that a step tells, which may be none.
func refuses(class harness.Class) error {
	if class == "" {
		class = harness.ClassRejected
	}
	return refusal{class}
}
