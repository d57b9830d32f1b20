package wire

// A Link is what a message comes over or leaves over: the transport addresses of this end and of the other end, numeric (ROUT-003,
// ROUT-004). The zero Link is an IO without addresses, such as another channel, over which nothing is routed.
type Link struct {
	Local, Remote Address
}

// IsZero reports whether the link has no addresses.
func (l Link) IsZero() bool { return l == Link{} }
