package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/vectors"
	"ockamtest/vectors/generate"
	"ockamtest/vectors/mutants"
)

// What the vectors of the kit have at least.
const (
	leastVectors = 1500
	leastFlags   = 120
)

func (a *app) vectorsCheckCommand() *cobra.Command {
	var table bool
	c := &cobra.Command{
		Use:   "check [FILE|DIR]…",
		Short: "Check the vectors themselves",
		Long: `Check looks whether the vectors are right: each file is read strictly and against its JSON Schema, and an independent implementation of the
specification has to come to each known answer.

Of the files of the kit it also checks that the generator makes each byte of them; that there are enough, half of them negative; that
each flag has an implementation with that bug (a mutant) which exactly the vectors with the flag fail; and that each requirement of WIRE,
NOISE, and REC that shows on the wire has a positive and a negative vector, or a reason. With --mutants it prints flag by flag
how many vectors fail its mutant.`,
		Example: `  ockamtest vectors check --mutants
  ockamtest vectors check my-vectors.json`,
		RunE: func(c *cobra.Command, args []string) error {
			k := &vectorCheck{a: a, paths: args, table: table}
			return interruptible(c.Context(), k.check)
		},
	}
	c.Flags().BoolVar(&table, "mutants", false, "print each flag with the vectors that fail its mutant")
	return c
}

// A vectorCheck prints what it finds and counts the problems.
type vectorCheck struct {
	a        *app
	paths    []string
	table    bool
	files    []*vectors.File
	made     []*vectors.File // what the generator makes: there a vector has the flags of the mutants that have just failed it
	problems int
}

func (k *vectorCheck) say(format string, args ...any) { fmt.Fprintf(k.a.out, format+"\n", args...) }

func (k *vectorCheck) problem(format string, args ...any) {
	k.problems++
	k.say("wrong: "+format, args...)
}

func (k *vectorCheck) check() error {
	data, err := readVectors(k.paths)
	if err != nil {
		return usagef("%w", err)
	}
	k.files, err = loadVectors(k.paths)
	var malformed *vectors.FieldError
	switch {
	case errors.As(err, &malformed):
		return &exitError{exitNotConformant, err}
	case err != nil:
		return err
	}
	if err := k.schemas(data); err != nil {
		return troublef("%w", err)
	}
	k.answers()
	if len(k.paths) > 0 {
		k.compareKept(data)
		return k.verdict()
	}
	k.counts()
	if k.made, err = generate.Files(); err != nil {
		return troublef("%w", err)
	}
	if err := k.bytes(data); err != nil {
		return troublef("%w", err)
	}
	k.mutants()
	k.requirements()
	return k.verdict()
}

func (k *vectorCheck) verdict() error {
	if k.problems > 0 {
		return &exitError{exitNotConformant, fmt.Errorf("%s", plural(k.problems, "problem"))}
	}
	k.say("All is well.")
	return nil
}

// answers runs the independent implementation.
func (k *vectorCheck) answers() {
	report, err := vectors.Run(generate.Oracle(), k.files, vectors.Options{})
	if err != nil {
		k.problem("%v", err)
		return
	}
	for _, v := range report.Verdicts {
		if v.Outcome != vectors.Pass {
			m := v.Vector.Common()
			k.problem("%s, tcId %d (%s; %s): an independent implementation says: %v", v.File.Name, m.TcID, m.Comment, strings.Join(m.Requirements, ", "), v.Err)
		}
	}
	k.say("%s: an independent implementation comes to %d of the answers", totals(k.files), report.Count(vectors.Pass))
}

// counts are what the kit promises.
func (k *vectorCheck) counts() {
	all, negative := 0, 0
	for _, f := range k.files {
		all += len(f.All())
		negative += counts(f)[vectors.Invalid]
	}
	flags := len(notes(k.files))
	if all < leastVectors || 2*negative < all || flags < leastFlags {
		k.problem("%d vectors, %d of them negative, with %d flags; promised are %d, half of them, and %d", all, negative, flags, leastVectors, leastFlags)
	}
}

// compareKept tells which of a user's files have the names of the kit's, and are others.
func (k *vectorCheck) compareKept(data map[string][]byte) {
	for _, name := range sortedKeys(data) {
		kept, err := fs.ReadFile(vectors.Embedded(), name)
		if err == nil && !bytes.Equal(kept, data[name]) {
			k.say("note: %s is not the kit's file of that name: line %d differs", name, firstDifference(kept, data[name]))
		}
	}
}

// bytes compares the files with what the generator has made anew.
func (k *vectorCheck) bytes(data map[string][]byte) error {
	for _, f := range k.made {
		made, err := generate.Marshal(f)
		if err != nil {
			return err
		}
		if !bytes.Equal(made, data[f.Name]) {
			k.problem("%s is not what the generator makes: line %d differs", f.Name, firstDifference(made, data[f.Name]))
		}
		delete(data, f.Name)
	}
	for _, name := range sortedKeys(data) {
		k.problem("%s is made by nothing", name)
	}
	k.say("%s: each byte is what the generator makes", plural(len(k.made), "file"))
	return nil
}

// firstDifference is the number of a line.
func firstDifference(x, y []byte) int {
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return 1 + bytes.Count(x[:n], []byte("\n"))
}

// mutants compares each flag with what fails its mutant.
func (k *vectorCheck) mutants() {
	left := notes(k.files)
	w := tabwriter.NewWriter(k.a.out, 0, 0, 2, ' ', 0)
	all, kills := mutants.All(), 0
	flagged, killing := flagsOf(k.files), flagsOf(k.made)
	for _, m := range all {
		with, missed := 0, 0
		for v := range flagged[m.Flag] {
			if killing[m.Flag][v] {
				with++
			} else {
				missed++
			}
		}
		without := len(killing[m.Flag]) - with
		kills += with
		if with == 0 || without+missed > 0 {
			k.problem("flag %s: %d vectors with it fail its mutant, %d with it do not, %d without it do", m.Flag, with, missed, without)
		}
		if k.table {
			fmt.Fprintf(w, "%s\t%s\t%d without the flag\t%s\n", m.Flag, plural(with, "vector"), without, m.Description)
		}
		delete(left, m.Flag)
	}
	_ = w.Flush() // a.out keeps its error
	for _, flag := range sortedKeys(left) {
		k.problem("flag %s has no mutant", flag)
	}
	k.say("%s, each with a mutant that exactly its vectors fail: %d kills", plural(len(all), "flag"), kills)
}

// A place is a vector in a file.
type place struct {
	file string
	tcID int
}

// flagsOf are the vectors with each flag.
func flagsOf(files []*vectors.File) map[string]map[place]bool {
	all := map[string]map[place]bool{}
	for _, f := range files {
		for _, v := range f.All() {
			m := v.Common()
			for _, flag := range m.Flags {
				if all[flag] == nil {
					all[flag] = map[place]bool{}
				}
				all[flag][place{f.Name, m.TcID}] = true
			}
		}
	}
	return all
}

// requirements tells which have vectors.
func (k *vectorCheck) requirements() {
	var ids []string
	for _, r := range conformance.Catalogue() {
		if r.OnWire && slices.Contains([]string{"WIRE", "NOISE", "REC"}, r.Area) {
			ids = append(ids, r.ID)
		}
	}
	gaps := map[string]vectors.Gap{}
	for _, g := range vectors.Gaps() {
		gaps[g.Requirement] = g
	}
	w := tabwriter.NewWriter(k.a.out, 0, 0, 2, ' ', 0)
	cell := func(id, what string, n int, reason string) string {
		switch {
		case n == 0 && reason == "":
			k.problem("%s has no %s vector, and no reason", id, what)
		case n > 0 && reason != "":
			k.problem("%s has %d %s vectors, and a reason why it has none", id, n, what)
		case n == 0:
			return "none " + what + ": " + reason
		}
		return fmt.Sprintf("%d %s", n, what)
	}
	for _, c := range vectors.CoverageOf(k.files, ids) {
		g := gaps[c.Requirement]
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.Requirement, cell(c.Requirement, "positive", c.Positive, g.Positive), cell(c.Requirement, "negative", c.Negative, g.Negative))
	}
	_ = w.Flush()
	k.say("%s that show on the wire, %d with a reason why something is missing", plural(len(ids), "requirement"), len(gaps))
}
