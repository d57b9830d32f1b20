package peers

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
)

// written is the route in the form in which a node writes it; false if an address has no such form (WIRE-013, WIRE-015).
func (r route) written() (out route, ok bool) {
	for _, a := range r {
		if a, ok = writtenAddress(a); !ok {
			return nil, false
		}
		out = append(out, a)
	}
	return out, true
}

func writtenAddress(a []byte) ([]byte, bool) {
	if a[0] == addressLocal {
		return a, true
	}
	head, port := a[:1], a[len(a)-2:]
	switch a[1] {
	case hostIPv6:
		ip := netip.AddrFrom16([16]byte(a[2:18]))
		if !ip.Is4In6() {
			return a, true
		}
		return slices.Concat(head, []byte{hostIPv4}, ip.Unmap().AsSlice(), port), true
	case hostDNS:
		name := bytes.TrimSuffix(bytes.ToLower(a[3:len(a)-2]), []byte("."))
		if !isName(string(name)) {
			return nil, false
		}
		return slices.Concat(head, []byte{hostDNS, byte(len(name))}, name, port), true
	}
	return a, true
}

// isName reports whether a DNS name may be written: of the right characters, and no IP literal.
func isName(name string) bool {
	labels := strings.Split(name, ".")
	if slices.Contains(labels, "") || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return false
	}
	last := labels[len(labels)-1]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") != ""
	}
	return strings.Trim(last, "0123456789") != ""
}
