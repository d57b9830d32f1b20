package report

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"ockamtest/conformance"
)

// updateVariable, when set, makes the golden tests write what they would compare.
const updateVariable = "OCKAMTEST_UPDATE_GOLDEN"

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv(updateVariable) != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s\n(%s=1 go test writes it anew)", name, got, want, updateVariable)
	}
}

// A pass that took more than one attempt, and stale expectations, are told.
func TestTextTells(t *testing.T) {
	r := passing()
	r.Results[1].Reason = "two attempts of three passed, datagrams may be lost; in the other one: TRAN-001: expected m2; got no answer"
	r.Expectations = &conformance.Expectations{File: "known.yaml", Entries: 2, Stale: []conformance.StaleExpectation{
		{Line: 7, Entry: "noise/m2-payload-tag, responder", Reason: "it has expired on 2026-11-22"},
	}}
	var text bytes.Buffer
	if err := WriteText(&text, r, TextConfig{Width: 400}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"pass        noise/m2-payload-tag, responder over tcp, profile v1: two attempts of three passed",
		"stale       known.yaml:7, noise/m2-payload-tag, responder: it has expired on 2026-11-22",
		"Stale expectations:",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		name    string
		results *conformance.Results
		options TextConfig
	}{
		{"passing.txt", passing(), TextConfig{}},
		{"deep.txt", deep(), TextConfig{}},
		{"mixed.txt", mixed(), TextConfig{}},
		{"mixed-narrow.txt", mixed(), TextConfig{Width: 60}},
		{"mixed-color.txt", mixed(), TextConfig{Color: true}},
		{"dead.txt", dead(), TextConfig{}},
		{"unreachable.txt", unreachable(), TextConfig{}},
		{"interrupted.txt", interruptedRun(), TextConfig{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// What is reported has passed through the file: nothing else is known.
			var file, text bytes.Buffer
			if err := WriteJSON(&file, test.results); err != nil {
				t.Fatal(err)
			}
			results, err := ReadJSON(&file)
			if err != nil {
				t.Fatal(err)
			}
			if err := WriteText(&text, results, test.options); err != nil {
				t.Fatal(err)
			}
			golden(t, test.name, text.Bytes())
			checkWidth(t, text.String(), test.options)
		})
	}
	found, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(found) != len(tests) {
		t.Errorf("testdata has %d golden files, want %d; %v", len(found), len(tests), err)
	}
}

// checkWidth wants no line beyond the width, except commands, which are copied, and colours only where they were asked for.
func checkWidth(t *testing.T, text string, o TextConfig) {
	t.Helper()
	if o.Color != strings.Contains(text, "\x1b[") {
		t.Errorf("colours: got %v, want %v", !o.Color, o.Color)
	}
	width := o.Width
	if width == 0 {
		width = defaultWidth
	}
	for line := range strings.Lines(text) {
		plain := strings.TrimRight(line, "\n")
		for _, code := range []string{reset, bold, dim, red, green, yellow, cyan} {
			plain = strings.ReplaceAll(plain, code, "")
		}
		if utf8.RuneCountInString(plain) > width && !strings.Contains(plain, "ockamtest run") {
			t.Errorf("a line of %d columns, want at most %d: %q", utf8.RuneCountInString(plain), width, plain)
		}
		if strings.HasSuffix(plain, " ") {
			t.Errorf("a line ends in spaces: %q", plain)
		}
	}
}

// Every verdict, by what the results say.
func TestVerdict(t *testing.T) {
	stale := newResults(control(conformance.Pass), newResult("rec/replay", conformance.UnexpectedPass, "REC-007"))
	failFast := mixed()
	failFast.Results = failFast.Results[:2]
	failFast.Summary = conformance.Summarize(failFast.Results)
	failFast.Partial, failFast.Stopped = true, conformance.StoppedFailFast
	tests := []struct {
		name    string
		results *conformance.Results
		want    string
	}{
		{"conformant", passing(), "Conformant in the 4 of 118 requirements that passed."},
		{"not conformant", dead(), "Not conformant."},
		{"fail-fast", failFast, "Not conformant; the run ended at the first failure, this report is partial."},
		{"error", mixed(), "Trouble: the kit could not judge everything, see the errors above."},
		{"unreachable", unreachable(), "The peer could not be reached: responder over tcp in profile v1: connection refused"},
		{"stale", stale, "Stale expectations: what was expected to fail does not, or not so; see above."},
		{"interrupted", interruptedRun(), "Interrupted: this report is partial."},
		{"nothing ran", newResults(newResult("a/b", conformance.Skipped)), "Nothing ran: no case that was selected says anything about this peer."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var text bytes.Buffer
			if err := WriteText(&text, test.results, TextConfig{}); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimRight(text.String(), "\n"), "\n")
			if got := lines[len(lines)-1]; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A peer's words cannot steer the terminal.
func TestTextIsClean(t *testing.T) {
	r := mixed()
	const attack = "\x1b[2Jboo\r\u202egnirts\u009b31m\xff"
	for i := range r.Results {
		r.Results[i].Actual, r.Results[i].Reason, r.Results[i].Case = attack, attack, attack
		r.Results[i].Transcript = []conformance.Entry{{Direction: conformance.DirReceive, Text: attack, Hex: attack}}
	}
	r.Peer.Name = attack
	var text bytes.Buffer
	if err := WriteText(&text, r, TextConfig{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text.String(), "\x1b\r\u202e\u009b") || !utf8.Valid(text.Bytes()) {
		t.Errorf("got %q", text.String())
	}
	if got := strings.Count(text.String(), "boo"); got < len(r.Results) {
		t.Errorf("got the harmless part %d times", got)
	}
}

// A long exchange does not drown the rest.
func TestLongTranscript(t *testing.T) {
	r := newResults(newResult("tran/slow", conformance.Fail, "TRAN-002"))
	for i := range 400 {
		r.Results[0].Transcript = append(r.Results[0].Transcript, conformance.Entry{AtMicros: int64(i), Direction: conformance.DirReceive, Hex: "00", Length: 1})
	}
	var text bytes.Buffer
	if err := WriteText(&text, r, TextConfig{}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(text.String(), "<-- 1 byte"), ladderHead+ladderTail; got != want {
		t.Errorf("got %d entries, want %d", got, want)
	}
	if want := "364 more entries"; !strings.Contains(text.String(), want) {
		t.Errorf("the report does not say %q", want)
	}
}

func TestHexLines(t *testing.T) {
	tests := []struct {
		name   string
		digits string
		width  int
		want   []string
	}{
		{"none", "", 40, nil},
		{"one line", strings.Repeat("ab", 20), 40, []string{strings.Repeat("ab", 20)}},
		{"two lines", strings.Repeat("ab", 21), 40, []string{strings.Repeat("ab", 20), "ab"}},
		{"full", strings.Repeat("ab", 40), 41, []string{strings.Repeat("ab", 20), strings.Repeat("ab", 20)}},
		{"too long", strings.Repeat("ab", 73) + strings.Repeat("cd", 8), 40,
			[]string{strings.Repeat("ab", 20), strings.Repeat("ab", 20), strings.Repeat("ab", 20),
				strings.Repeat("ab", 11) + conformance.Ellipsis + strings.Repeat("cd", 8)}},
		{"no room", strings.Repeat("ab", 16), 3, []string{strings.Repeat("ab", 16)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := hexLines(test.digits, test.width)
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

var errFull = errors.New("disk is full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrors(t *testing.T) {
	if err := WriteText(fullDisk{}, passing(), TextConfig{}); !errors.Is(err, errFull) {
		t.Errorf("WriteText: got %v", err)
	}
	if err := WriteJSON(fullDisk{}, passing()); !errors.Is(err, errFull) {
		t.Errorf("WriteJSON: got %v", err)
	}
}
