package subject

import (
	"context"

	"ockamtest/conformance/harness"
)

// A Caller is an adapter that can be asked: a *harness.Client, or what Direct returns.
type Caller interface {
	Capabilities(ctx context.Context) (harness.Capabilities, error)
	Open(ctx context.Context, m harness.Open) (harness.Step, error)
	Feed(ctx context.Context, m harness.Feed) (harness.Step, error)
	Write(ctx context.Context, m harness.Write) (harness.Step, error)
	Claims(ctx context.Context, channel int) (harness.Claims, error)
	Decode(ctx context.Context, m harness.Decode) (harness.Decoded, error)
	Encode(ctx context.Context, m harness.Encode) ([]byte, error)
	Agree(ctx context.Context, m harness.Agree) (harness.Secret, error)
	AEAD(ctx context.Context, m harness.AEAD) ([]byte, error)
	HKDF(ctx context.Context, m harness.HKDF) (harness.Secret, error)
	Hash(ctx context.Context, m harness.Hash) ([]byte, error)
}

var (
	_ Caller = (*harness.Client)(nil)
	_ Caller = (*direct)(nil)
)

// A starter is a Caller of which several requests may wait at once.
type starter interface {
	Start(r harness.Request) *harness.Call
}

// burst is how many requests wait at once.
const burst = 256

// steps makes requests of one channel, in order, and hands each step over until one is an error or is not taken.
func (a *Adapter) steps(requests int, make func(i int) (harness.Request, func() (harness.Step, error)), take func(i int, s harness.Step, err error) error) error {
	client, several := a.caller.(starter)
	if !several {
		for i := range requests {
			_, call := make(i)
			step, err := call()
			if err := take(i, step, err); err != nil {
				return err
			}
		}
		return nil
	}
	var first error
	for begin := 0; begin < requests && first == nil; begin += burst {
		var calls []*harness.Call
		for i := begin; i < min(begin+burst, requests); i++ {
			request, _ := make(i)
			calls = append(calls, client.Start(request))
		}
		for i, call := range calls { // all of them: an answer that nobody waits for would come late
			step, err := call.Step(a.ctx)
			if first == nil {
				first = take(begin+i, step, err)
			}
		}
	}
	return first
}
