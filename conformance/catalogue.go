package conformance

import (
	_ "embed" // the specification
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed spec/ockam-v1.md
var specification string

// Specification returns the specification that this kit tests, as Markdown.
func Specification() string { return specification }

// errCatalogue says that a text is not a specification in the form that Catalogue reads.
var errCatalogue = errors.New("conformance: malformed specification")

// Areas returns the areas of the requirements, in the order of the specification.
func Areas() []string {
	return []string{"IO", "TRAN", "WIRE", "NOISE", "KEY", "CHAN", "REC", "ROUT", "VAULT", "MEM"}
}

// Catalogue returns every requirement of the specification, in its order and its words. It parses the embedded text each time;
// a caller that looks up many keeps the result.
func Catalogue() []Requirement {
	all, err := parseCatalogue(specification)
	if err != nil {
		panic(err) // the text is part of the program, and a test parses it
	}
	return all
}

// CatalogueByID returns the catalogue by requirement ID.
func CatalogueByID() map[string]Requirement {
	byID := make(map[string]Requirement)
	for _, r := range Catalogue() {
		byID[r.ID] = r
	}
	return byID
}

// StrongestLevel returns the strongest level of the requirements with the given IDs: MUST before SHOULD before MAY. It is the level
// of a case. Unknown IDs have none; no known ID gives the empty Level.
func StrongestLevel(ids []string) Level {
	var strongest Level
	for _, r := range Catalogue() {
		if slices.Contains(ids, r.ID) && r.Level.rank() > strongest.rank() {
			strongest = r.Level
		}
	}
	return strongest
}

func (l Level) rank() int {
	return slices.Index([]Level{May, Should, Must}, l)
}

// The lines of the specification that matter here. A bullet's text goes on in lines indented by two spaces.
var (
	headingLine = regexp.MustCompile(`^##+ ([0-9]+(?:\.[0-9]+)?)\.? (.+)$`)
	areaMark    = regexp.MustCompile(` \(area ([A-Z]+)\)$`)
	bulletLine  = regexp.MustCompile(`^- \*\*(([A-Z]+)-[0-9]{3}) (MUST|SHOULD|MAY) \[([wa])\]\*\* (.+)$`)
)

// A catalogueParser is where the parser stands in the text.
type catalogueParser struct {
	section, heading, area string
	open                   bool // the last line belongs to the last requirement
	all                    []Requirement
}

func parseCatalogue(text string) ([]Requirement, error) {
	var p catalogueParser
	n := 0
	for line := range strings.Lines(text) {
		n++
		if err := p.line(strings.TrimRight(line, " \r\n"), n); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", errCatalogue, n, err)
		}
	}
	if len(p.all) == 0 {
		return nil, fmt.Errorf("%w: no requirement", errCatalogue)
	}
	return p.all, nil
}

func (p *catalogueParser) line(line string, n int) error {
	switch {
	case line == "":
		p.open = false
	case strings.HasPrefix(line, "## "), strings.HasPrefix(line, "### "):
		p.open = false
		return p.enter(line)
	case strings.HasPrefix(line, "- **"):
		p.open = true
		return p.bullet(line, n)
	case p.open && strings.HasPrefix(line, "  "):
		last := &p.all[len(p.all)-1]
		last.Text += " " + strings.TrimSpace(line)
	case p.open:
		return errors.New("text that is not indented follows a requirement")
	}
	return nil
}

// enter begins a section. A subsection without a mark of its own has the area of its section.
func (p *catalogueParser) enter(line string) error {
	m := headingLine.FindStringSubmatch(line)
	if m == nil {
		return errors.New("heading without a number")
	}
	p.section, p.heading = m[1], m[2]
	if strings.HasPrefix(line, "## ") {
		p.area = ""
	}
	if mark := areaMark.FindStringSubmatch(p.heading); mark != nil {
		p.heading, p.area = strings.TrimSuffix(p.heading, mark[0]), mark[1]
	}
	return nil
}

func (p *catalogueParser) bullet(line string, n int) error {
	m := bulletLine.FindStringSubmatch(line)
	if m == nil {
		return errors.New("bullet in bold that is not a requirement")
	}
	r := Requirement{
		ID: m[1], Area: m[2], Section: p.section, Heading: p.heading,
		Level: Level(m[3]), OnWire: m[4] == "w", Text: m[5], SpecLine: n,
	}
	if r.Area != p.area {
		return fmt.Errorf("%s stands in area %q", r.ID, p.area)
	}
	if slices.ContainsFunc(p.all, func(other Requirement) bool { return other.ID == r.ID }) {
		return fmt.Errorf("%s is defined twice", r.ID)
	}
	p.all = append(p.all, r)
	return nil
}
