package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/adversary/routers"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/cases"
	"ockamtest/ref/profile"
)

func (a *app) listCommand() *cobra.Command {
	var asJSON, uncovered bool
	c := &cobra.Command{
		Use:       "list cases|requirements|profiles|peers|broken",
		Short:     "List what the kit has",
		ValidArgs: []string{"cases", "requirements", "profiles", "peers", "broken"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(_ *cobra.Command, args []string) error {
			if uncovered && args[0] != "requirements" {
				return usagef("--uncovered is for requirements")
			}
			table := a.table(args[0], uncovered)
			if asJSON {
				return table.writeJSON(a)
			}
			return table.writeText(a)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&uncovered, "uncovered", false, "only requirements without a case")
	return c
}

// A table is a list of rows with named columns; the names are the keys of its JSON.
type table struct {
	columns []string
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) writeJSON(a *app) error {
	objects := make([]map[string]string, 0, len(t.rows))
	for _, row := range t.rows {
		object := make(map[string]string)
		for i, cell := range row {
			object[t.columns[i]] = cell
		}
		objects = append(objects, object)
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	return e.Encode(objects)
}

func (t *table) writeText(a *app) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "%d in all\n", len(t.rows))
	return err
}

func (a *app) table(what string, uncovered bool) *table {
	switch what {
	case "cases":
		return caseTable()
	case "requirements":
		return requirementTable(uncovered)
	case "profiles":
		t := &table{columns: []string{"profile", "transports", "title"}}
		for _, p := range profile.All() {
			t.add(p.Name, strings.Join(transportNames(p), ","), p.Title)
		}
		return t
	case "peers":
		t := &table{columns: []string{"peer", "kind", "title"}}
		for _, p := range builtinPrograms() {
			t.add(p.program.Name, p.kind, p.program.Title)
		}
		return t
	}
	t := &table{columns: []string{"peer", "breaks", "class", "title"}}
	for _, b := range brokenPeers() {
		t.add(b.Program.Name, strings.Join(b.Breaks, ","), b.Class, b.Program.Title)
	}
	return t
}

func caseTable() *table {
	t := &table{columns: []string{"case", "requirements", "roles", "profiles", "depths", "tags", "title"}}
	for _, c := range cases.All() {
		profiles := strings.Join(c.Profiles, ",")
		if profiles == "" {
			profiles = "all"
		}
		t.add(c.ID, strings.Join(c.Requirements, ","), joinRoles(c.Roles), profiles, depthsOf(c), strings.Join(c.Tags, ","), c.Title)
	}
	return t
}

// depthsOf says where a case applies: to one channel, to one inside another, or to both.
func depthsOf(c conformance.Case) string {
	switch c.Depths {
	case conformance.AnyDepth:
		return "1,2+"
	case conformance.InTunnel:
		return "2+"
	case conformance.OnTransport:
	}
	return "1"
}

func requirementTable(uncovered bool) *table {
	t := &table{columns: []string{"requirement", "level", "section", "status", "cases"}}
	for _, r := range conformance.RequirementResults(cases.All(), nil) {
		if uncovered && len(r.Cases) > 0 {
			continue
		}
		status := fmt.Sprintf("%d cases", len(r.Cases))
		if len(r.Cases) == 1 {
			status = "1 case"
		}
		detail := strings.Join(r.Cases, " ")
		if len(r.Cases) == 0 {
			status, detail = r.Status, r.Reason
		}
		t.add(r.ID, string(r.Level), r.Section, status, detail)
	}
	return t
}

// A builtin is a program that comes with the kit.
type builtin struct {
	kind    string
	program conformance.Program
}

// builtinPrograms are the programs that in-process:NAME and peer serve know.
func builtinPrograms() []builtin {
	all := []builtin{
		{"reference", attach.Reference()},
		{"reference", attach.ReferenceRouter()},
		{"second opinion", attach.Flynn()},
		{"correct", peers.Correct()},
		{"correct", routers.Correct()},
	}
	for _, p := range peers.Lawful() {
		all = append(all, builtin{"lawful", p})
	}
	for _, p := range routers.Lawful() {
		all = append(all, builtin{"lawful", p})
	}
	for _, b := range brokenPeers() {
		all = append(all, builtin{"broken", b.Program})
	}
	for _, p := range slices.Concat(peers.Dead(), routers.Dead()) {
		all = append(all, builtin{"dead", p})
	}
	return all
}

// brokenPeers are the broken end points and routers of the kit.
func brokenPeers() []adversary.Fault { return slices.Concat(peers.Broken(), routers.Broken()) }
