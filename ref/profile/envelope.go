package profile

// An Envelope tells how one kind of message is encoded. Its fields are those of wire.Dialect, with the same meaning, so that it
// converts: wire.Dialect(p.HandshakeEnvelope()). The two packages stand on one floor and do not import each other.
type Envelope struct {
	Bare                 bool
	Untagged             bool
	IPv6LittleEndian     bool
	MaxOnward, MaxReturn int
}

// HandshakeEnvelope is how m1, m2, m3, ping, and pong travel.
func (p *Profile) HandshakeEnvelope() Envelope {
	return p.envelope(p.HandshakeTypeByte, p.MaxAddresses, p.MaxAddresses)
}

// TransportEnvelope is how the outer messages of the transport phase travel.
func (p *Profile) TransportEnvelope() Envelope {
	if !p.TransportHeader {
		return Envelope{Bare: true}
	}
	return p.envelope(p.TransportTypeByte, p.MaxAddresses, min(p.MaxAddresses, p.MaxReturnAddresses))
}

// InnerEnvelope is how application bytes travel inside the ciphertext.
func (p *Profile) InnerEnvelope() Envelope {
	return p.envelope(p.InnerTypeByte, p.MaxInnerOnward, p.MaxInnerReturn)
}

func (p *Profile) envelope(typeByte bool, maxOnward, maxReturn int) Envelope {
	if !p.Routes {
		maxOnward, maxReturn = 0, 0
	}
	return Envelope{
		Untagged:         !typeByte,
		IPv6LittleEndian: p.IPv6LittleEndian,
		MaxOnward:        envelopeLimit(maxOnward),
		MaxReturn:        envelopeLimit(maxReturn),
	}
}

// envelopeLimit maps a count to the limit of an envelope, whose zero value is "as many as the format has".
func envelopeLimit(count int) int {
	switch count {
	case 0:
		return -1
	case AnyCount:
		return 0
	}
	return count
}
