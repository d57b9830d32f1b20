package profile

// All returns the profiles in the order of the table in section 11. The first is the default.
func All() []Profile { return []Profile{V1(), C09(), E09(), C010()} }

// Lookup returns the profile of that name.
func Lookup(name string) (Profile, bool) {
	for _, p := range All() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// V1 is the protocol of the specification itself.
func V1() Profile {
	return Profile{
		Name:               "v1",
		Title:              "the specification itself; over UDP and IPv4 also the C and Elixir code of Aug-Sep 2020, within limits",
		Transports:         []Transport{TCP, UDP},
		Routes:             true,
		HandshakeTypeByte:  true,
		TransportHeader:    true,
		TransportTypeByte:  true,
		InnerTypeByte:      true,
		AssociatedData:     HandshakeHash,
		Suite:              X25519AES256(),
		LeadingAddress:     RemoveTransport,
		MessageLimit:       65535,
		StaticKey:          Configured,
		Listener:           NodeOrLocal,
		RepeatM1:           true,
		MaxReturnAddresses: AnyCount,
		MinAddresses:       8,
		MaxAddresses:       AnyCount,
		MaxInnerOnward:     AnyCount,
		MaxInnerReturn:     AnyCount,
	}
}

// C09 is the C implementation 0.8 and 0.9.
func C09() Profile {
	return Profile{
		Name:              "c09",
		Title:             "C 0.8 and 0.9",
		Transports:        []Transport{TCP, UDP},
		HandshakeTypeByte: true,
		InnerTypeByte:     true,
		AssociatedData:    NoData,
		Suite:             X25519AES256(),
		LeadingAddress:    NoRoutes,
		SendLimit:         1008,
		ReceiveLimit:      1024,
		StaticKey:         PerHandshake,
		Listener:          NoListener,
	}
}

// E09 is the Elixir implementation 0.8 and 0.9.
func E09() Profile {
	return Profile{
		Name:               "e09",
		Title:              "Elixir 0.8 and 0.9",
		Transports:         []Transport{UDP},
		Routes:             true,
		TransportHeader:    true,
		AssociatedData:     HandshakeHash,
		Suite:              X25519AES256(),
		IPv6LittleEndian:   true,
		LeadingAddress:     RemoveBind,
		MessageLimit:       8192,
		StaticKey:          Configured,
		Listener:           ResponderOnly,
		ForbiddenBodies:    []byte{3, 4, 5},
		ForbiddenInner:     [][]byte{{0}, {1}},
		MaxReturnAddresses: AnyCount,
		MinAddresses:       AnyCount,
		MaxAddresses:       AnyCount,
		MaxInnerOnward:     AnyCount,
		MaxInnerReturn:     AnyCount,
		InnerOnwardNeeded:  true,
	}
}

// C010 is the C implementation 0.10.
func C010() Profile {
	return Profile{
		Name:               "c010",
		Title:              "C 0.10",
		Transports:         []Transport{UDP},
		Routes:             true,
		HandshakeTypeByte:  true,
		TransportHeader:    true,
		TransportTypeByte:  true,
		InnerTypeByte:      true,
		AssociatedData:     HandshakeHash,
		Suite:              P256AES128(),
		LeadingAddress:     IgnoreLeading,
		MessageLimit:       32767,
		StaticKey:          PerHandshake,
		Listener:           NodeOnly,
		MaxReturnAddresses: 1,
		MinAddresses:       5,
		MaxAddresses:       5,
		MaxInnerReturn:     1,
		InnerReturnMisread: true,
	}
}
