package attach

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
)

// inForm is a route in the form in which it is answered; false if an address has no such form (WIRE-013, WIRE-015).
func inForm(route [][]byte) (out [][]byte, ok bool) {
	for _, a := range route {
		if a, ok = addressInForm(a); !ok {
			return nil, false
		}
		out = append(out, a)
	}
	return out, true
}

func addressInForm(a []byte) ([]byte, bool) {
	if a[0] == 0 { // local
		return a, true
	}
	port := a[len(a)-2:]
	switch a[1] {
	case 1:
		ip := netip.AddrFrom16([16]byte(a[2:18]))
		if ip.Is4In6() {
			return slices.Concat([]byte{a[0], 0}, ip.Unmap().AsSlice(), port), true
		}
	case 2:
		name := bytes.TrimSuffix(bytes.ToLower(a[3:len(a)-2]), []byte("."))
		return slices.Concat([]byte{a[0], 2, byte(len(name))}, name, port), isHostName(string(name))
	}
	return a, true
}

// isHostName reports whether a name may be written: letters, digits, and hyphens between dots, and no number at the end.
func isHostName(name string) bool {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return false
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	digits := "0123456789"
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		last, digits = hex, "0123456789abcdef"
	}
	return strings.Trim(last, digits) != ""
}
