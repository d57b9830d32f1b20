// Package mutants is implementations with one bug each: of each flag in the vectors' notes there is one, and the vectors that it fails
// are those that have the flag. So a flag says what it promises: who fails such a vector may well have that bug.
//
// A mutant is the oracle with a check or a step left out, a value changed, or, where that does not say it, a method of its own. Requirements are
// those of the specification that it breaks. Everything here is a plain value; mutants are safe for concurrent use.
package mutants

import (
	"slices"
	"strings"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

// A Mutant is an implementation with one bug.
type Mutant struct {
	Flag string
	vectors.Note
	Kinds   []vectors.Kind // of vectors that can tell
	Subject vectors.Subject
}

// All returns the mutants, in the order of the layers.
func All() []Mutant {
	return slices.Concat(codecMutants(), frameMutants(), vaultMutants(), noiseMutants(), recordMutants(), channelMutants(), hopMutants())
}

// Killed returns the vectors of f that m fails, in order. A refusal whose control fails is not among them.
func Killed(m Mutant, f *vectors.File) []vectors.Vector {
	report, err := vectors.Run(m.Subject, []*vectors.File{f}, vectors.Options{Kinds: m.Kinds})
	if err != nil { // the file has none of these kinds
		return nil
	}
	var killed []vectors.Vector
	for _, v := range report.Verdicts {
		if v.Outcome == vectors.Fail {
			killed = append(killed, v.Vector)
		}
	}
	return killed
}

// without leaves out the checks and steps whose names begin with one of the prefixes.
func without(prefixes ...string) vectors.Subject {
	return oracle.Subject{Skip: func(name string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}}
}

// altered changes the values whose names begin with prefix.
func altered(prefix string, change func([]byte) []byte) vectors.Subject {
	return oracle.Subject{Alter: func(name string, b []byte) []byte {
		if strings.HasPrefix(name, prefix) {
			return change(b)
		}
		return b
	}}
}

// Changes of values.

func reverse(b []byte) []byte {
	out := slices.Clone(b)
	slices.Reverse(out)
	return out
}

func halves(b []byte) []byte { return slices.Concat(b[len(b)/2:], b[:len(b)/2]) }

func none([]byte) []byte { return nil }

// first keeps n bytes.
func first(n int) func([]byte) []byte {
	return func(b []byte) []byte { return b[:min(n, len(b))] }
}

// last keeps n bytes.
func last(n int) func([]byte) []byte {
	return func(b []byte) []byte { return b[max(0, len(b)-n):] }
}

// one makes a list of kinds.
func one(k vectors.Kind) []vectors.Kind { return []vectors.Kind{k} }

func note(bugType, requirements, description string) vectors.Note {
	return vectors.Note{BugType: bugType, Description: description, Requirements: strings.Fields(requirements)}
}
