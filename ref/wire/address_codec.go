package wire

import "encoding/binary"

// AppendAddress appends a to dst. It refuses what Validate refuses and then returns dst as it was.
func AppendAddress(dst []byte, d Dialect, a Address) ([]byte, error) {
	if e := a.defect(); e != nil {
		return dst, e
	}
	return appendAddress(dst, d, a), nil
}

// appendAddress appends an address without defect.
func appendAddress(dst []byte, d Dialect, a Address) []byte {
	dst = append(dst, byte(a.kind))
	if a.IsLocal() {
		return a.AppendValue(append(dst, byte(a.Len())))
	}
	dst = append(dst, byte(a.host))
	switch {
	case a.host == DNS:
		dst = a.AppendValue(append(dst, byte(a.Len())))
	case a.host == IPv6 && d.IPv6LittleEndian:
		ip := swapGroups(a.short)
		dst = append(dst, ip[:]...)
	default:
		dst = a.AppendValue(dst) // WIRE-007: network order
	}
	return binary.LittleEndian.AppendUint16(dst, a.port) // WIRE-007
}

// ParseAddress returns the address that b begins with and the number of its bytes. It accepts the forms that encoders do not write
// (WIRE-013). Only DNS names and local addresses longer than 16 bytes allocate.
func ParseAddress(d Dialect, b []byte) (a Address, n int, err error) {
	r := reader{d: d, b: b, index: -1}
	if a, err = r.address(); err != nil {
		return Address{}, 0, err
	}
	return a, r.off, nil
}

func (r *reader) address() (a Address, err error) {
	start := r.off
	kind, err := r.u8("address type")
	if err != nil {
		return a, err
	}
	switch AddressType(kind) {
	case Local:
		return r.localAddress()
	case TCP, UDP:
		return r.transportAddress(AddressType(kind))
	}
	return a, r.fail("WIRE-006", "address type", start, ErrUnknownType)
}

func (r *reader) localAddress() (a Address, err error) {
	n, err := r.u8("length")
	if err != nil {
		return a, err
	}
	if n == 0 { // WIRE-012
		return a, r.fail("WIRE-012", "length", r.off-1, ErrLength)
	}
	value, err := r.bytes(int(n), "value")
	if err != nil {
		return a, err
	}
	return LocalAddress(value), nil
}

func (r *reader) transportAddress(kind AddressType) (a Address, err error) {
	start := r.off
	host, err := r.u8("host type")
	if err != nil {
		return a, err
	}
	a.kind, a.host = kind, HostType(host)
	switch a.host {
	case IPv4, IPv6:
		err = r.ip(&a)
	case DNS:
		err = r.name(&a)
	default:
		err = r.fail("WIRE-006", "host type", start, ErrUnknownType)
	}
	if err != nil {
		return Address{}, err
	}
	port, err := r.bytes(2, "port")
	if err != nil {
		return Address{}, err
	}
	a.port = binary.LittleEndian.Uint16(port) // WIRE-007
	return a, nil
}

func (r *reader) ip(a *Address) error {
	a.size = 4
	if a.host == IPv6 {
		a.size = 16
	}
	value, err := r.bytes(int(a.size), "host")
	if err != nil {
		return err
	}
	copy(a.short[:], value)
	if a.host == IPv6 && r.d.IPv6LittleEndian {
		a.short = swapGroups(a.short)
	}
	return nil
}

func (r *reader) name(a *Address) error {
	n, err := r.u8("length")
	if err != nil {
		return err
	}
	if n == 0 || n > MaxDNSName { // WIRE-013
		return r.fail("WIRE-013", "length", r.off-1, ErrLength)
	}
	value, err := r.bytes(int(n), "value")
	if err != nil {
		return err
	}
	a.long = string(value)
	return nil
}

// swapGroups turns the bytes of each 16-bit group round.
func swapGroups(ip [16]byte) [16]byte {
	for i := 0; i < len(ip); i += 2 {
		ip[i], ip[i+1] = ip[i+1], ip[i]
	}
	return ip
}
