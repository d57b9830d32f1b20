package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
	"ockamtest/vectors"
)

// wrongAdapter is a command: the reference as an adapter, wrong in the way that its argument says.
func wrongAdapter() {
	conn, err := harness.DialControl(context.Background(), os.Getenv(harness.ControlVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	a, closed, err := refadapter.New(nil)
	switch w := (wrong{a.Codec}); os.Args[1] {
	case "high-bit":
		a.Codec = lenient{w}
	case "dying":
		a.Codec = dying{w}
	case "refusing":
		a.Codec, a.Vault, a.Channels = refusing{w}, nil, nil
	case "empty":
		a.Codec, a.Vault, a.Channels = nil, nil, nil
	}
	a.Capabilities.Verbs = nil
	if err = errors.Join(err, harness.Serve(context.Background(), conn, a), closed()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type wrong struct{ harness.Codec }

// lenient ignores the high bit of a number's second byte (WIRE-003).
type lenient struct{ wrong }

func (l lenient) Decode(m harness.Decode) (harness.Decoded, error) {
	if b := m.Data[0]; m.As == harness.AsU2LE && len(b) > 1 && b[0] >= 128 {
		b[1] &= 127
	}
	return l.wrong.Decode(m)
}

// dying ends the process at a number with the high bit.
type dying struct{ wrong }

func (d dying) Decode(m harness.Decode) (harness.Decoded, error) {
	if b := m.Data[0]; m.As == harness.AsU2LE && len(b) > 1 && b[0] >= 128 && b[1] >= 128 {
		fmt.Fprintln(os.Stderr, "index out of range")
		os.Exit(7)
	}
	return d.wrong.Decode(m)
}

// refusing refuses everything.
type refusing struct{ wrong }

func (refusing) Decode(harness.Decode) (harness.Decoded, error) {
	return harness.Decoded{}, harness.Refuse(harness.ClassRejected)
}

func (refusing) Encode(harness.Encode) ([]byte, error) {
	return nil, harness.Refuse(harness.ClassRejected)
}

// A hex digit that is changed in a user's copy is found by whoever runs it and by check, which know nothing of each other.
func TestVectorsFlippedDigit(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long with the race detector: make whole runs it")
	}
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join("..", "..", "vectors", "data", "records.json"))
	if err != nil {
		t.Fatal(err)
	}
	const genuine = "5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639" // section 12, "hello", initiator n=0
	changed := bytes.Replace(data, []byte(`"ciphertext": "`+genuine), []byte(`"ciphertext": "4`+genuine[1:]), 1)
	if bytes.Equal(changed, data) {
		t.Fatal("records.json does not have the record")
	}
	path := filepath.Join(dir, "records.json")
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := typed(t, "vectors", "check", path)
	if code != exitNotConformant || !strings.Contains(out, "records.json, tcId 7 (hello, n=0, sealed; REC-001, REC-002, NOISE-010): an independent implementation says: ciphertext") {
		t.Errorf("check: exit code %d, %s%s", code, out, errs)
	}
	if want := "note: records.json is not the kit's file of that name: line "; !strings.Contains(out, want) {
		t.Errorf("check does not say %q: %s", want, out)
	}
	code, out, errs = typed(t, "vectors", "run", "--flag", "RecordTag,RecordAd", path)
	for _, want := range []string{"FAIL  records.json, tcId 7: hello, n=0, sealed", "expected     ciphertext \"4309", "actual       ciphertext \"5309", "requirement  REC-001, REC-002, NOISE-010",
		"flag         RecordAd: Associated data is empty, where it is h.", "again        ockamtest vectors run --kind record --flag "} {
		if !strings.Contains(out, want) {
			t.Errorf("run does not say %q: %s%s", want, out, errs)
		}
	}
	if code != exitNotConformant {
		t.Errorf("run: exit code %d", code)
	}
}

// Each check of vectors check finds what it is for.
func TestVectorsCheckFinds(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long with the race detector: make whole runs it")
	}
	load := func() []*vectors.File {
		files, err := vectors.Load(vectors.Embedded())
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	frames := func(files []*vectors.File) *vectors.Frames {
		for _, f := range files {
			if v, ok := f.All()[0].(*vectors.Frames); ok && f.Name == "frames.json" {
				return v
			}
		}
		t.Fatal("no frames.json, or it begins with something else")
		return nil
	}
	made := load() // which nothing changes
	for _, test := range []struct {
		name  string
		check func(k *vectorCheck) error
		want  string
	}{
		{"a byte", func(k *vectorCheck) error {
			data, err := readVectors(nil)
			data["codec.json"] = bytes.Replace(data["codec.json"], []byte("WIRE-002"), []byte("WIRE-003"), 1)
			return errors.Join(err, k.bytes(data))
		}, "wrong: codec.json is not what the generator makes: line "},
		{"a file", func(k *vectorCheck) error {
			data, err := readVectors(nil)
			data["more.json"] = nil
			return errors.Join(err, k.bytes(data))
		}, "wrong: more.json is made by nothing"},
		{"a flag too many", func(k *vectorCheck) error {
			v := frames(k.files)
			v.Flags = append(v.Flags, "RecordTag")
			k.mutants()
			return nil
		}, "wrong: flag RecordTag: "},
		{"a flag too few", func(k *vectorCheck) error {
			frames(k.files).Flags = nil
			k.mutants()
			return nil
		}, " with it do not, 1 without it do"},
		{"a requirement", func(k *vectorCheck) error {
			k.files = k.files[:1]
			k.requirements()
			return nil
		}, "wrong: WIRE-002 has no positive vector, and no reason"},
		{"a reason", func(k *vectorCheck) error {
			frames(k.files).Requirements = []string{"REC-012"}
			k.requirements()
			return nil
		}, "wrong: REC-012 has 1 positive vectors, and a reason why it has none"},
		{"too few", func(k *vectorCheck) error {
			k.files = k.files[:1]
			k.counts()
			return nil
		}, "promised are 1500, half of them, and 120"},
		{"an answer", func(k *vectorCheck) error {
			frames(k.files).Messages = nil
			k.answers()
			return nil
		}, "wrong: frames.json, tcId 1 "},
		{"a schema", func(k *vectorCheck) error {
			data, err := readVectors(nil)
			data["frames.json"] = bytes.Replace(data["frames.json"], []byte(`"fin"`), []byte(`"end"`), 1)
			return errors.Join(err, k.schemas(data))
		}, "wrong: frames.json: "},
	} {
		var out bytes.Buffer
		k := &vectorCheck{a: &app{out: &out}, files: load(), made: made}
		if err := test.check(k); err != nil {
			t.Fatal(err)
		}
		var exit *exitError
		if !strings.Contains(out.String(), test.want) || k.problems == 0 || !errors.As(k.verdict(), &exit) || exit.code != exitNotConformant {
			t.Errorf("%s: %d problems, %s", test.name, k.problems, out.String())
		}
	}
}

// Trouble counts more than failures, nothing at all more than trouble.
func TestVectorsExit(t *testing.T) {
	verdicts := func(outcomes ...vectors.Outcome) *vectors.Report {
		r := &vectors.Report{}
		for _, o := range outcomes {
			r.Verdicts = append(r.Verdicts, vectors.Verdict{Outcome: o})
		}
		return r
	}
	for _, test := range []struct {
		name   string
		report *vectors.Report
		err    error
		end    error
		want   int
	}{
		{"passes", verdicts(vectors.Pass, vectors.NotSupported), nil, nil, exitConformant},
		{"a failure", verdicts(vectors.Pass, vectors.Fail), nil, nil, exitNotConformant},
		{"not run", verdicts(vectors.Pass, vectors.NotRun), nil, nil, exitNotConformant},
		{"trouble and a failure", verdicts(vectors.Pass, vectors.Fail, vectors.Trouble), nil, nil, exitTrouble},
		{"a bad end", verdicts(vectors.Pass), nil, errors.New("it does not end"), exitTrouble},
		{"nothing supported", verdicts(vectors.NotSupported), vectors.ErrNothingSupported, nil, conformance.ExitNothingRan},
		{"nothing selected", verdicts(), vectors.ErrNothingSelected, nil, conformance.ExitNothingRan},
		{"a flag", nil, vectors.ErrUnknownFlag, nil, exitUsage},
	} {
		err := vectorsExit(test.report, test.err, test.end)
		code := exitConformant
		var exit *exitError
		if errors.As(err, &exit) {
			code = exit.code
		}
		if code != test.want {
			t.Errorf("%s: exit code %d, want %d", test.name, code, test.want)
		}
	}
}

// Files are written all or not at all, and those that differ are kept.
func TestWriteVectors(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	files := map[string][]byte{"a.json": []byte("a\nb\n"), filepath.Join("schema", "b.json"): []byte("b\n")}
	var out bytes.Buffer
	a := &app{out: &out}
	steps := []struct {
		name   string
		change func()
		force  bool
		code   int
		want   string
	}{
		{"into a new directory", func() {}, false, 0, "wrote  " + filepath.Join(dir, "a.json")},
		{"again", func() {}, false, 0, "same   " + filepath.Join(dir, "schema", "b.json")},
		{"over another", func() { _ = os.WriteFile(filepath.Join(dir, "a.json"), []byte("a\nc\n"), 0o600) }, false, exitUsage, "a.json, line 2"},
		{"by force", func() {}, true, 0, "wrote  " + filepath.Join(dir, "a.json")},
	}
	for _, step := range steps {
		step.change()
		out.Reset()
		code := 0
		err := a.writeVectors(dir, step.force, files)
		var exit *exitError
		if errors.As(err, &exit) {
			code = exit.code
		}
		if said := out.String() + fmt.Sprint(err); code != step.code || !strings.Contains(said, step.want) {
			t.Errorf("%s: exit code %d, %s", step.name, code, said)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "a.json")); err != nil || (string(b) == "a\nb\n") != (step.code == 0) {
			t.Errorf("%s: a.json is %q, %v", step.name, b, err)
		}
	}
}
