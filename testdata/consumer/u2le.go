package implementer

import "errors"

// Errors of the codec.
var (
	errTruncated = errors.New("implementer: truncated")
	errHighBit   = errors.New("implementer: high bit of the second byte")
	errShortest  = errors.New("implementer: not in the shortest form")
	errNumber    = errors.New("implementer: number too great")
)

// maxU2LE is 14 bits.
const maxU2LE = 1<<14 - 1

// appendU2LE appends n in the shortest form (WIRE-002).
func appendU2LE(dst []byte, n int) ([]byte, error) {
	switch {
	case n < 0 || n > maxU2LE:
		return dst, errNumber
	case n < 0x80:
		return append(dst, byte(n)), nil
	}
	return append(dst, 0x80|byte(n&0x7f), byte(n>>7)), nil
}

// parseU2LE returns the number that b begins with and how many bytes it takes.
func parseU2LE(b []byte) (n, size int, err error) {
	switch {
	case len(b) == 0, b[0] >= 0x80 && len(b) == 1: // WIRE-005
		return 0, 0, errTruncated
	case b[0] < 0x80:
		return int(b[0]), 1, nil
	case b[1] >= 0x80: // WIRE-003
		return 0, 0, errHighBit
	case b[1] == 0: // WIRE-004
		return 0, 0, errShortest
	}
	return int(b[0]&0x7f) | int(b[1])<<7, 2, nil
}
