package attach

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// An adapterPeer is an implementation behind an adapter, on real sockets: as responder it listens, once for all sessions of a need, so that what
// one does to the listener shows in the next; as initiator it connects once for each, and is reset before, so that none of an earlier one is
// taken for it. The adapter is started again when it has died or does not answer.
type adapterPeer struct {
	cfg      Config
	declared harness.Capabilities // of the first start
	static   []byte               // private key

	adapter *AdapterProcess // nil once it was found dead
	need    conformance.Need
	run     *run    // what listens or connects for need, nil if nothing does
	deaths  []error // not told yet
	watch   watch   // of what the process takes
	closed  bool
}

// newAdapterPeer starts the adapter and asks for its capabilities.
func newAdapterPeer(ctx context.Context, cfg Config) (conformance.Peer, error) {
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = min(cfg.scaled(defaultHandshakeTimeout), longestHandshake)
	}
	p := &adapterPeer{cfg: cfg, static: cfg.PeerKey}
	if p.static == nil {
		p.static = make([]byte, 32)
		rand.Read(p.static) // never fails
	}
	if len(p.static) != 32 {
		return nil, fmt.Errorf("%w: the peer's static key has %d bytes, want 32", ErrConfig, len(p.static))
	}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	var err error
	if p.declared, err = p.adapter.Client.Capabilities(ctx); err != nil {
		return nil, p.adapter.failed(err)
	}
	return p, nil
}

func (p *adapterPeer) start(ctx context.Context) (err error) {
	p.adapter, err = StartAdapter(ctx, AdapterConfig{Command: p.cfg.Spec.Command, Pipes: p.cfg.Spec.Pipes, Scale: p.cfg.Scale, ByHand: p.cfg.ByHand})
	return err
}

// DeclaredProfiles returns the profiles that an adapter declares; ok is false for other peers, which declare none.
func DeclaredProfiles(peer conformance.Peer) (names []string, ok bool) {
	p, ok := peer.(*adapterPeer)
	if !ok {
		return nil, false
	}
	return slices.Clone(p.declared.Profiles), true
}

// Info describes the peer: what its adapter declares.
func (p *adapterPeer) Info() conformance.PeerInfo {
	info := conformance.PeerInfo{Name: p.cfg.Spec.Text, Attachment: string(Adapter), MaxConnections: p.cfg.MaxConnections}
	if p.declared.Has(harness.VerbListen) {
		info.Roles = append(info.Roles, conformance.Responder)
	}
	if p.declared.Has(harness.VerbConnect) {
		info.Roles = append(info.Roles, conformance.Initiator)
	}
	for _, t := range []conformance.Transport{conformance.TCP, conformance.UDP} {
		if slices.Contains(p.declared.Transports, string(t)) {
			info.Transports = append(info.Transports, t)
		}
	}
	if p.declared.Heeds("deadline") {
		info.HandshakeDeadline = p.cfg.HandshakeTimeout
	}
	info.Reading = p.declared.Heeds("buffer") || p.declared.Heeds("giveup")
	info.Pinned = p.declared.Heeds("peer") && p.cfg.KitKey != nil
	return info
}

// lacks tells what an adapter would have to declare for a need, nil if nothing.
func (p *adapterPeer) lacks(need conformance.Need) error {
	known, ok := profile.Lookup(need.Profile)
	if !ok {
		return fmt.Errorf("%w: profile %s", ErrNeed, need.Profile)
	}
	option := ""
	switch {
	case need.Reading.Buffer > 0 && !p.declared.Heeds("buffer"):
		return &conformance.Inapplicable{Reason: "the adapter does not declare option buffer"}
	case need.Reading.GiveUp > 0 && !p.declared.Heeds("giveup"):
		return &conformance.Inapplicable{Reason: "the adapter does not declare option giveup"}
	case !slices.Contains(p.declared.Profiles, need.Profile):
		return &conformance.Inapplicable{Reason: "the adapter does not declare profile " + need.Profile}
	case need.Role == conformance.Responder && !p.listener(known).IsZero():
		option = "address"
	case need.Role == conformance.Initiator && len(p.way(known)) > 0:
		option = "route"
	}
	if option == "" || p.declared.Heeds(option) {
		option = "service"
		if need.Role == conformance.Responder || p.service(known).IsZero() || p.declared.Heeds(option) {
			return nil
		}
	}
	return &conformance.Inapplicable{Reason: "the adapter does not declare option " + option + ", which is needed here"}
}

// way is the rest of the way to the channel listener, behind the transport address.
func (p *adapterPeer) way(known profile.Profile) wire.Route {
	if p.cfg.Route == nil {
		return conformance.DefaultRoute(known)
	}
	return p.cfg.Route
}

// listener is the local address at which a responder is to listen, zero if it is that of the node.
func (p *adapterPeer) listener(known profile.Profile) harness.Address {
	if way := p.way(known); len(way) > 0 && way[len(way)-1].IsLocal() {
		return refadapter.FromAddress(way[len(way)-1])
	}
	return harness.Address{}
}

// service is the inner onward route of an initiator's first payload.
func (p *adapterPeer) service(known profile.Profile) harness.Address {
	service := p.cfg.Service
	if service == (wire.Address{}) {
		service = conformance.DefaultService(known)
	}
	if service == (wire.Address{}) {
		return harness.Address{}
	}
	return refadapter.FromAddress(service)
}

// pinned is the one static key that the peer is to accept, nil if it cannot be told.
func (p *adapterPeer) pinned() []byte {
	if !p.declared.Heeds("peer") {
		return nil
	}
	return p.cfg.KitKey[p.need.Profile]
}

// deadline is that of handshakes in milliseconds, 0 if it cannot be told.
func (p *adapterPeer) deadline() int {
	if !p.declared.Heeds("deadline") {
		return 0
	}
	return int(p.cfg.HandshakeTimeout.Milliseconds())
}

// Death tells of the end of the adapter since the last call, of sanitizer reports, and of requests that it has not answered.
func (p *adapterPeer) Death() error {
	if r := p.run; r != nil && r.suspect { // the end of a link may be the first that is seen of a crash
		r.endsWithin(context.Background(), p.cfg.scaled(crashSettle))
		r.suspect = false
	}
	p.collect()
	p.overrun()
	err := errors.Join(p.deaths...)
	p.deaths = nil
	return err
}

// collect takes leave of an adapter that has died, and keeps why for Death.
func (p *adapterPeer) collect() {
	if p.adapter == nil {
		return
	}
	gone := p.adapter.Exit() != "" || p.adapter.Client.Err() != nil
	if death := p.adapter.Death(); death != nil {
		p.deaths = append(p.deaths, death)
	}
	if gone {
		p.drop()
	}
}

// drop ends the adapter, whose death is known.
func (p *adapterPeer) drop() {
	p.release()
	_ = p.adapter.Close()
	p.adapter = nil
}

// release forgets what listens or connects.
func (p *adapterPeer) release() {
	if p.run != nil {
		p.run.release()
		p.run = nil
	}
}

// Close lets the adapter quit.
func (p *adapterPeer) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	p.release()
	if p.adapter == nil {
		return nil
	}
	return p.adapter.Close()
}
