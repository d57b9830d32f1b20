package term_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"

	"ockamtest/fuzz/term"
)

// texts are the traces of testdata, with their comments.
func texts(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "traces", "*.trace"))
	if err != nil || len(paths) < 25 {
		t.Fatalf("%d traces, %v", len(paths), err)
	}
	all := map[string]string{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = string(b)
	}
	return all
}

// checkTrace holds a trace to what is said of every one that Parse and Decode return.
func checkTrace(t term.Trace) string {
	if err := term.Valid(t); err != nil {
		return "not valid: " + err.Error()
	}
	text := term.Format(t)
	parsed, err := term.Parse(text)
	switch {
	case err != nil:
		return "its text: " + err.Error()
	case !reflect.DeepEqual(parsed, t):
		return "another trace after its text"
	case term.Format(parsed) != text:
		return "the text is not canonical"
	}
	b := term.Append(nil, t)
	if !reflect.DeepEqual(term.Decode(b), t) {
		return "another trace after its bytes"
	}
	if !term.Canonical(b) || !bytes.Equal(term.Append(nil, parsed), b) {
		return "the bytes are not canonical"
	}
	if !reflect.DeepEqual(term.Clone(t), t) {
		return "its clone is another one"
	}
	return ""
}

func TestRoundTripOfTestdata(t *testing.T) {
	for name, text := range texts(t) {
		parsed, err := term.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if problem := checkTrace(parsed); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// Any bytes are a trace, and every trace is the same after its text and after its bytes.
func TestRoundTripOfAnyBytes(t *testing.T) {
	parameters := gopter.DefaultTestParametersWithSeed(20200820)
	parameters.MinSuccessfulTests = 2000
	if testing.Short() {
		parameters.MinSuccessfulTests = 500
	}
	parameters.MaxSize = 400
	properties := gopter.NewProperties(parameters)
	seen := map[string]bool{}
	properties.Property("Parse(Format(t)) and Decode(Append(t)) are t", prop.ForAll(func(b []byte) string {
		decoded := term.Decode(b)
		terms, _ := term.Slots(decoded)
		for _, slot := range terms {
			seen[reflect.TypeOf(*slot).String()] = true
		}
		return checkTrace(decoded)
	}, gen.SliceOf(gen.UInt8())))
	properties.TestingRun(t)
	if len(seen) < 31 {
		t.Errorf("%d kinds of terms were seen, want all 31", len(seen))
	}
}

// Every prefix of the bytes of a trace is a trace too, of no more steps.
func TestPrefixes(t *testing.T) {
	parsed, err := term.Parse(texts(t)["m3-static-tag.trace"])
	if err != nil {
		t.Fatal(err)
	}
	b := term.Append(nil, parsed)
	for n := range b {
		prefix := term.Decode(b[:n])
		if problem := checkTrace(prefix); problem != "" || len(prefix.Steps) > len(parsed.Steps) {
			t.Fatalf("%d bytes: %s, %d steps", n, problem, len(prefix.Steps))
		}
	}
}

// What is longer, deeper, or more than a trace may be is left out, in bounded memory.
func TestDecodeBounds(t *testing.T) {
	deep := bytes.Repeat([]byte{1, 1}, 1<<19) // concat of one concat of …
	wide := bytes.Repeat([]byte{3, 1, 32}, 1<<18)
	literal := append([]byte{0, 2, 0, 0, 0xff, 0xff, 0xff, 0x7f}, make([]byte, 1<<20)...)
	half := append([]byte{3, 0, 0xff, 0xff, 6}, make([]byte, 0x1bfff)...) // make 0x00…, of 114,687 bytes
	literals := append(append([]byte{0}, half...), half...)
	offset := []byte{0, 3, 3, 0, 0, 0x82, 0x80, 0x80, 0x01} // flip(0x, MaxOffset+1)
	if got := term.Format(term.Decode(offset)); got != "peer responder\nmake flip(0x, 0)\n" {
		t.Errorf("an offset beyond the limit: %q", got)
	}
	for name, b := range map[string][]byte{"literals": literals, "deep": append([]byte{0, 2, 0}, deep...), "wide": wide, "literal": literal, "steps": bytes.Repeat([]byte{1}, 1<<20)} {
		decoded := term.Decode(b)
		if problem := checkTrace(decoded); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
		terms, _ := term.Slots(decoded)
		if len(decoded.Steps) == 0 || len(terms) > 32*term.MaxTerms {
			t.Errorf("%s: %d steps, %d terms", name, len(decoded.Steps), len(terms))
		}
	}
}

// FuzzDecode: any bytes are a trace within the limits, the same after its text and after its bytes.
func FuzzDecode(f *testing.F) {
	for _, text := range texts(f) {
		parsed, err := term.Parse(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(term.Append(nil, parsed))
	}
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{2, 0, 1}, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		if problem := checkTrace(term.Decode(b)); problem != "" {
			t.Error(problem)
		}
	})
}

// FuzzParse: a text is refused with a place inside it, or is a trace within the limits.
func FuzzParse(f *testing.F) {
	for _, text := range texts(f) {
		f.Add(text)
	}
	f.Add("peer initiator\nsend 0 slice(\"a\\x00#\", -1, 2) # b\n")
	f.Add("peer responder\nsend 15 aead(0x, 18446744073709551615, 0xAB, concat())")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := term.Parse(text)
		var syntax *term.SyntaxError
		switch {
		case errors.As(err, &syntax):
			lines := strings.SplitAfter(text, "\n")
			if syntax.Line < 1 || syntax.Line > len(lines)+1 || syntax.Column < 1 ||
				syntax.Line <= len(lines) && syntax.Column > len(lines[syntax.Line-1])+1 {
				t.Errorf("the error is outside of the text: %v", err)
			}
		case err != nil:
			t.Errorf("an error of another type: %v", err)
		default:
			if problem := checkTrace(parsed); problem != "" {
				t.Error(problem)
			}
		}
	})
}
