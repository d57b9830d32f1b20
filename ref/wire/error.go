package wire

import (
	"errors"
	"strconv"
	"strings"
)

// What can be wrong with a message. Every error of this package is an *Error that wraps one of these.
var (
	// ErrTruncated: the message ends inside the field (WIRE-005).
	ErrTruncated = errors.New("truncated")
	// ErrVersion: the version is not 1 (WIRE-001).
	ErrVersion = errors.New("wrong version")
	// ErrU2LE: not the shortest form, or the high bit of the second byte is set (WIRE-002, WIRE-003, WIRE-004).
	ErrU2LE = errors.New("not a canonical number")
	// ErrTooMany: more addresses than the dialect supports (WIRE-008).
	ErrTooMany = errors.New("too many addresses")
	// ErrUnknownType: an unknown address type, host type, or message type (WIRE-006).
	ErrUnknownType = errors.New("unknown type")
	// ErrLength: an empty or over-long local address or DNS name (WIRE-012, WIRE-013).
	ErrLength = errors.New("length out of range")
	// ErrForm: an address that is not in the form which encoders write (WIRE-013).
	ErrForm = errors.New("not in canonical form")
	// ErrBody: a body where there is none (WIRE-009), or one that the dialect cannot carry.
	ErrBody = errors.New("body not allowed")
	// ErrTooLong: the message is longer than MaxMessage (REC-010), or a number greater than MaxU2LE (WIRE-002).
	ErrTooLong = errors.New("too long")
	// ErrSyntax: the text is not an address (ParseAddressString).
	ErrSyntax = errors.New("not an address")
)

// An Error tells where a message is wrong and which requirement that breaks. It never holds the peer's bytes.
type Error struct {
	Requirement string // ID
	Part        string // "onward route", "return route", or empty
	Index       int    // of the address in Part, from 0; -1 outside an address
	Field       string // "version", "count", "address type", "length", "value", "host type", "host", "port", "type", "body"
	Offset      int    // of the field, in bytes from the start of what is parsed or appended
	Err         error  // one of the errors above
}

// Error describes the defect and its place in one line.
func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString("wire: ")
	if e.Part != "" {
		s.WriteString(e.Part + ", ")
	}
	if e.Index >= 0 {
		s.WriteString("address " + strconv.Itoa(e.Index) + ", ")
	}
	s.WriteString(e.Field + " at byte " + strconv.Itoa(e.Offset) + ": " + e.Err.Error())
	if e.Requirement != "" {
		s.WriteString(" (" + e.Requirement + ")")
	}
	return s.String()
}

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.Err }
