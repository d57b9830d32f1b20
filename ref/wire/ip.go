package wire

import (
	"strconv"
	"strings"
)

// The text forms of IP addresses (RFC 4291, RFC 5952) are here because a codec without IO imports nothing of net.

// isMapped reports whether ip is an IPv4-mapped IPv6 address, ::ffff:0:0/96.
func isMapped(ip [16]byte) bool {
	return [12]byte(ip[:12]) == [12]byte{10: 0xff, 11: 0xff}
}

// appendIPv4 appends the dotted form.
func appendIPv4(dst []byte, ip []byte) []byte {
	for i, v := range ip {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = strconv.AppendUint(dst, uint64(v), 10)
	}
	return dst
}

// appendIPv6 appends the form of RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups
// shortened, and the last four bytes dotted if the address is IPv4-mapped.
func appendIPv6(dst []byte, ip [16]byte) []byte {
	if isMapped(ip) {
		return appendIPv4(append(dst, "::ffff:"...), ip[12:])
	}
	group := func(i int) uint64 { return uint64(ip[2*i])<<8 | uint64(ip[2*i+1]) }
	from, length := -1, 1 // the run that is shortened
	for i := 0; i < 8; i++ {
		n := 0
		for i+n < 8 && group(i+n) == 0 {
			n++
		}
		if n > length {
			from, length = i, n
		}
		i += n
	}
	for i := 0; i < 8; i++ {
		if i == from {
			dst = append(dst, "::"...)
			if i += length; i == 8 {
				break
			}
		} else if i > 0 {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, group(i), 16)
	}
	return dst
}

// parseIPv4 parses the dotted form: four decimal numbers without leading zeros.
func parseIPv4(s string) (ip [4]byte, ok bool) {
	for i := range ip {
		field, rest, more := strings.Cut(s, ".")
		v, ok := parseNumber(field, 10, 255)
		if !ok || more != (i < 3) || len(field) > 1 && field[0] == '0' {
			return ip, false
		}
		ip[i], s = byte(v), rest
	}
	return ip, true
}

// parseIPv6 parses the forms of RFC 4291 section 2.2, without a zone.
func parseIPv6(s string) (ip [16]byte, ok bool) {
	head, tail, short := strings.Cut(s, "::")
	if !short {
		n, ok := parseGroups(ip[:], head)
		return ip, ok && n == 16
	}
	var after [16]byte
	n, ok := parseGroups(ip[:], head)
	m, ok2 := parseGroups(after[:], tail)
	if !ok || !ok2 || n+m > 14 || strings.Contains(head, ".") {
		return ip, false
	}
	copy(ip[16-m:], after[:m])
	return ip, true
}

// parseGroups parses groups between colons, the last of which may be a dotted IPv4 address, and returns the bytes filled.
func parseGroups(dst []byte, s string) (n int, ok bool) {
	for more := s != ""; more; {
		var field string
		field, s, more = strings.Cut(s, ":")
		if ip, ok := parseIPv4(field); ok && !more && n <= len(dst)-4 {
			return n + copy(dst[n:], ip[:]), true
		}
		v, ok := parseNumber(field, 16, 0xffff)
		if !ok || len(field) > 4 || n > len(dst)-2 {
			return 0, false
		}
		dst[n], dst[n+1] = byte(v>>8), byte(v)
		n += 2
	}
	return n, true
}

// parseNumber parses digits only: with a base, strconv takes neither a sign nor an underscore.
func parseNumber(s string, base int, max uint64) (uint64, bool) {
	v, err := strconv.ParseUint(s, base, 32)
	return v, err == nil && v <= max
}
