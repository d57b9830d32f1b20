package conformance

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// requirementCount is how many requirements the specification has. Whoever adds one changes it here, knowingly.
const requirementCount = 118

func TestCatalogueIsComplete(t *testing.T) {
	all := Catalogue()
	if got, want := len(all), requirementCount; got != want {
		t.Errorf("got %d requirements, want %d", got, want)
	}
	if got, want := len(all), strings.Count(Specification(), "\n- **"); got != want {
		t.Errorf("got %d requirements, want %d, one for each bullet in bold", got, want)
	}
	wellFormed := regexp.MustCompile(`^(IO|TRAN|WIRE|NOISE|KEY|CHAN|REC|ROUT|VAULT|MEM)-[0-9]{3}$`)
	seen := map[string]bool{}
	lines := strings.Split(Specification(), "\n")
	for _, r := range all {
		if !wellFormed.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%s is malformed or not unique", r.ID)
		}
		seen[r.ID] = true
		if r.Area != strings.Split(r.ID, "-")[0] || r.Section == "" || r.Heading == "" || r.Level.rank() < 0 || r.Text == "" {
			t.Errorf("%s is incomplete: %+v", r.ID, r)
		}
		if got, want := lines[r.SpecLine-1], "- **"+r.ID+" "; !strings.HasPrefix(got, want) {
			t.Errorf("%s: line %d is %q", r.ID, r.SpecLine, got)
		}
	}
}

func TestCatalogueCounts(t *testing.T) {
	areas, levels, onWire := map[string]int{}, map[Level]int{}, 0
	for _, r := range Catalogue() {
		areas[r.Area]++
		levels[r.Level]++
		if r.OnWire {
			onWire++
		}
	}
	wantAreas := map[string]int{
		"IO": 6, "TRAN": 20, "WIRE": 15, "NOISE": 19, "KEY": 4, "CHAN": 14, "REC": 14, "ROUT": 11, "VAULT": 12, "MEM": 3,
	}
	for _, area := range Areas() {
		if got, want := areas[area], wantAreas[area]; got != want {
			t.Errorf("area %s: got %d, want %d", area, got, want)
		}
	}
	if got, want := len(areas), len(Areas()); got != want {
		t.Errorf("got %d areas, want %d", got, want)
	}
	if levels[Must] != 109 || levels[Should] != 9 || levels[May] != 0 || onWire != 79 {
		t.Errorf("got levels %v, %d on the wire, want 109 MUST, 9 SHOULD, 79 on the wire", levels, onWire)
	}
}

// The catalogue quotes: these are the specification's words, with only line ends turned into spaces.
func TestCatalogueQuotes(t *testing.T) {
	tests := []Requirement{
		{ID: "IO-001", Area: "IO", Section: "2", Heading: "IO", Level: Must,
			Text: "One write produces exactly one message; one completed read consumes exactly one message; message boundaries and " +
				"order are kept on ordered transports."},
		{ID: "TRAN-001", Area: "TRAN", Section: "3.1", Heading: "TCP", Level: Must, OnWire: true,
			Text: "A frame is a 2-byte big-endian unsigned length L followed by exactly L bytes; L does not count itself. " +
				"0 <= L <= 65535."},
		{ID: "NOISE-005", Area: "NOISE", Section: "5", Heading: "Key agreement", Level: Must, OnWire: true,
			Text: "Every tag is verified, the empty payloads' included, before any state is kept and before anything is sent in reply."},
		{ID: "NOISE-010", Area: "NOISE", Section: "5", Heading: "Key agreement", Level: Must, OnWire: true,
			Text: "After m3, Split gives k1 and k2 (HKDF of ck with empty input). **The responder encrypts with k1 and the initiator " +
				"encrypts with k2.** This is the reverse of Noise's Split; all deployed peers do it."},
		{ID: "KEY-001", Area: "KEY", Section: "5.1", Heading: "The key agreement interface", Level: Must,
			Text: "encrypt or decrypt before completion is an error."},
		{ID: "MEM-003", Area: "MEM", Section: "10", Heading: "Memory", Level: Should,
			Text: "The steady state of a channel (read, write) allocates nothing."},
	}
	byID := CatalogueByID()
	if got, want := len(byID), requirementCount; got != want {
		t.Errorf("got %d IDs, want %d", got, want)
	}
	for _, want := range tests {
		got := byID[want.ID]
		got.SpecLine = 0 // another test's business
		if got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", want.ID, got, want)
		}
	}
}

func TestParseCatalogueRefuses(t *testing.T) {
	const section = "## 2. IO (area IO)\n\n"
	tests := []struct{ name, text string }{
		{"nothing", ""},
		{"no requirement", section},
		{"heading without number", "## IO (area IO)\n"},
		{"unknown level", section + "- **IO-001 WILL [w]** Text.\n"},
		{"no mark", section + "- **IO-001 MUST** Text.\n"},
		{"no text", section + "- **IO-001 MUST [w]**\n"},
		{"two digits", section + "- **IO-" + "01 MUST [w]** Text.\n"},
		{"wrong area", section + "- **KEY-001 MUST [w]** Text.\n"},
		{"section without area", section + "## 3. More\n- **IO-001 MUST [w]** Text.\n"},
		{"twice", section + "- **IO-001 MUST [w]** Text.\n- **IO-001 MUST [w]** Text.\n"},
		{"not indented", section + "- **IO-001 MUST [w]** Text\nthat goes on.\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, err := parseCatalogue(test.text); !errors.Is(err, errCatalogue) || got != nil {
				t.Errorf("got %d requirements, error %v; want none, errCatalogue", len(got), err)
			}
		})
	}
}

func TestParseCatalogueAccepts(t *testing.T) {
	const text = "## 2. IO (area IO)\n- **IO-001 MUST [w]** One\n  and more,\n  and more.\n- **IO-002 MAY [a]** Two.\n\nProse.\n### 2.1 Sub\n" +
		"- **IO-003 SHOULD [a]** Three."
	got, err := parseCatalogue(text)
	want := []Requirement{
		{ID: "IO-001", Area: "IO", Section: "2", Heading: "IO", Level: Must, OnWire: true, Text: "One and more, and more.", SpecLine: 2},
		{ID: "IO-002", Area: "IO", Section: "2", Heading: "IO", Level: May, Text: "Two.", SpecLine: 5},
		{ID: "IO-003", Area: "IO", Section: "2.1", Heading: "Sub", Level: Should, Text: "Three.", SpecLine: 9},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestStrongestLevel(t *testing.T) {
	tests := []struct {
		name string
		ids  []string
		want Level
	}{
		{"none", nil, ""},
		{"unknown", []string{"NOPE-001"}, ""},
		{"should", []string{"NOISE-009", "WIRE-004"}, Should},
		{"must wins", []string{"NOISE-009", "NOISE-005"}, Must},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := StrongestLevel(test.ids); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
