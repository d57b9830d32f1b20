package subject

import (
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// Forward implements vectors.Subject: ref/router, which the adapter protocol does not reach.
func (r *Reference) Forward(in vectors.ForwardInput) (out vectors.ForwardOutput, err error) {
	cfg := router.Config{Profile: profile.V1()}
	var own wire.Route
	for _, a := range in.Bound {
		own = append(own, numeric(a))
	}
	if cfg.Bound = own; in.Allow {
		cfg.Allow = func(_, _ wire.Address) bool { return true }
	}
	hop, err := router.New(cfg)
	if err != nil {
		return out, fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
	}
	link := wire.Link{Remote: numeric(in.Source), Local: from(own, in.Source.Type)}
	d := hop.Decide(link, in.Message)
	if d.Kind != router.Forward {
		return out, dropped{d.Kind, d.Reason}
	}
	to := told(d.Next)
	b, err := hop.AppendForward(nil, d, from(own, to.Type))
	var failed router.Error
	if errors.As(err, &failed) {
		return out, dropped{router.Drop, failed.Reason}
	}
	return vectors.ForwardOutput{To: &to, Forwarded: b}, err
}

// numeric makes an address of the reference of one that is an IP address.
func numeric(a vectors.Address) wire.Address {
	switch {
	case a.Type == "tcp" && len(a.IPv4) == 4:
		return wire.TCPAddress4([4]byte(a.IPv4), uint16(a.Port))
	case a.Type == "tcp" && len(a.IPv6) == 16:
		return wire.TCPAddress6([16]byte(a.IPv6), uint16(a.Port))
	case a.Type == "udp" && len(a.IPv4) == 4:
		return wire.UDPAddress4([4]byte(a.IPv4), uint16(a.Port))
	case a.Type == "udp" && len(a.IPv6) == 16:
		return wire.UDPAddress6([16]byte(a.IPv6), uint16(a.Port))
	}
	return wire.Address{} // which the router refuses to be bound to
}

// told is the reverse.
func told(a wire.Address) vectors.Address {
	out := vectors.Address{Type: "tcp", Port: int(a.Port())}
	if a.Type() == wire.UDP {
		out.Type = "udp"
	}
	if value := a.AppendValue(nil); a.Host() == wire.IPv6 {
		out.IPv6 = value
	} else {
		out.IPv4 = value
	}
	return out
}

// from is the first address of a kind, the zero one if there is none.
func from(own wire.Route, kind string) wire.Address {
	for _, a := range own {
		if told(a).Type == kind {
			return a
		}
	}
	return wire.Address{}
}

// A dropped is a message that the router does not forward.
type dropped struct {
	kind   router.Kind
	reason router.Reason
}

// Error implements error.
func (d dropped) Error() string {
	if d.kind != router.Drop {
		return "not forwarded: " + d.kind.String()
	}
	return "dropped: " + d.reason.String()
}

// Means implements vectors.Refusal.
func (d dropped) Means(want vectors.RefusalError) bool {
	var classes []string
	switch {
	case d.kind != router.Drop: // it goes no further
		classes = []string{"router/no-next", "router/not-first", "router/unknown"}
	case d.reason == router.Malformed:
		classes = []string{"codec/truncated", "codec/version", "codec/type"}
	case d.reason == router.OwnAddress:
		classes = []string{"router/loop", "router/not-first"}
	case d.reason == router.NotAllowed:
		classes = []string{"router/not-allowed"}
	case d.reason == router.TooManyAddresses:
		classes = []string{"router/too-many"}
	case d.reason == router.Unsendable:
		classes = []string{"router/unusable"}
	case d.reason == router.Unreachable:
		classes = []string{"router/unreachable"}
	case d.reason == router.TooLong:
		classes = []string{"router/too-long"}
	}
	return slices.Contains(classes, want.Layer+"/"+want.Class)
}
