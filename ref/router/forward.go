package router

import "ockamtest/ref/wire"

// relay decides about a message whose next address is a transport address.
func (r *Router) relay(d Decision, a arrival) Decision {
	m := d.Message
	d.Next = m.Onward[0]
	switch {
	case r.cfg.Allow == nil: // ROUT-007: nothing is resolved or told apart for an end point
		return r.drop(d, NotAllowed)
	case !a.named && !d.Link.IsZero(): // ROUT-005: it would leave as long as it came, and could circle
		return r.drop(d, OwnAddress)
	case a.addresses > r.cfg.MaxAddresses: // ROUT-011
		return r.drop(d, TooManyAddresses)
	case 1+len(m.Return) > wire.MaxAddresses: // REC-010
		return r.drop(d, RouteFull)
	case !hasForms(m.Onward), !hasForms(m.Return): // WIRE-015
		return r.drop(d, NoForm)
	}
	if d.Next.Host() == wire.DNS {
		if a.resolved == (wire.Address{}) {
			d.Kind = Resolve // WIRE-014
			return d
		}
		if a.resolved.Type() != d.Next.Type() || a.resolved.Port() != d.Next.Port() {
			return r.drop(d, Unresolved)
		}
		// ROUT-004: the message carries the numeric address, which is what the rules below look at.
		d.Next, m.Onward[0] = a.resolved, a.resolved
	}
	switch {
	case !d.Next.Sendable(): // WIRE-013
		return r.drop(d, Unsendable)
	case r.isBound(d.Link, d.Next): // ROUT-005
		return r.drop(d, OwnAddress)
	case !r.cfg.Allow(d.Link.Remote, d.Next): // ROUT-007
		return r.drop(d, NotAllowed)
	}
	d.Kind = Forward
	return d
}

// AppendForward appends the message of a Forward to dst, which grows if it has to: d.Next stays first in the onward route, and local, the
// transport address from which it leaves, numeric, comes first in the return route (ROUT-004). d is the router's last decision. The body
// is copied once; the received message must not lie in the free capacity of dst. A message that becomes too long is dropped and counted,
// dst is returned as it was, and the Error is TooLong (REC-010); without a local address it is Unreachable.
func (r *Router) AppendForward(dst []byte, d Decision, local wire.Address) ([]byte, error) {
	if d.Kind != Forward {
		panic("router: AppendForward of a message that is not forwarded")
	}
	if !numeric(local) {
		r.cfg.Metrics.CountDropped(Unreachable)
		return dst, Error{Unreachable}
	}
	m := *d.Message
	r.returned = append(append(r.returned[:0], local), m.Return...)
	m.Return = r.returned
	out, err := r.append(dst, &m, d.Next)
	if err != nil {
		r.cfg.Metrics.CountDropped(TooLong)
		return dst, err
	}
	r.cfg.Metrics.CountForwarded()
	return out, nil
}

// append appends what leaves for a numeric address. All that can be wrong with it is its length.
func (r *Router) append(dst []byte, m *wire.Message, to wire.Address) ([]byte, error) {
	out, err := wire.AppendMessage(dst, r.dialect, m)
	limit := to.MaxMessage()
	if r.cfg.Profile.MessageLimit > 0 {
		limit = min(limit, r.cfg.Profile.MessageLimit)
	}
	if err != nil || len(out)-len(dst) > limit { // REC-010
		return dst, Error{TooLong}
	}
	return out, nil
}
