package expect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// A document is the file's form: one key, so that others can come.
type document struct {
	Expect []located `yaml:"expect"`
}

// A located entry knows its line.
type located struct{ Entry }

// UnmarshalYAML implements yaml.Unmarshaler. It refuses fields that there are not.
func (e *located) UnmarshalYAML(node *yaml.Node) error {
	e.Line = node.Line
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: an entry has fields: case, requirement, reason, and others", node.Line)
	}
	for i := 0; i < len(node.Content); i += 2 {
		if name := node.Content[i]; !slices.Contains(fields(), name.Value) {
			return fmt.Errorf("line %d, column %d: there is no field %q", name.Line, name.Column, name.Value)
		}
	}
	return node.Decode(&e.Entry)
}

func fields() []string {
	return []string{"case", "requirement", "role", "transport", "profile", "depth", "class", "reason", "expires"}
}

// Read reads a file's content. What is wrong is an ErrFile that names the line. cases are those that there are: an entry of none of them, or of a
// requirement that does not exist, is an error too.
func Read(name string, data []byte, cases []conformance.Case) (*List, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: %s: %d bytes, at most %d are read", ErrFile, name, len(data), MaxBytes)
	}
	var d document
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil && !errors.Is(err, io.EOF) { // nothing, or comments alone
		return nil, fmt.Errorf("%w: %s: %s", ErrFile, name, inOneLine(err))
	}
	if len(d.Expect) > maxEntries {
		return nil, fmt.Errorf("%w: %s: %d entries, at most %d are read", ErrFile, name, len(d.Expect), maxEntries)
	}
	l := &List{Name: name}
	known := conformance.CatalogueByID() // once, for it is read from the specification
	for i := range d.Expect {
		e := d.Expect[i].Entry
		if problem := e.problem(cases, known); problem != "" {
			return nil, fmt.Errorf("%w: %s:%d: %s", ErrFile, name, e.Line, problem)
		}
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

// inOneLine is what is wrong first, and its line.
func inOneLine(err error) string {
	text := err.Error()
	var types *yaml.TypeError
	if errors.As(err, &types) && len(types.Errors) > 0 {
		text = types.Errors[0]
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(text, "yaml: "), "\n")
	return first
}

// problem says in words what is wrong with an entry; empty if nothing is.
func (e *Entry) problem(cases []conformance.Case, requirements map[string]conformance.Requirement) string {
	_, known := requirements[e.Requirement]
	_, profiled := profile.Lookup(e.Profile)
	switch {
	case e.Case == "" && e.Requirement == "":
		return "names neither a case nor a requirement"
	case strings.TrimSpace(e.Reason) == "":
		return "has no reason"
	case e.Case != "" && !slices.ContainsFunc(cases, func(c conformance.Case) bool { return matches(e.Case, c.ID) }):
		return fmt.Sprintf("there is no case %q", e.Case)
	case e.Requirement != "" && !known:
		return fmt.Sprintf("there is no requirement %q", e.Requirement)
	case e.Profile != "" && !profiled:
		return fmt.Sprintf("there is no profile %q", e.Profile)
	case !slices.Contains([]conformance.Role{"", conformance.Responder, conformance.Initiator, conformance.Router}, e.Role):
		return fmt.Sprintf("role is %q, not responder, initiator, or router", e.Role)
	case !slices.Contains([]conformance.Transport{"", conformance.TCP, conformance.UDP, conformance.Mem}, e.Transport):
		return fmt.Sprintf("transport is %q, not tcp, udp, or mem", e.Transport)
	case e.Class != "" && !slices.Contains(conformance.Classes(), e.Class):
		return fmt.Sprintf("class is %q, not one of %v", e.Class, conformance.Classes())
	case e.Depth < 0:
		return fmt.Sprintf("depth is %d", e.Depth)
	}
	return ""
}

// header stands at the top of a file that is written.
const header = `# What is expected of a peer: failures that are known, each with its reason. 'ockamtest run --expect' makes them known-fail,
# 'ockamtest run --bless --expect' writes this file anew.
`

// Write returns the content of the list's file.
func (l *List) Write() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	err := encoder.Encode(struct {
		Expect []Entry `yaml:"expect"`
	}{l.Entries})
	if err := errors.Join(err, encoder.Close()); err != nil {
		return nil, fmt.Errorf("expect: write: %w", err)
	}
	return b.Bytes(), nil
}
