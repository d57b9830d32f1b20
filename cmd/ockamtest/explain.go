package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ockamtest/conformance"
	"ockamtest/conformance/cases"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain CASE|REQUIREMENT",
		Short: "Explain a case, or a requirement in the specification's words",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return explainable(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if r, ok := conformance.CatalogueByID()[strings.ToUpper(args[0])]; ok {
				a.explainRequirement(r)
				return nil
			}
			all := cases.All()
			i := slices.IndexFunc(all, func(c conformance.Case) bool { return c.ID == args[0] })
			if i < 0 {
				return usagef("%q is neither a case nor a requirement; see 'ockamtest list cases' and 'ockamtest list requirements'", args[0])
			}
			a.explainCase(all[i])
			return nil
		},
	}
}

// explainable are the words that explain knows, for completion.
func explainable() []string {
	var words []string
	for _, c := range cases.All() {
		words = append(words, c.ID)
	}
	for _, r := range conformance.Catalogue() {
		words = append(words, r.ID)
	}
	return words
}

func (a *app) explainRequirement(r conformance.Requirement) {
	seen := "needs the implementation's API or an adapter"
	if r.OnWire {
		seen = "observable on the wire"
	}
	fmt.Fprintf(a.out, "%s  %s, section %s (%s), %s\n\n", r.ID, r.Level, r.Section, r.Heading, seen)
	wrap(a.out, r.Text, "  ", a.width)
	fmt.Fprintln(a.out)
	var tested []string
	for _, c := range cases.All() {
		if slices.Contains(c.Requirements, r.ID) {
			tested = append(tested, fmt.Sprintf("  %-36s %s", c.ID, c.Title))
		}
	}
	a.block("Tested by", tested)
	var caught []string
	for _, b := range brokenPeers() {
		if slices.Contains(b.Breaks, r.ID) {
			caught = append(caught, fmt.Sprintf("  %-36s %s", b.Program.Name, b.Program.Title))
		}
	}
	a.block("Broken by, in the selftest", caught)
	for _, e := range conformance.Untested() {
		if e.Requirement == r.ID {
			fmt.Fprintf(a.out, "It has no case: %s.\n", e.Reason)
		}
	}
}

func (a *app) explainCase(c conformance.Case) {
	fmt.Fprintf(a.out, "%s  since %s\n\n", c.ID, c.Since)
	wrap(a.out, c.Title, "  ", a.width)
	profiles := "all"
	if len(c.Profiles) > 0 {
		profiles = strings.Join(c.Profiles, ", ")
	}
	fmt.Fprintf(a.out, "\nRoles     %s\nProfiles  %s\n", strings.ReplaceAll(joinRoles(c.Roles), ",", ", "), profiles)
	where, depth := "on the transport", ""
	switch c.Depths {
	case conformance.OnTransport:
	case conformance.AnyDepth:
		where += ", and in a channel inside another (--depth 2 and more)"
	case conformance.InTunnel:
		where, depth = "in a channel inside another (--depth 2 and more)", " --depth 2"
	}
	if c.Hops {
		where += ", also over hops (--route)"
	}
	fmt.Fprintf(a.out, "Applies   %s\n", where)
	if len(c.Tags) > 0 {
		fmt.Fprintf(a.out, "Tags      %s\n", strings.Join(c.Tags, ", "))
	}
	byID := conformance.CatalogueByID()
	for _, id := range c.Requirements {
		r := byID[id]
		fmt.Fprintf(a.out, "\n%s %s, section %s\n", r.ID, r.Level, r.Section)
		wrap(a.out, r.Text, "  ", a.width)
	}
	fmt.Fprintf(a.out, "\nRun it with\n  ockamtest run --peer PEER --case %s%s\n", c.ID, depth)
}

func (a *app) block(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(a.out, "%s\n%s\n", title, strings.Join(lines, "\n"))
}

// wrap writes text in lines of at most width columns, each behind indent.
func wrap(w io.Writer, text, indent string, width int) {
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != indent {
			fmt.Fprintln(w, line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(w, line)
}
