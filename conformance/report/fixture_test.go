package report

import (
	"strings"

	"ockamtest/conformance"
)

// newResults completes results as the runner does, for a catalogue of three cases.
func newResults(results ...conformance.Result) *conformance.Results {
	cases := []conformance.Case{
		{ID: "chan/open-and-echo", Requirements: []string{"TRAN-001", "NOISE-002", "CHAN-005"}},
		{ID: "noise/m2-payload-tag", Requirements: []string{"NOISE-005"}},
		{ID: "noise/low-order-key", Requirements: []string{"NOISE-009"}},
	}
	return &conformance.Results{
		Schema:       conformance.ResultsSchema,
		Tool:         conformance.ToolInfo{Name: "ockamtest", Version: "0.1.0"},
		Peer:         conformance.ResultPeer{Name: "tcp://127.0.0.1:4000", Attachment: "tcp"},
		Profile:      "v1,c09",
		Seed:         42,
		DurationMS:   1234,
		Summary:      conformance.Summarize(results),
		Coverage:     conformance.CoverageOf(cases),
		Results:      results,
		Requirements: conformance.RequirementResults(cases, results),
		Catalogue:    conformance.CatalogueVersion,
	}
}

// newResult is a result of a case against a responder over TCP in v1.
func newResult(id string, o conformance.Outcome, requirements ...string) conformance.Result {
	return conformance.Result{
		Case: id, Title: "Does what " + id + " says, and the peer has to stand it.",
		Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1",
		Requirements: requirements, Since: "1.0", Level: conformance.StrongestLevel(requirements), Outcome: o,
		Rerun: "ockamtest run --peer tcp://127.0.0.1:4000 --profile v1 --role responder --transport tcp --case " + id + " --seed 42",
	}
}

func control(o conformance.Outcome) conformance.Result {
	return newResult("chan/open-and-echo", o, "TRAN-001", "NOISE-002", "CHAN-005")
}

// passing is a run in which everything passes.
func passing() *conformance.Results {
	return newResults(control(conformance.Pass), newResult("noise/m2-payload-tag", conformance.Pass, "NOISE-005"))
}

// deep is a run at two depths.
func deep() *conformance.Results {
	pass, fail := control(conformance.Pass), control(conformance.Fail)
	fail.Depth, fail.Rerun = 2, fail.Rerun+" --depth 2"
	fail.Requirement, fail.Expected, fail.Actual = "CHAN-005", "the echo of a payload of 32 bytes", "31 bytes"
	return newResults(pass, fail)
}

// mixed is a run with every outcome that a report has something to say of.
func mixed() *conformance.Results {
	failure := newResult("noise/m2-payload-tag", conformance.Fail, "NOISE-005")
	failure.Title = "Sends m2 with one bit of its payload's tag changed; nothing may answer."
	failure.Requirement, failure.Expected, failure.Actual = "NOISE-005", "no answer to m2", "m3 of 64 bytes"
	failure.Reason = "the peer no longer answers after this case: NOISE-002: expected m2; got peer sends FIN"
	failure.Transcript = []conformance.Entry{
		{AtMicros: 12, Link: 1, Direction: conformance.DirEvent, Text: "connected, kit 127.0.0.1:50000, peer 127.0.0.1:4000"},
		{AtMicros: 812, Link: 1, Direction: conformance.DirReceive, Hex: "0024" + strings.Repeat("ab", 36), Length: 38, Text: "m1, no routes"},
		{AtMicros: 1012, Direction: conformance.DirEvent, Text: "the last bit of the payload's tag is changed"},
		{AtMicros: 1112, Link: 1, Direction: conformance.DirSend, Hex: strings.Repeat("cd", 256) + conformance.Ellipsis + strings.Repeat("ef", 256), Length: 1100},
		{AtMicros: 2001112, Link: 2, Direction: conformance.DirReceive, Hex: "05", Length: 1},
	}
	warning := newResult("noise/low-order-key", conformance.Warn, "NOISE-009")
	warning.Requirement, warning.Expected, warning.Actual = "NOISE-009", "the handshake to be aborted", "m2"
	warning.Reason = "NOISE-009 is a SHOULD"
	known := newResult("noise/static-key", conformance.KnownFail, "NOISE-012")
	known.Profile, known.Requirement, known.Expected, known.Actual = "c09", "NOISE-012", "the same key", "another"
	known.Reason = "known deviation of profile c09 since 2026-11-23: C 0.8 and 0.9 make a new static key for each handshake"
	broken := newResult("wire/prefixes", conformance.Error, "WIRE-005")
	broken.Reason = "the case panicked: index out of range\ngoroutine 7 [running]:\nmain.main()"
	long, longer := newResult("noise/deadline-30s", conformance.Skipped, "NOISE-013"), newResult("tran/idle", conformance.Skipped, "TRAN-023")
	long.Reason, longer.Reason = "it takes long and was not asked for", "it takes long and was not asked for"
	lacks := newResult("tran/second-connection", conformance.Unsupported, "TRAN-023")
	lacks.Reason = "the peer serves one connection at a time"
	stale := newResult("rec/replay", conformance.UnexpectedPass, "REC-007")
	stale.Reason = "line 3 of the expectations says that it fails"
	return newResults(control(conformance.Pass), failure, warning, broken, known, long, longer, lacks, stale)
}

// dead is a run against a peer that closes every connection: each group fails in the control and nothing else is run.
func dead() *conformance.Results {
	var all []conformance.Result
	for _, profile := range []string{"v1", "c09"} {
		c := control(conformance.Fail)
		c.Profile, c.Requirement, c.Expected, c.Actual = profile, "NOISE-002", "m2", "connection closed"
		c.Transcript = []conformance.Entry{{AtMicros: 100, Link: 1, Direction: conformance.DirEvent, Text: "peer sends FIN"}}
		all = append(all, c)
		for _, id := range []string{"noise/m2-payload-tag", "noise/low-order-key"} {
			rest := newResult(id, conformance.NotRun, "NOISE-005")
			rest.Profile, rest.Requirement = profile, "NOISE-002"
			rest.Reason = "the positive control failed: NOISE-002: expected m2; got connection closed"
			all = append(all, rest)
		}
	}
	return newResults(all...)
}

// unreachable is a run against nobody.
func unreachable() *conformance.Results {
	first, second := control(conformance.NotRun), newResult("noise/m2-payload-tag", conformance.NotRun, "NOISE-005")
	first.Reason = "the peer could not be reached: connection refused"
	second.Reason = first.Reason
	r := newResults(first, second)
	r.Trouble = "responder over tcp in profile v1: connection refused"
	return r
}

// interruptedRun is a run that was interrupted after the control.
func interruptedRun() *conformance.Results {
	rest := newResult("noise/m2-payload-tag", conformance.NotRun, "NOISE-005")
	rest.Reason = "the run was interrupted"
	r := newResults(control(conformance.Pass), rest)
	r.Partial, r.Stopped = true, conformance.StoppedInterrupted
	return r
}
