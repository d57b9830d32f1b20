package router

import "ockamtest/ref/wire"

// ping decides about a ping for the node.
func (r *Router) ping(d Decision) Decision {
	switch m := d.Message; {
	case len(m.Return) > r.cfg.Profile.MaxAddresses: // WIRE-008
		return r.drop(d, RouteFull)
	case !hasForms(m.Return): // WIRE-015
		return r.drop(d, NoForm)
	case !d.Link.IsZero() && !d.Link.Remote.Sendable(): // WIRE-013: also a source may have port 0
		return r.drop(d, Unsendable)
	}
	d.Kind = Answer
	return d
}

// AppendPong appends the pong of an Answer to dst, which grows if it has to. It leaves over d.Link: its onward route is the ping's return
// route, which begins with the source, and its return route is this node's address alone (WIRE-010, ROUT-004). d is the router's last
// decision. A pong that is too long is dropped and counted, dst is returned as it was, and the Error is TooLong (REC-010).
func (r *Router) AppendPong(dst []byte, d Decision) ([]byte, error) {
	if d.Kind != Answer {
		panic("router: AppendPong to a message that is not answered")
	}
	m := wire.Message{Type: wire.Pong}
	if !d.Link.IsZero() { // ROUT-004: over any other IO both routes are empty
		r.returned = append(r.returned[:0], d.Link.Local)
		m.Onward, m.Return = d.Message.Return, r.returned
	}
	out, err := r.append(dst, &m, d.Link.Remote)
	if err != nil {
		r.cfg.Metrics.CountDropped(TooLong)
		return dst, err
	}
	r.cfg.Metrics.CountAnswered()
	return out, nil
}
