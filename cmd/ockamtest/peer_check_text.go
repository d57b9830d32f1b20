package main

import (
	"fmt"
	"io"
	"strings"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
)

// adapterCheckSchema names the version of the JSON of peer check.
const adapterCheckSchema = "ockamtest/adapter-check/v1"

// An adapterCheck is what peer check prints.
type adapterCheck struct {
	Schema   string               `json:"schema"` // adapterCheckSchema
	Tool     conformance.ToolInfo `json:"tool"`
	Peer     string               `json:"peer"`
	Adapter  string               `json:"adapter"`  // as it names itself
	Protocol int                  `json:"protocol"` // version
	Line     int                  `json:"line"`     // the longest request that it takes
	Declared declaredCapabilities `json:"declared"`
	Requests int                  `json:"requests"`          // that were made
	Partial  bool                 `json:"partial,omitempty"` // it was interrupted
	Findings []checkFinding       `json:"findings"`          // never null
}

type declaredCapabilities struct {
	Verbs      []string `json:"verbs"`
	Profiles   []string `json:"profiles"`
	Roles      []string `json:"roles"`
	Over       []string `json:"over"`
	Forms      []string `json:"forms"`
	Transports []string `json:"transports"`
	Options    []string `json:"options"`
	Channels   int      `json:"channels"`
}

// A checkFinding is one thing that the adapter does otherwise than the protocol says.
type checkFinding struct {
	Rule     string   `json:"rule"`
	Request  string   `json:"request,omitempty"` // a line without its ID
	Expected string   `json:"expected"`
	Actual   string   `json:"actual"`
	Log      []string `json:"log,omitempty"` // last lines of the process
}

func newAdapterCheck(peer string, r harness.Report) *adapterCheck {
	caps := r.Capabilities
	c := &adapterCheck{
		Schema: adapterCheckSchema, Tool: conformance.ToolInfo{Name: "ockamtest", Version: version()},
		Peer: peer, Adapter: r.Hello.Name, Protocol: r.Hello.Version, Line: r.Hello.Line,
		Declared: declaredCapabilities{
			Verbs: texts(caps.Verbs), Profiles: texts(caps.Profiles), Roles: texts(caps.Roles), Over: texts(caps.Over), Forms: texts(caps.Forms),
			Transports: texts(caps.Transports), Options: texts(caps.Options), Channels: caps.Channels,
		},
		Requests: r.Requests, Findings: []checkFinding{},
	}
	for _, f := range r.Findings {
		c.Findings = append(c.Findings, checkFinding{Rule: f.Rule, Request: f.Request, Expected: f.Expected, Actual: f.Actual})
	}
	return c
}

// texts is never nil.
func texts[S ~string](words []S) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}

// writeText writes what the adapter declares, each finding, and how many.
func (c *adapterCheck) writeText(w io.Writer) {
	fmt.Fprintf(w, "%s: %s, version %d of the adapter protocol\n\n", c.Peer, c.Adapter, c.Protocol)
	for _, line := range []struct {
		name  string
		words []string
	}{
		{"verbs", c.Declared.Verbs},
		{"profiles", c.Declared.Profiles},
		{"roles", c.Declared.Roles},
		{"over", c.Declared.Over},
		{"forms", c.Declared.Forms},
		{"transports", c.Declared.Transports},
		{"options", c.Declared.Options},
	} {
		if len(line.words) > 0 {
			fmt.Fprintf(w, "  %-10s  %s\n", line.name, strings.Join(line.words, " "))
		}
	}
	if len(c.Declared.Verbs) <= alwaysDeclared() {
		fmt.Fprint(w, "\nNothing of the implementation is declared yet: fill in verb by verb.\n")
	}
	for _, f := range c.Findings {
		f.write(w)
	}
	again := "ockamtest peer check " + shellWord(c.Peer)
	switch n := len(c.Findings); {
	case c.Partial:
		fmt.Fprintf(w, "\nInterrupted after %d requests, with %d findings: this check is partial.\n", c.Requests, n)
	case n == 0:
		fmt.Fprintf(w, "\n%d requests: it keeps to the adapter protocol.\n", c.Requests)
	case n == 1:
		fmt.Fprintf(w, "\n%d requests: 1 finding. To see it again: %s\n", c.Requests, again)
	default:
		fmt.Fprintf(w, "\n%d requests: %d findings. To see them again: %s\n", c.Requests, n, again)
	}
}

// alwaysDeclared is how many verbs every adapter has.
func alwaysDeclared() int {
	n := 0
	for _, s := range harness.Signatures() {
		if s.Always {
			n++
		}
	}
	return n
}

func (f checkFinding) write(w io.Writer) {
	fmt.Fprintf(w, "\nFAIL %s\n", f.Rule)
	if f.Request != "" {
		fmt.Fprintf(w, "  request   %s\n", f.Request)
	}
	fmt.Fprintf(w, "  expected  %s\n  got       %s\n", f.Expected, f.Actual)
	for _, line := range f.Log {
		fmt.Fprintf(w, "  log       %s\n", line)
	}
}

// shellWord puts a word in single quotes if a shell would not take it as it is.
func shellWord(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
