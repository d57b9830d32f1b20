// Package generate makes the vector files of package vectors: one function for each scenario, which says what it is about and what
// has to come of it; package oracle computes the bytes, and a scenario whose refusal the oracle does not share is an error.
//
// The same source gives the same bytes: keys are derived from labels, nothing is random. Flags are not written by hand: a vector
// has the flag of each mutant of package mutants that fails it. Safe for concurrent use.
package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
	"ockamtest/vectors/mutants"
)

// Files makes all files, in the order of their names.
func Files() ([]*vectors.File, error) {
	var files []*vectors.File
	for _, p := range plans() {
		b := &builder{next: 1, last: map[vectors.Kind]int{}}
		for _, scenario := range p.scenarios {
			scenario(b)
		}
		if b.err != nil {
			return nil, fmt.Errorf("generate: %s: %w", p.name, b.err)
		}
		f := &vectors.File{
			Name: p.name + ".json", Algorithm: p.algorithm, Schema: p.schema + ".schema.json", Header: p.header,
			GeneratorVersion: vectors.GeneratorVersion, NumberOfTests: b.next - 1, TestGroups: b.groups, Vectors: b.handshakes,
		}
		flag(f)
		files = append(files, f)
	}
	return files, nil
}

// Oracle is the subject with which the files are made: it passes each vector that is right.
func Oracle() vectors.Subject { return oracle.Subject{} }

// flag gives each vector the flags of the mutants that fail it, and the file their notes.
func flag(f *vectors.File) {
	f.Notes = map[string]vectors.Note{}
	all := mutants.All()
	killed := make([][]vectors.Vector, len(all))
	var running sync.WaitGroup
	for i, m := range all {
		running.Go(func() { killed[i] = mutants.Killed(m, f) })
	}
	running.Wait()
	for i, m := range all {
		for _, v := range killed[i] {
			v.Common().Flags = append(v.Common().Flags, m.Flag)
		}
		if len(killed[i]) > 0 {
			f.Notes[m.Flag] = m.Note
		}
	}
	for _, v := range f.All() {
		slices.Sort(v.Common().Flags)
	}
}

// Marshal returns the bytes of a file as they are kept.
func Marshal(f *vectors.File) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(f); err != nil {
		return nil, fmt.Errorf("generate: %s: %w", f.Name, err)
	}
	return out.Bytes(), nil
}

// A plan is one file.
type plan struct {
	name, algorithm, schema string
	header                  []string
	scenarios               []func(*builder)
}

func plans() []plan {
	return []plan{
		{"channel", "OCKAM-CHANNEL", "channel", []string{"Transcripts of one end of a channel (section 6), step by step, and what each hop sees of it (section 8).",
			"Messages are without the length of a frame."}, channelScenarios()},
		{"codec", "OCKAM-CODEC", "codec", []string{"Numbers, addresses, routes, and messages of section 4, in the dialects of section 11.",
			"Each vector is one direction, decode or encode; decoding has to take all bytes."}, codecScenarios()},
		{"frames", "OCKAM-FRAMES", "frames", []string{"Streams of frames (section 3.1) in pieces.",
			"A vector that is refused has the messages that are delivered before."}, framesScenarios()},
		{"handshake", protocolName, "handshake", []string{"Handshakes of section 5 with intermediate values, in cacophony's shape.",
			"messages are the handshake's; the split is the reverse of Noise's: k1 is the responder's key."}, handshakeScenarios()},
		{"handshake_tampered", protocolName, "handshake", []string{"Handshakes in which one message is not what its sender sent.",
			"role reads the messages and refuses message at; what it sent before is in messages too."}, tamperScenarios()},
		{"records", "OCKAM-RECORD", "record", []string{"Messages of the transport phase (section 7), one at a time."}, recordScenarios()},
		{"vault", "OCKAM-VAULT", "vault", []string{"The primitives of section 9: X25519, P-256, AES-GCM, HKDF, SHA-256."}, vaultScenarios()},
	}
}
