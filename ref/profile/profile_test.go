package profile_test

import (
	"reflect"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

func TestLookup(t *testing.T) {
	want := []string{"v1", "c09", "e09", "c010"}
	all := profile.All()
	if len(all) != len(want) {
		t.Fatalf("%d profiles, want %d", len(all), len(want))
	}
	for i, name := range want {
		got, ok := profile.Lookup(name)
		if !ok || got.Name != name || !reflect.DeepEqual(got, all[i]) {
			t.Errorf("Lookup(%q) = %q, %v", name, got.Name, ok)
		}
	}
	for _, name := range []string{"", "V1", "v2"} {
		if got, ok := profile.Lookup(name); ok || got.Name != "" {
			t.Errorf("Lookup(%q) = %q, %v", name, got.Name, ok)
		}
	}
}

// A caller may change its profile; nobody else sees it.
func TestProfilesAreValues(t *testing.T) {
	p, again := profile.E09(), profile.E09()
	p.Transports[0], p.ForbiddenBodies[0], p.ForbiddenInner[0][0] = profile.TCP, 9, 9
	if want := profile.E09(); !reflect.DeepEqual(again, want) {
		t.Errorf("got %+v, want %+v", again, want)
	}
}

func TestSuites(t *testing.T) {
	const name = "Noise_XX_25519_AESGCM_SHA256" // NOISE-001; c010 keeps it
	for _, tc := range []struct {
		got, want profile.Suite
	}{
		{profile.X25519AES256(), profile.Suite{Name: name, PublicKeySize: 32, KeySize: 32}},
		{profile.P256AES128(), profile.Suite{Name: name, P256: true, PublicKeySize: 65, KeySize: 16}},
	} {
		if tc.got != tc.want {
			t.Errorf("suite %+v, want %+v", tc.got, tc.want)
		}
	}
	if got, want := len(name), 28; got != want {
		t.Errorf("the name is %d bytes, want %d", got, want)
	}
}

// The envelopes are the codec's dialects, one per kind of message.
func TestEnvelopes(t *testing.T) {
	none := wire.NoAddresses
	noRoutes := wire.Dialect{MaxOnward: none, MaxReturn: none}
	elixir := wire.Dialect{Untagged: true, IPv6LittleEndian: true}
	for _, tc := range []struct {
		p                           profile.Profile
		handshake, transport, inner wire.Dialect
	}{
		{profile.V1(), wire.Dialect{}, wire.Dialect{}, wire.Dialect{}},
		{profile.C09(), noRoutes, wire.Dialect{Bare: true}, noRoutes},
		{profile.E09(), elixir, elixir, elixir},
		{profile.C010(), wire.Dialect{MaxOnward: 5, MaxReturn: 5}, wire.Dialect{MaxOnward: 5, MaxReturn: 1},
			wire.Dialect{MaxOnward: none, MaxReturn: 1}},
	} {
		if got := wire.Dialect(tc.p.HandshakeEnvelope()); got != tc.handshake {
			t.Errorf("%s: handshake %+v, want %+v", tc.p.Name, got, tc.handshake)
		}
		if got := wire.Dialect(tc.p.TransportEnvelope()); got != tc.transport {
			t.Errorf("%s: transport %+v, want %+v", tc.p.Name, got, tc.transport)
		}
		if got := wire.Dialect(tc.p.InnerEnvelope()); got != tc.inner {
			t.Errorf("%s: inner %+v, want %+v", tc.p.Name, got, tc.inner)
		}
	}
}

// The data of one profile does not contradict itself.
func TestProfilesAreConsistent(t *testing.T) {
	for _, p := range profile.All() {
		if p.MinAddresses > p.MaxAddresses || p.MaxReturnAddresses > p.MaxAddresses || p.MaxAddresses > wire.MaxAddresses {
			t.Errorf("%s: counts %d, %d, %d", p.Name, p.MinAddresses, p.MaxAddresses, p.MaxReturnAddresses)
		}
		if p.Routes != (p.MaxAddresses > 0) || p.Routes == (p.LeadingAddress == profile.NoRoutes) {
			t.Errorf("%s: routes %v, up to %d addresses, leading %d", p.Name, p.Routes, p.MaxAddresses, p.LeadingAddress)
		}
		if (p.MessageLimit == 0) == (p.SendLimit == 0) || (p.SendLimit == 0) != (p.ReceiveLimit == 0) || p.SendLimit > p.ReceiveLimit {
			t.Errorf("%s: limits %d, %d, %d", p.Name, p.SendLimit, p.ReceiveLimit, p.MessageLimit)
		}
		if untagged := !p.HandshakeTypeByte || !p.InnerTypeByte; untagged != (len(p.ForbiddenBodies) > 0) {
			t.Errorf("%s: untagged %v, forbidden %x", p.Name, untagged, p.ForbiddenBodies)
		}
	}
}
