package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
)

// An insight is a conformance.Insight over the verbs of the adapter protocol.
type insight struct {
	client   *harness.Client
	declared harness.Capabilities
	lost     func(error) error // what an error means that ends the adapter, or costs it
}

var _ conformance.VaultInsight = (*insight)(nil)

// lacks is an *Inapplicable unless verbs are declared.
func (i *insight) lacks(verbs ...harness.Verb) error {
	for _, v := range verbs {
		if !i.declared.Has(v) {
			return &conformance.Inapplicable{Reason: "the adapter does not declare verb " + string(v)}
		}
	}
	return nil
}

// told puts an error of the adapter into the words of the cases.
func (i *insight) told(err error) error {
	var refused *harness.Refusal
	switch {
	case err == nil:
		return nil
	case errors.Is(err, harness.ErrUnsupported), errors.Is(err, harness.ErrTooLong):
		return &conformance.Inapplicable{Reason: "the adapter says of what is needed here: " + err.Error()}
	case errors.As(err, &refused) && !refused.Class.OfRequest():
		return &conformance.Refusal{Class: string(refused.Class)}
	case errors.As(err, &refused):
		return fmt.Errorf("adapter: %w", err)
	}
	return i.lost(err)
}

// Agree implements conformance.Insight.
func (i *insight) Agree(ctx context.Context, m conformance.Agree) (conformance.Secret, error) {
	verb := harness.VerbX25519
	if m.P256 {
		verb = harness.VerbP256
	}
	if err := i.lacks(verb); err != nil {
		return nil, err
	}
	secret, err := i.client.Agree(ctx, harness.Agree{P256: m.P256, Private: m.Private, Public: m.Public})
	return secret, i.told(err)
}

// HKDF implements conformance.Insight.
func (i *insight) HKDF(ctx context.Context, salt, ikm []byte, blocks int) (conformance.Secret, error) {
	if err := i.lacks(harness.VerbHKDF); err != nil {
		return nil, err
	}
	secret, err := i.client.HKDF(ctx, harness.HKDF{Salt: salt, IKM: ikm, Blocks: blocks})
	return secret, i.told(err)
}

// AEAD implements conformance.Insight.
func (i *insight) AEAD(ctx context.Context, m conformance.AEAD) ([]byte, error) {
	verb := harness.VerbSeal
	if m.Open {
		verb = harness.VerbUnseal
	}
	if err := i.lacks(verb); err != nil {
		return nil, err
	}
	out, err := i.client.AEAD(ctx, harness.AEAD{Open: m.Open, Key: m.Key, Nonce: m.Nonce, Ad: m.AD, Data: m.Data})
	return out, i.told(err)
}

// Begin implements conformance.Insight. The channel has number 0.
func (i *insight) Begin(ctx context.Context, m conformance.Begin) (conformance.Step, error) {
	if err := i.lacks(harness.VerbOpen, harness.VerbFeed); err != nil {
		return conformance.Step{}, err
	}
	for _, need := range []struct {
		declared []string
		word     string
		needed   bool
	}{
		{i.declared.Options, "ephemeral", m.Ephemeral != nil},
		{i.declared.Options, "peer", m.Peer != nil},
		{i.declared.Profiles, m.Profile, true},
		{words(i.declared.Roles), string(m.Role), true},
		{words(i.declared.Over), string(harness.Message), true},
	} {
		if need.needed && !slices.Contains(need.declared, need.word) {
			return conformance.Step{}, &conformance.Inapplicable{Reason: "the adapter does not declare " + need.word + " for verb open"}
		}
	}
	step, err := i.client.Open(ctx, harness.Open{
		Role: harness.Role(m.Role), Profile: m.Profile, Over: harness.Message, Static: m.Static, Ephemeral: m.Ephemeral, Peer: m.Peer,
	})
	return stepOf(step), i.told(err)
}

func words[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// Feed implements conformance.Insight.
func (i *insight) Feed(ctx context.Context, message []byte) (conformance.Step, error) {
	step, err := i.client.Feed(ctx, harness.Feed{Data: slices.Concat([]byte{}, message)})
	return stepOf(step), i.told(err)
}

func stepOf(s harness.Step) conformance.Step {
	out := conformance.Step{Out: s.Out(), Got: s.Got(), Closed: s.Closed, Class: string(s.Class)}
	if out.Class == "" {
		out.Class = string(s.Rejected())
	}
	_, out.Opened = s.Opened()
	return out
}

// Operate implements conformance.VaultInsight.
func (i *insight) Operate(ctx context.Context, m conformance.Operation) (conformance.Operated, error) {
	if err := i.lacks(harness.VerbVault); err != nil {
		return conformance.Operated{}, err
	}
	out, err := i.client.Operate(ctx, harness.Operation{
		Op: string(m.Op), Secret: m.Secret, To: m.To, IKM: m.IKM, Type: string(m.Type), Length: m.Length, Value: m.Value,
		Exportable: m.Exportable, Label: m.Label, Public: m.Public, Nonce: m.Nonce, Ad: m.AD, Data: m.Data,
	})
	return conformance.Operated{
		Data: out.Data, Type: conformance.SecretType(out.Type), Length: out.Length, Exportable: out.Exportable, Label: out.Label,
		Supported: out.Supported,
	}, i.told(err)
}

// Insight asks the adapter itself.
func (p *adapterPeer) Insight(ctx context.Context) (conformance.Insight, error) {
	if p.closed {
		return nil, ErrClosed
	}
	p.collect()
	if p.adapter == nil {
		if err := p.start(ctx); err != nil {
			return nil, err
		}
	}
	return &insight{p.adapter.Client, p.declared, p.refused}, nil
}

// A referenceInsight is that of the reference, as its adapter gives it (conformance/harness/refadapter), without a process.
type referenceInsight struct {
	insight
	cancel context.CancelFunc
	ended  chan struct{} // closed when nothing runs any more
}

// newReferenceInsight starts the adapter in this process. random is nil for crypto/rand.
func newReferenceInsight(random io.Reader) (*referenceInsight, error) {
	adapter, closed, err := refadapter.New(random)
	if err != nil {
		return nil, err
	}
	near, far := net.Pipe()
	r := &referenceInsight{ended: make(chan struct{})}
	var running context.Context
	running, r.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(r.ended)
		_ = harness.Serve(running, far, adapter) // the end of the connection is its end
		_ = closed()
	}()
	r.lost = func(err error) error { return fmt.Errorf("the reference: %w", err) }
	if r.client, err = harness.NewClient(running, near, harness.ClientConfig{}); err == nil {
		r.declared, err = r.client.Capabilities(running)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close ends the adapter and waits for it.
func (r *referenceInsight) Close() error {
	r.cancel()
	<-r.ended
	if r.client == nil {
		return nil
	}
	return r.client.Close()
}
