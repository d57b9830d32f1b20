package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"ockamtest/vectors"
)

// A vectorReport prints what came of a run of vectors.
type vectorReport struct {
	a      *app
	run    vectorRun
	files  []*vectors.File
	report *vectors.Report
}

// alike is how many failures with the same flags are shown: they mostly have the same cause.
const alike = 3

func (r *vectorReport) write() {
	shown, left := 0, 0
	like := map[string]int{}
	for _, v := range r.report.Verdicts {
		flags := strings.Join(v.Vector.Common().Flags, " ")
		switch {
		case v.Outcome == vectors.Pass || v.Outcome == vectors.NotSupported || v.Outcome == vectors.NotRun:
		case r.run.most > 0 && (shown == r.run.most || flags != "" && like[flags] == alike):
			left++
		default:
			shown++
			like[flags]++
			r.failure(v)
		}
	}
	if left > 0 {
		fmt.Fprintf(r.a.out, "… and %s; --failures 0 shows all\n\n", plural(left, "more failure"))
	}
	r.suspects()
	r.unsupported()
	r.counts()
}

// failure is a bug report about one vector.
func (r *vectorReport) failure(v vectors.Verdict) {
	m, out := v.Vector.Common(), r.a.out
	fmt.Fprintf(out, "%s  %s, tcId %d: %s\n", strings.ToUpper(v.Outcome.String()), v.File.Name, m.TcID, m.Comment)
	if comment := groupOf(v); comment != "" {
		wrap(out, comment, "  group        ", max(r.a.width, minWidth))
	}
	fmt.Fprintf(out, "  vector       %s\n", cut(own(v.Vector)))
	expected := string(m.Result)
	switch {
	case m.Result == vectors.Valid:
		expected = "accepted, with the values of the vector"
	case m.Result == vectors.Acceptable:
		expected = fmt.Sprintf("%v, or accepted with the values of the vector", m.Error)
	case m.Error != nil:
		expected = m.Error.Error()
	}
	actual := v.Err.Error()
	var d *vectors.DifferenceError
	if errors.As(v.Err, &d) {
		short := *d
		actual = short.Got
		if d.Field != "result" && d.Field != "error" {
			expected, actual = d.Field+" "+d.Want, d.Field+" "+d.Got
		}
	}
	fmt.Fprintf(out, "  expected     %s\n  actual       %s\n", cut(expected), cut(actual))
	fmt.Fprintf(out, "  requirement  %s\n", strings.Join(m.Requirements, ", "))
	for _, flag := range m.Flags {
		wrap(out, fmt.Sprintf("%s: %s", flag, v.File.Notes[flag].Description), "  flag         ", max(r.a.width, minWidth))
	}
	fmt.Fprintf(out, "  again        %s\n\n", r.again(v))
}

// groupOf is the comment of the group of a vector, "" if it is in none.
func groupOf(v vectors.Verdict) string {
	for _, g := range v.File.TestGroups {
		if slices.Contains(g.Tests, v.Vector) {
			return g.Comment
		}
	}
	return ""
}

// own is what a vector has beside what all vectors have, as it stands in the file.
func own(v vectors.Vector) string {
	whole, err := json.Marshal(v)
	common, errCommon := json.Marshal(v.Common())
	fields, others := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	err = errors.Join(err, errCommon, json.Unmarshal(whole, &fields), json.Unmarshal(common, &others))
	if err != nil {
		return err.Error() // a vector that was read can be written
	}
	var words []string
	for _, key := range sortedKeys(fields) {
		if _, ok := others[key]; !ok {
			words = append(words, key+" "+strings.Trim(string(fields[key]), `"`))
		}
	}
	return strings.Join(words, ", ")
}

const longestValue = 600 // characters of a value that is shown

func cut(s string) string {
	if len(s) <= longestValue {
		return s
	}
	return fmt.Sprintf("%s… (%d characters)", s[:longestValue], len(s))
}

// again is the command that runs a vector once more, with a few others.
func (r *vectorReport) again(v vectors.Verdict) string {
	words := []string{"ockamtest", "vectors", "run"}
	if r.run.peer != "reference" {
		words = append(words, "--peer", quoted(r.run.peer))
	}
	words = append(words, "--kind", strings.ToLower(string(v.Vector.Kind())))
	if flags := v.Vector.Common().Flags; len(flags) > 0 {
		words = append(words, "--flag", flags[0])
	}
	for _, path := range r.run.paths {
		words = append(words, quoted(path))
	}
	return strings.Join(words, " ")
}

// quoted is a word for a shell.
func quoted(s string) string {
	if strings.ContainsAny(s, " \t'\"\\$&|;<>*?()") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// suspects are the flags whose vectors all fail: what the failures have in common.
func (r *vectorReport) suspects() {
	ran, failed := map[string]int{}, map[string]int{}
	for _, v := range r.report.Verdicts {
		for _, flag := range v.Vector.Common().Flags {
			switch v.Outcome {
			case vectors.Fail:
				failed[flag]++
				ran[flag]++
			case vectors.Pass:
				ran[flag]++
			case vectors.NotSupported, vectors.NotRun, vectors.Trouble:
			}
		}
	}
	var flags []string
	for _, flag := range sortedKeys(failed) {
		if failed[flag] == ran[flag] {
			flags = append(flags, flag)
		}
	}
	slices.SortStableFunc(flags, func(x, y string) int { return failed[y] - failed[x] })
	if len(flags) == 0 {
		return
	}
	fmt.Fprintln(r.a.out, "Flags whose vectors all fail, and the bug that each is for:")
	const most = 10
	for _, flag := range flags[:min(most, len(flags))] {
		note := notes(r.files)[flag]
		text := fmt.Sprintf("%s (%s, %s): %s", flag, plural(failed[flag], "vector"), strings.Join(note.Requirements, ", "), note.Description)
		wrap(r.a.out, text, "  ", r.a.width)
	}
	if len(flags) > most {
		fmt.Fprintf(r.a.out, "  … and %d more\n", len(flags)-most)
	}
	fmt.Fprintln(r.a.out)
}

// unsupported are the reasons, counted.
func (r *vectorReport) unsupported() {
	reasons := map[string]int{}
	for _, v := range r.report.Verdicts {
		if v.Outcome == vectors.NotSupported {
			reasons[reasonOf(v.Err)]++
		}
	}
	if len(reasons) == 0 {
		return
	}
	fmt.Fprintln(r.a.out, "Unsupported:")
	for _, reason := range sortedKeys(reasons) {
		fmt.Fprintf(r.a.out, "  %4d  %s\n", reasons[reason], reason)
	}
	fmt.Fprintln(r.a.out)
}

// counts are those of each file and outcome.
func (r *vectorReport) counts() {
	outcomes := []vectors.Outcome{vectors.Pass, vectors.Fail, vectors.NotRun, vectors.Trouble, vectors.NotSupported}
	n := map[string]map[vectors.Outcome]int{}
	total := map[vectors.Outcome]int{}
	var names []string
	for _, v := range r.report.Verdicts {
		if n[v.File.Name] == nil {
			n[v.File.Name] = map[vectors.Outcome]int{}
			names = append(names, v.File.Name)
		}
		n[v.File.Name][v.Outcome]++
		total[v.Outcome]++
	}
	w := tabwriter.NewWriter(r.a.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, n map[vectors.Outcome]int) {
		fmt.Fprint(w, name, "\t")
		for _, o := range outcomes {
			fmt.Fprintf(w, "%d %v\t", n[o], o)
		}
		fmt.Fprintln(w)
	}
	for _, name := range names {
		row(name, n[name])
	}
	row("in all", total)
	_ = w.Flush() // a.out keeps its error
}
