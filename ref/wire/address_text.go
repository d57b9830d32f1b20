package wire

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// String is the text form of a: "tcp://127.0.0.1:4000", "udp://[::1]:9", "tcp://example.com:80", or "local:" and the bytes in hex.
// A name that no encoder writes stands in quotes, escaped: it is safe to print.
func (a Address) String() string {
	if a.IsLocal() {
		return "local:" + hex.EncodeToString(a.AppendValue(nil))
	}
	text := []byte("tcp://")
	if a.kind == UDP {
		text = []byte("udp://")
	}
	switch {
	case a.host == IPv4:
		text = appendIPv4(text, a.short[:4])
	case a.host == IPv6:
		text = append(appendIPv6(append(text, '['), a.short), ']')
	case a.defect() == nil:
		text = append(text, a.long...)
	default:
		text = strconv.AppendQuoteToASCII(text, a.long)
	}
	return string(strconv.AppendUint(append(text, ':'), uint64(a.port), 10))
}

// ParseAddressString parses the text form of String and returns the address in canonical form. Local addresses are hex of either
// case, IPv6 addresses stand in brackets, the port is a decimal number. The error wraps ErrSyntax, or what Validate refuses.
func ParseAddressString(s string) (Address, error) {
	a, ok := parseText(s)
	if !ok {
		return Address{}, &Error{Index: -1, Field: "text", Err: ErrSyntax}
	}
	a = a.Canonical()
	if err := a.Validate(); err != nil {
		return Address{}, err
	}
	return a, nil
}

func parseText(s string) (Address, bool) {
	if digits, ok := strings.CutPrefix(s, "local:"); ok {
		b, err := hex.DecodeString(digits)
		return LocalAddress(b), err == nil
	}
	scheme, rest, _ := strings.Cut(s, "://")
	kind := Local
	switch scheme {
	case "tcp":
		kind = TCP
	case "udp":
		kind = UDP
	}
	colon := strings.LastIndexByte(rest, ':')
	if kind == Local || colon < 0 {
		return Address{}, false
	}
	host := rest[:colon]
	port, ok := parseNumber(rest[colon+1:], 10, 65535)
	if !ok {
		return Address{}, false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		ip, ok := parseIPv6(inner)
		return address6(kind, ip, uint16(port)), closed && ok
	}
	return addressDNS(kind, host, uint16(port)), !strings.Contains(host, ":")
}
