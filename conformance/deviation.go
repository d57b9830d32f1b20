package conformance

import "slices"

// A Deviation is a requirement that the peers of a profile are known not to meet. It is a permission: a case that fails on it is
// known-fail, one that passes stays a pass. It never excuses a peer that dies, stops to answer, or fails the positive control.
type Deviation struct {
	Requirement string // ID
	Profile     string
	Reason      string
	Date        string // when it was noted, YYYY-MM-DD
}

// KnownDeviations returns the deviations of the named profile, from the table of section 11. What the kit itself has to speak
// differently in a profile (type bytes, associated data, suites, limits, bodies that cannot travel) is data in ref/profile: there a
// requirement is read with the profile's parameters and a peer that breaks it fails. A deviation is what the kit cannot adapt to,
// and where a peer that does better is welcome. Profile v1 has none: what section 11 says of the code of August 2020 under v1 is
// true of that code and excuses nobody else.
func KnownDeviations(profile string) []Deviation {
	const noted = "2026-11-23"
	all := []Deviation{
		{"NOISE-012", "c09", "C 0.8 and 0.9 make a new static key for each handshake", noted},
		{"ROUT-002", "e09", "Elixir 0.8 and 0.9 remove the leading address only if it equals the bind address", noted},
		{"NOISE-012", "c010", "C 0.10 makes a new static key for each handshake", noted},
		{"ROUT-002", "c010", "C 0.10 is an end point that ignores the leading address", noted},
		{"WIRE-008", "c010", "C 0.10 supports at most 5 addresses per route", noted},
		{"REC-011", "c010", "C 0.10 has no inner onward address and mis-reads a local inner return address", noted},
	}
	return slices.DeleteFunc(all, func(d Deviation) bool { return d.Profile != profile })
}
