package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/vectors"
)

func (a *app) vectorsListCommand() *cobra.Command {
	var kinds, flags []string
	var asJSON, listFlags bool
	c := &cobra.Command{
		Use:   "list [FILE|DIR]…",
		Short: "List the files of vectors, or the flags with what they mean",
		Long: `List shows the files with their numbers of vectors. With --flags, --flag, or --kind it shows the flags: how many vectors have the flag, and
the bug of an implementation that fails them.`,
		Example: `  ockamtest vectors list
  ockamtest vectors list --kind record
  ockamtest vectors list --flag RecordTag --json`,
		RunE: func(_ *cobra.Command, args []string) error {
			wanted, err := parseKinds(kinds)
			if err != nil {
				return err
			}
			files, err := loadVectors(args)
			if err != nil {
				return err
			}
			t := fileTable(files)
			if listFlags || len(flags)+len(kinds) > 0 {
				if t, err = flagTable(files, wanted, flags); err != nil {
					return err
				}
			}
			if asJSON {
				return t.writeJSON(a)
			}
			if err := t.writeText(a); err != nil {
				return err
			}
			fmt.Fprintln(a.out, totals(files))
			return nil
		},
	}
	f := c.Flags()
	f.BoolVar(&listFlags, "flags", false, "list the flags")
	f.StringSliceVar(&kinds, "kind", nil, "the flags of this kind of vector; repeatable")
	f.StringSliceVar(&flags, "flag", nil, "this flag; repeatable")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func fileTable(files []*vectors.File) *table {
	t := &table{columns: []string{"file", "vectors", "valid", "invalid", "acceptable", "flags", "kinds"}}
	for _, f := range files {
		n := counts(f)
		var kinds []string
		for _, v := range f.All() {
			if k := string(v.Kind()); !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
		row := [5]int{len(f.All()), n[vectors.Valid], n[vectors.Invalid], n[vectors.Acceptable], len(f.Notes)}
		t.add(f.Name, plural(row[0], "vector"), fmt.Sprintf("%d valid", row[1]), fmt.Sprintf("%d invalid", row[2]), fmt.Sprintf("%d acceptable", row[3]),
			plural(row[4], "flag"), strings.Join(kinds, ","))
	}
	return t
}

// totals is one line about all files.
func totals(files []*vectors.File) string {
	n, all := map[vectors.Result]int{}, 0
	for _, f := range files {
		for result, count := range counts(f) {
			n[result] += count
			all += count
		}
	}
	return fmt.Sprintf("%s: %d valid, %d invalid, %d acceptable; %s; %s", plural(all, "vector"), n[vectors.Valid], n[vectors.Invalid], n[vectors.Acceptable],
		plural(len(notes(files)), "flag"), plural(len(files), "file"))
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

func counts(f *vectors.File) map[vectors.Result]int {
	n := map[vectors.Result]int{}
	for _, v := range f.All() {
		n[v.Common().Result]++
	}
	return n
}

// notes are those of all files, by flag.
func notes(files []*vectors.File) map[string]vectors.Note {
	all := map[string]vectors.Note{}
	for _, f := range files {
		for flag, n := range f.Notes {
			all[flag] = n
		}
	}
	return all
}

func flagTable(files []*vectors.File, kinds []vectors.Kind, flags []string) (*table, error) {
	n, all := map[string]int{}, notes(files)
	for _, f := range files {
		for _, v := range f.All() {
			if len(kinds) > 0 && !slices.Contains(kinds, v.Kind()) {
				continue
			}
			for _, flag := range v.Common().Flags {
				n[flag]++
			}
		}
	}
	for _, flag := range flags {
		if _, ok := all[flag]; !ok {
			return nil, unknownFlag(flag, all)
		}
	}
	t := &table{columns: []string{"flag", "vectors", "bugType", "requirements", "description"}}
	for _, flag := range sortedKeys(n) {
		if note := all[flag]; len(flags) == 0 || slices.Contains(flags, flag) {
			t.add(flag, plural(n[flag], "vector"), note.BugType, strings.Join(note.Requirements, ","), note.Description)
		}
	}
	if len(t.rows) == 0 {
		return nil, &exitError{conformance.ExitNothingRan, errors.New("no vector of these kinds has the flag")}
	}
	return t, nil
}

// unknownFlag names flags that are like the one that there is not.
func unknownFlag(flag string, all map[string]vectors.Note) error {
	var like []string
	for _, known := range sortedKeys(all) {
		if strings.Contains(strings.ToLower(known), strings.ToLower(flag)) {
			like = append(like, known)
		}
	}
	if len(like) == 0 {
		return usagef("--flag %s: no vector has it; 'ockamtest vectors list --flags' shows those that there are", flag)
	}
	return usagef("--flag %s: no vector has it; there are %s", flag, strings.Join(like, ", "))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
