package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/report"
)

// seededDir has the copy of the peer in C that can be built with one of many faults.
const seededDir = "../../testdata/peers/c-seeded"

const (
	minSeeded      = 25 // faults in the table
	seededShort    = 4  // of which -short runs so many
	seededParallel = 10 // runs at once: they wait more than they work
	seededScale    = 1  // factor on their times
)

// A seededFault is an entry of faults.json.
type seededFault struct {
	Name      string                `json:"name"`
	Title     string                `json:"title"`
	Class     string                `json:"class"` // of section 13 of the specification; "memory: ..." or "runtime: ..." where that has none
	Role      conformance.Role      `json:"role"`
	Transport conformance.Transport `json:"transport"`
	Profile   string                `json:"profile"`
	Breaks    []string              `json:"breaks"`    // requirements, of which one at least has to be blamed
	Entails   []string              `json:"entails"`   // requirements that may be blamed as well, and nothing else
	Cases     []string              `json:"cases"`     // globs, enough to find it
	Sanitizer bool                  `json:"sanitizer"` // the build with sanitizers is needed
	Crash     string                `json:"crash"`     // what the reason says of the peer's end, if it dies
	Short     bool                  `json:"short"`     // also run with -short
}

// A seededRun is one run of the kit against one of the programs, and what came of it.
type seededRun struct {
	name      string
	fault     *seededFault // nil: the copy without a fault
	program   string       // words for a shell
	role      conformance.Role
	transport conformance.Transport
	profile   string
	cases     []string
	scale     int // factor on times

	code    int
	results *conformance.Results
	err     error
}

// Each fault is found without an adapter and blamed on a requirement that it breaks, and on no other than follows from it; the copy without
// a fault is not accused of anything by the same cases.
func TestSeededFaults(t *testing.T) {
	faults := seededFaults(t, seededDir)
	if testing.Short() { // make whole runs all
		faults = slices.DeleteFunc(faults, func(f seededFault) bool { return !f.Short })
		if len(faults) != seededShort {
			t.Fatalf("%d faults for -short, want %d", len(faults), seededShort)
		}
	}
	runs := append(soundRuns(faults), faultRuns(faults)...)
	buildSeeded(t, runs)
	runSeeded(t, runs, seededParallel, seededScale)
}

// runSeeded runs several at once, with a factor on all times, and then judges one after the other.
func runSeeded(t *testing.T, runs []*seededRun, parallel, scale int) {
	t.Helper()
	var done sync.WaitGroup
	places := make(chan struct{}, parallel)
	for _, r := range runs {
		done.Go(func() {
			places <- struct{}{}
			r.scale = scale
			r.run(t)
			<-places
		})
	}
	done.Wait()
	for _, r := range runs {
		t.Run(r.name, r.check)
	}
}

// The table has the faults of seeded.h, each once, in the words of the specification.
func TestSeededTable(t *testing.T) {
	header, err := os.ReadFile(filepath.Join(seededDir, "include", "seeded.h"))
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, m := range regexp.MustCompile(`(?m)^    ([A-Z0-9_]+),$`).FindAllStringSubmatch(string(header), -1) {
		declared = append(declared, strings.ReplaceAll(strings.ToLower(m[1]), "_", "-"))
	}
	faults := seededFaults(t, seededDir)
	none := slices.Index(declared, "none")
	if none < 0 {
		t.Fatal("seeded.h has no build without a fault")
	}
	checkSeededTable(t, faults, slices.Delete(declared, none, none+1), "memory: ", minSeeded)
}

// checkSeededTable requires that the table has the faults that are declared elsewhere, each once, and at least so many. A class that section 13 of the
// specification does not have begins with own.
func checkSeededTable(t *testing.T, faults []seededFault, declared []string, own string, least int) {
	t.Helper()
	var listed []string
	spec, err := os.ReadFile("../../conformance/spec/ockam-v1.md")
	if err != nil {
		t.Fatal(err)
	}
	_, classes, found := strings.Cut(string(spec), "\n## 13. ")
	if !found {
		t.Fatal("the specification has no section 13")
	}
	classes = strings.Join(strings.Fields(strings.ReplaceAll(classes, "*", "")), " ")
	known := make(map[string]bool)
	for _, r := range conformance.Catalogue() {
		known[r.ID] = true
	}
	for _, f := range faults {
		listed = append(listed, f.Name)
		if f.Title == "" || len(f.Breaks) == 0 || len(f.Cases) == 0 {
			t.Errorf("%s: the title, what it breaks, or the cases are missing: %+v", f.Name, f)
		}
		if !strings.HasPrefix(f.Class, own) && !strings.Contains(classes, f.Class) {
			t.Errorf("%s: section 13 has no class %q", f.Name, f.Class)
		}
		for _, id := range slices.Concat(f.Breaks, f.Entails) {
			if !known[id] {
				t.Errorf("%s: %q is no requirement", f.Name, id)
			}
		}
	}
	slices.Sort(declared)
	slices.Sort(listed)
	if !slices.Equal(declared, listed) {
		t.Errorf("the faults and faults.json differ: got %v, want %v", declared, listed)
	}
	if len(listed) < least || len(slices.Compact(listed)) != len(listed) {
		t.Errorf("%d faults, want %d at least, of different names", len(listed), least)
	}
}

func seededFaults(t *testing.T, dir string) (faults []seededFault) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "faults.json"))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&faults); err != nil {
		t.Fatalf("faults.json: %v", err)
	}
	return faults
}

func faultRuns(faults []seededFault) (runs []*seededRun) {
	for i := range faults {
		f := &faults[i]
		runs = append(runs, &seededRun{
			name: f.Name, fault: f, program: f.program(f.Name),
			role: f.Role, transport: f.Transport, profile: f.Profile, cases: f.Cases,
		})
	}
	return runs
}

// soundRuns are those of the copy without a fault: in each role, transport, profile, and build the cases of all faults there.
func soundRuns(faults []seededFault) (runs []*seededRun) {
	byName := make(map[string]*seededRun)
	for _, f := range faults {
		program := f.program("none")
		name := fmt.Sprintf("%s/%s/%s/%s", program, f.Role, f.Transport, f.Profile)
		r := byName[name]
		if r == nil {
			r = &seededRun{name: name, program: program, role: f.Role, transport: f.Transport, profile: f.Profile}
			byName[name] = r
			runs = append(runs, r)
		}
		for _, glob := range f.Cases {
			if !slices.Contains(r.cases, glob) {
				r.cases = append(r.cases, glob)
			}
		}
	}
	return runs
}

// program is the name of a build.
func (f *seededFault) program(name string) string {
	if f.Sanitizer {
		name += "-san"
	}
	return "peer-" + name
}

// buildSeeded builds what the runs need into a directory of its own, and turns their programs' names into paths.
func buildSeeded(t *testing.T, runs []*seededRun) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--no-print-directory", "-s", "-j2", "-C", seededDir, "BUILD=" + dir}
	for _, r := range runs {
		r.program = filepath.Join(dir, r.program)
		if !slices.Contains(args, r.program) {
			args = append(args, r.program)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "make", args...).CombinedOutput(); err != nil {
		t.Fatalf("this test needs make, a C compiler, and the headers of libcrypto: make deps installs them (%v)\n%s", err, out)
	}
}

// run runs the kit against the program by its command alone.
func (r *seededRun) run(t *testing.T) {
	args := []string{
		"run", "--report", "json", "--timeout-scale", strconv.Itoa(r.scale),
		"--profile", r.profile, "--role", string(r.role), "--transport", string(r.transport),
		"--peer", "exec:" + r.program + " {role} {transport} {addr} {profile} --timeout {timeout} --key {key}",
	}
	for _, glob := range r.cases {
		args = append(args, "--case", glob)
	}
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: defaultWidth}
	r.code = a.execute(t.Context(), args)
	if r.results, r.err = report.ReadJSON(&out); r.err != nil {
		r.err = fmt.Errorf("exit code %d, and no results: %w: %s", r.code, r.err, errs.String())
	}
}

func (r *seededRun) check(t *testing.T) {
	if r.err != nil {
		t.Fatal(r.err)
	}
	if r.results.Partial || r.results.Trouble != "" || r.results.Summary[conformance.Error] > 0 {
		t.Errorf("the run is not complete: partial %v, trouble %q, %v", r.results.Partial, r.results.Trouble, r.results.Summary)
	}
	if r.fault == nil {
		r.checkSound(t)
	} else {
		r.checkFound(t)
	}
	if t.Failed() {
		var text bytes.Buffer
		_ = report.WriteText(&text, r.results, report.TextConfig{Width: defaultWidth})
		t.Log(text.String())
	}
}

// checkSound requires a pass of each case.
func (r *seededRun) checkSound(t *testing.T) {
	if r.code != exitConformant {
		t.Errorf("exit code %d, want %d", r.code, exitConformant)
	}
	if got, want := r.results.Summary[conformance.Pass], len(r.results.Results); got != want || want == 0 {
		t.Errorf("%d passes of %d cases", got, want)
	}
}

// checkFound requires that the fault is blamed on what it breaks.
func (r *seededRun) checkFound(t *testing.T) {
	if r.code != exitNotConformant {
		t.Errorf("exit code %d, want %d", r.code, exitNotConformant)
	}
	found := false
	for _, result := range r.results.Results {
		if result.Outcome == conformance.Pass || result.Outcome == conformance.NotRun {
			continue
		}
		broken := slices.Contains(r.fault.Breaks, result.Requirement)
		if !broken && !slices.Contains(r.fault.Entails, result.Requirement) {
			t.Errorf("%s: %s, blamed on %q, want one of %v", result.Case, result.Outcome, result.Requirement, r.fault.Breaks)
		}
		found = found || broken && result.Outcome == conformance.Fail
		if !strings.Contains(result.Reason, r.fault.Crash) {
			t.Errorf("%s: got the reason %q, want %q in it", result.Case, result.Reason, r.fault.Crash)
		}
	}
	if !found {
		t.Errorf("%s: it is not found: nothing is blamed on %v", r.fault.Title, r.fault.Breaks)
	}
}
