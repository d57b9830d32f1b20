package router

import (
	"fmt"
	"slices"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A Router decides about messages. The zero Router is not usable; see New.
type Router struct {
	cfg     Config
	dialect wire.Dialect
	bound   []wire.Address // canonical

	// Scratch, overwritten by each decision, so that the steady state allocates nothing.
	in       wire.Message
	returned wire.Route // of what leaves
}

// New makes a router. It fails with ErrConfig.
func New(cfg Config) (*Router, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.MaxAddresses == 0 {
		cfg.MaxAddresses = DefaultMaxAddresses
	}
	if cfg.Metrics == nil {
		cfg.Metrics = Uncounted{}
	}
	r := &Router{cfg: cfg, dialect: wire.Dialect(cfg.Profile.HandshakeEnvelope())}
	r.cfg.Bound = nil
	for _, a := range cfg.Bound {
		if err := r.Bind(a); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Bind adds a transport address at which the node receives, numeric (Config.Bound). It fails with ErrConfig.
func (r *Router) Bind(a wire.Address) error {
	a = a.Canonical()
	if !numeric(a) {
		return fmt.Errorf("%w: a bound address is no numeric transport address", ErrConfig)
	}
	if !slices.Contains(r.bound, a) {
		r.bound = append(r.bound, a)
	}
	return nil
}

// Decide decides what becomes of msg, which came over link; the zero Link means that it came over no transport. Both addresses of a link
// are numeric and in the form that encoders write. msg is not changed.
func (r *Router) Decide(link wire.Link, msg []byte) Decision {
	r.cfg.Metrics.CountReceived()
	return r.decide(link, msg, wire.Address{})
}

// Resolved decides again about a message that had to wait, for a name to be resolved (Resolve) or for a connection (Forward). next is the
// numeric address of its next hop, zero if there is none: then it is dropped. link and msg are as they were. The message is not counted
// as received again.
func (r *Router) Resolved(link wire.Link, msg []byte, next wire.Address) Decision {
	next = next.Canonical()
	if !numeric(next) {
		return r.drop(Decision{Link: link, Next: next}, Unresolved)
	}
	return r.decide(link, msg, next)
}

// decide is Decide; a next that is not zero stands for a name.
func (r *Router) decide(link wire.Link, msg []byte, next wire.Address) Decision {
	d := Decision{Link: link}
	m := &r.in
	if limit := r.cfg.Profile.MessageLimit; limit > 0 && len(msg) > limit { // REC-010
		return r.drop(d, TooLong)
	}
	if err := m.Parse(r.dialect, msg); err != nil {
		d.Err = err
		return r.drop(d, Malformed)
	}
	d.Message = m
	addresses := len(m.Onward) + len(m.Return)
	named := r.arrive(link, m)
	switch {
	case len(m.Onward) > 0 && m.Onward[0].IsLocal():
		d.Kind = ToLocal
	case len(m.Onward) > 0:
		return r.relay(d, arrival{named, addresses, next})
	case m.Type == wire.Ping:
		return r.ping(d)
	case m.Type == wire.Pong:
		d.Kind = Pong
	default:
		d.Kind = ToNode
	}
	return d
}

// An arrival is what relay has to know about a message that its routes do not tell any more.
type arrival struct {
	named     bool         // it named this node first
	addresses int          // in both routes together, when it came
	resolved  wire.Address // numeric address of its next hop, if that is known
}

// arrive brings the routes into the form that Decision.Message has. It reports whether the message named its receiver.
func (r *Router) arrive(link wire.Link, m *wire.Message) (named bool) {
	canonical(m.Onward)
	canonical(m.Return)
	if link.IsZero() {
		return false
	}
	// ROUT-002: a leading transport address names the receiver; no second one is removed.
	if named = len(m.Onward) > 0 && r.leads(link, m.Onward[0]); named {
		m.Onward = slices.Delete(m.Onward, 0, 1) // not a slice of it, which would lose capacity
	}
	// ROUT-003: in place of a first address of the transport's kind, whatever it says, else in front.
	if source := link.Remote; len(m.Return) > 0 && m.Return[0].Type() == source.Type() {
		m.Return[0] = source
	} else {
		m.Return = slices.Insert(m.Return, 0, source)
	}
	return named
}

// leads reports whether a receiver removes a first onward address.
func (r *Router) leads(link wire.Link, a wire.Address) bool {
	if r.cfg.Profile.LeadingAddress == profile.RemoveBind {
		return a == link.Local
	}
	return a.IsTransport()
}

// isBound reports whether the node receives at a, which is canonical.
func (r *Router) isBound(link wire.Link, a wire.Address) bool {
	return a == link.Local || slices.Contains(r.bound, a)
}

// canonical writes each address in the form that encoders write, if it has one (WIRE-015).
func canonical(route wire.Route) {
	for i := range route {
		if a := &route[i]; a.IsTransport() && a.Host() != wire.IPv4 {
			*a = a.Canonical()
		}
	}
}

// hasForms reports whether each address, which is canonical if it has such a form, has one.
func hasForms(route wire.Route) bool {
	for i := range route {
		if a := &route[i]; a.IsTransport() && a.Host() != wire.IPv4 && a.Validate() != nil {
			return false
		}
	}
	return true
}

// drop makes d a message that is dropped, and counts it.
func (r *Router) drop(d Decision, why Reason) Decision {
	d.Kind, d.Reason = Drop, why
	r.cfg.Metrics.CountDropped(why)
	return d
}
