package main

import (
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

func (r *vectorReport) write() {
	shown, left := 0, 0
	for _, v := range r.report.Verdicts {
		switch {
		case v.Outcome == vectors.Pass || v.Outcome == vectors.NotSupported || v.Outcome == vectors.NotRun:
		case r.run.most > 0 && shown == r.run.most:
			left++
		default:
			shown++
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
