package peers

import "slices"

// addressFaults are those of addresses.
func addressFaults() []fault {
	return []fault{
		{
			name: "unknown-address-type-accepted", title: "takes an unknown address type for a local address", class: "unknown types",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-006"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 0 && b[0] > addressUDP {
						b = slices.Concat([]byte{addressLocal}, b[1:])
					}
					return addressSize(b)
				}
			}),
		},
		{
			name: "unknown-host-type-accepted", title: "takes an unknown host type for IPv4", class: "unknown types",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-006"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 1 && b[0] != addressLocal && b[1] > hostDNS {
						return 8, len(b) >= 8
					}
					return addressSize(b)
				}
			}),
		},
		{
			name: "empty-local-address-accepted", title: "takes a local address of length 0", class: "count and length lies",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-012"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 1 && b[0] == addressLocal && b[1] == 0 {
						return 2, true
					}
					return addressSize(b)
				}
			}),
		},
		{
			name: "long-local-address-refused", title: "takes local addresses of up to 127 bytes", class: "more addresses than supported",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-012"), entails: ids("WIRE-011"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					size, ok := addressSize(b)
					return size, ok && (b[0] != addressLocal || b[1] < 128)
				}
			}),
		},
		{
			name: "dns-length-unchecked", title: "takes DNS names of length 0 and above 253", class: "count and length lies",
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-013"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 2 && b[0] != addressLocal && b[1] == hostDNS {
						size := 5 + int(b[2])
						return size, size <= len(b)
					}
					return addressSize(b)
				}
			}),
		},
	}
}
