package expect_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/expect"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func cases() []conformance.Case {
	return []conformance.Case{
		{ID: "noise/m2-payload-tag", Requirements: []string{"NOISE-005"}},
		{ID: "noise/low-order-key", Requirements: []string{"NOISE-009"}},
		{ID: "rec/replay", Requirements: []string{"REC-007", "REC-002"}},
	}
}

func result(id, blamed string, o conformance.Outcome) conformance.Result {
	r := conformance.Result{
		Case: id, Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1", Outcome: o, Requirement: blamed,
	}
	for _, c := range cases() {
		if c.ID == id {
			r.Requirements = c.Requirements
		}
	}
	if o == conformance.Fail {
		r.Class, r.Expected, r.Actual = conformance.Wrong, "no answer", "m3"
	}
	return r
}

func died(r conformance.Result) conformance.Result {
	r.Class, r.Reason = conformance.Died, "the peer died: signal: segmentation fault"
	return r
}

func read(t *testing.T, text string) *expect.List {
	t.Helper()
	l, err := expect.Read("expect.yaml", []byte(text), cases())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// What each entry makes of a failure, a pass, and a death of the same case, and of a run that has not the case.
func TestJudge(t *testing.T) {
	fail, pass := result("noise/m2-payload-tag", "NOISE-005", conformance.Fail), result("noise/m2-payload-tag", "", conformance.Pass)
	other := result("rec/replay", "", conformance.Pass)
	tests := []struct {
		name, entry string
		result      conformance.Result
		want        conformance.Outcome
		stale       string // in its reason
		exit        int
	}{
		{"borne out", "case: noise/m2-payload-tag", fail, conformance.KnownFail, "", 0},
		{"by glob", "case: noise/*", fail, conformance.KnownFail, "", 0},
		{"by requirement", "requirement: NOISE-005", fail, conformance.KnownFail, "", 0},
		{"by both", "case: noise/*\n    requirement: NOISE-005", fail, conformance.KnownFail, "", 0},
		{"here", "case: noise/*\n    role: responder\n    transport: tcp\n    profile: v1\n    depth: 1", fail, conformance.KnownFail, "", 0},
		{"until today", "case: noise/*\n    expires: 2026-11-23", fail, conformance.KnownFail, "", 0},
		{"expired", "case: noise/*\n    expires: 2026-11-22", fail, conformance.Fail, "it has expired on 2026-11-22", 1},
		{"expired, and mended", "case: noise/*\n    expires: 2026-11-22", pass, conformance.Pass, "it has expired", 4},
		{"another requirement", "case: noise/*\n    requirement: NOISE-009", fail, conformance.Fail, "nothing fails as it says", 1},
		{"elsewhere", "case: noise/*\n    transport: udp", fail, conformance.Fail, "", 1},
		{"refuted", "case: noise/m2-payload-tag", pass, conformance.UnexpectedPass, "", 4},
		{"mended", "requirement: NOISE-005", pass, conformance.Pass, "nothing fails as it says", 4},
		{"not run", "case: rec/replay", fail, conformance.Fail, "", 1},
		{"a death is more than a failure", "case: noise/*", died(fail), conformance.Fail, "nothing fails as it says", 1},
		{"a death", "case: noise/*\n    class: died", died(fail), conformance.KnownFail, "", 0},
		{"another case", "case: noise/m2-payload-tag", other, conformance.Pass, "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := read(t, "expect:\n  - "+test.entry+"\n    reason: issue 17\n")
			r := &conformance.Results{Results: []conformance.Result{test.result}}
			l.Judge(r, cases(), today, false)
			if got := r.Results[0]; got.Outcome != test.want || r.Summary[test.want] != 1 {
				t.Errorf("got %s %q, want %s", got.Outcome, got.Reason, test.want)
			} else if excused := got.Outcome == conformance.KnownFail || got.Outcome == conformance.UnexpectedPass; excused && !strings.Contains(got.Reason, "issue 17") {
				t.Errorf("the reason is %q", got.Reason)
			}
			stale := ""
			for _, s := range r.Expectations.Stale {
				stale += s.Reason
				if s.Line != 2 || s.Entry == "" {
					t.Errorf("%+v, want line 2", s)
				}
			}
			if !strings.Contains(stale, test.stale) || test.stale == "" && stale != "" {
				t.Errorf("stale for %q, want %q", stale, test.stale)
			}
			if got := conformance.ExitCode(r, nil); got != test.exit {
				t.Errorf("exit code %d, want %d", got, test.exit)
			}
		})
	}
}

// An entry of which a whole run has nothing is stale too; one of a part is not.
func TestUnmatched(t *testing.T) {
	for _, complete := range []bool{false, true} {
		l := read(t, "expect:\n  - {case: rec/replay, reason: issue 18}\n")
		r := &conformance.Results{Results: []conformance.Result{result("noise/low-order-key", "", conformance.Pass)}}
		if l.Judge(r, cases(), today, complete); (len(r.Expectations.Stale) == 1) != complete || r.Expectations.Entries != 1 {
			t.Errorf("complete %v: %+v", complete, r.Expectations)
		}
	}
}

// A blessed list predicts the run that it was made of, and keeps what was borne out, word for word.
func TestBless(t *testing.T) {
	run := func() *conformance.Results {
		return &conformance.Results{Results: []conformance.Result{
			result("noise/m2-payload-tag", "NOISE-005", conformance.Fail), died(result("noise/low-order-key", "NOISE-009", conformance.Fail)),
			result("rec/replay", "", conformance.Pass),
		}}
	}
	l := read(t, `expect:
  - {case: noise/m2-payload-tag, reason: "issue 17: the tag"}
  - {case: rec/replay, reason: mended long ago}
  - {requirement: REC-007, reason: mended too}
  - {case: rec/*, role: initiator, reason: not run this time}
`)
	r := run()
	l.Judge(r, cases(), today, false)
	next := l.Bless(r, today)
	data, err := next.Write()
	if err != nil {
		t.Fatal(err)
	}
	again := read(t, string(data))
	if len(again.Entries) != 3 || again.Entries[0].Reason != "issue 17: the tag" || again.Entries[1].Role != conformance.Initiator ||
		again.Entries[2].Class != conformance.Died {
		t.Errorf("got\n%s", data)
	}
	if again.Judge(r, cases(), today, false); conformance.ExitCode(r, nil) != 0 || r.Summary[conformance.KnownFail] != 2 || r.Summary[conformance.Pass] != 1 {
		t.Errorf("judged again: %v, stale %v", r.Summary, r.Expectations.Stale)
	}
	r = run()
	if again.Judge(r, cases(), today, false); conformance.ExitCode(r, nil) != 0 || r.Summary[conformance.KnownFail] != 2 {
		t.Errorf("%v, stale %v, of\n%s", r.Summary, r.Expectations.Stale, data)
	}
}

// What is wrong with a file is told with its place.
func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"expect:\n  - {case: noise/*}\n":                               "expect.yaml:2: has no reason",
		"expect:\n  - {reason: because}\n":                             "expect.yaml:2: names neither",
		"\n\nexpect:\n\n  - case: nois/*\n    reason: x\n":             `expect.yaml:5: there is no case "nois/*"`,
		"expect:\n  - {case: 'noise/[', reason: x}\n":                  "there is no case",
		"expect:\n  - {requirement: NOSE-001, reason: x}\n":            `there is no requirement "NOSE-001"`,
		"expect:\n  - {case: noise/*, profile: v9, reason: x}\n":       `there is no profile "v9"`,
		"expect:\n  - {case: noise/*, role: server, reason: x}\n":      `role is "server"`,
		"expect:\n  - {case: noise/*, transport: tls, reason: x}\n":    `transport is "tls"`,
		"expect:\n  - {case: noise/*, class: bad, reason: x}\n":        `class is "bad"`,
		"expect:\n  - {case: noise/*, depth: -1, reason: x}\n":         "depth is -1",
		"expect:\n  - {case: noise/*, expires: tomorrow, reason: x}\n": `"tomorrow" is no day`,
		"expect:\n  - {case: noise/*, cause: y, reason: x}\n":          "line 2, column",
		"expected:\n  - {case: noise/*, reason: x}\n":                  "line 1",
		"expect: [\n":                          "line",
		"expect:\n  - 5\n":                     "line 2",
		strings.Repeat("#", expect.MaxBytes+1): "at most 1048576",
		"expect:\n" + strings.Repeat("  - {case: a, reason: x}\n", 10001): "at most 10000",
	} {
		_, err := expect.Read("expect.yaml", []byte(text), cases())
		if !errors.Is(err, expect.ErrFile) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"", "# nothing\n", "expect:\n", "expect: []\n"} {
		if l, err := expect.Read("expect.yaml", []byte(text), cases()); err != nil || len(l.Entries) != 0 {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("expect:\n  - {case: noise/*, role: responder, depth: 2, class: died, expires: 2026-01-01, reason: x}\n")
	f.Add("expect: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := expect.Read("f", []byte(text), cases())
		if err != nil {
			return
		}
		data, err := l.Write()
		if err != nil {
			t.Fatal(err)
		}
		again, err := expect.Read("f", data, cases())
		if err != nil || len(again.Entries) != len(l.Entries) {
			t.Fatalf("%d entries are written as\n%s: %v", len(l.Entries), data, err)
		}
	})
}
