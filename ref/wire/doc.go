// Package wire encodes and decodes the wire message: version, onward route, return route, type, body (specification
// section 4, area WIRE), in every dialect of section 11.
//
// It is a pure codec: no IO, no routing, no judgement of bodies. The encoder refuses what is not canonical, so that
// decoding and encoding again gives the same bytes (WIRE-011); the decoder is strict and never resynchronises. Decoding
// aliases the input. All types are plain values, safe for concurrent reading; a Message that is parsed into again and again
// allocates nothing in the steady state.
package wire

// Limits of the format.
const (
	Version         = 1     // WIRE-001
	MaxU2LE         = 16383 // WIRE-002
	MaxAddresses    = 255   // WIRE-008: on the wire, per route
	MaxLocalAddress = 255   // WIRE-012: bytes
	MaxDNSName      = 253   // WIRE-013: bytes
	MaxMessage      = 65535 // REC-010: bytes
)
