package peers

import "ockamtest/ref/profile"

func dialect(name string) profile.Profile {
	p := profile.Profile{Name: name, Suite: profile.X25519AES256(), Routes: true, TransportHeader: true}
	if name == "c09" {
		p.Routes, p.TransportHeader = false, false
		p.AssociatedData = profile.NoData
		p.StaticKey = profile.PerHandshake
		p.SendLimit, p.ReceiveLimit = 1008, 1024
	}
	return p
}
