package harness_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
)

const protocolFile = "PROTOCOL.md"

func protocol(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(protocolFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const (
	sessionBegins = "```session\n"
	sessionEnds   = "```\n"
)

// The example session is what the reference says, byte for byte. OCKAMTEST_UPDATE_GOLDEN=1 writes its answers anew.
func TestExampleSession(t *testing.T) {
	text := protocol(t)
	before, rest, _ := strings.Cut(text, sessionBegins)
	session, after, found := strings.Cut(rest, sessionEnds)
	if !found {
		t.Fatal("there is no example session")
	}
	a, closed, err := refadapter.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	kit, adapter := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- errors.Join(harness.Serve(context.WithoutCancel(t.Context()), adapter, a), closed()) }()

	var replayed strings.Builder
	answers, requests := bufio.NewReader(kit), 0
	for line := range strings.Lines(session) {
		request, ok := strings.CutPrefix(line, "> ")
		if !ok {
			continue
		}
		requests++
		if _, err := kit.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		answer, err := answers.ReadString('\n')
		if err != nil {
			t.Fatalf("%q: %v", request, err)
		}
		replayed.WriteString(line + "< " + answer)
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if requests < 25 {
		t.Errorf("the session has %d requests, too few to be the example", requests)
	}
	if got := replayed.String(); got != session {
		if os.Getenv("OCKAMTEST_UPDATE_GOLDEN") == "" {
			t.Errorf("the session is\n%s\nwant\n%s", got, session)
		} else if err := os.WriteFile(protocolFile, []byte(before+sessionBegins+got+sessionEnds+after), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// rows returns the cells of the rows of a table, by its header.
func rows(t *testing.T, header string) [][]string {
	t.Helper()
	var out [][]string
	text := protocol(t)
	for {
		_, rest, found := strings.Cut(text, header+"\n")
		if !found {
			break
		}
		text = rest
		for line := range strings.Lines(rest) {
			if !strings.HasPrefix(line, "| `") {
				if strings.HasPrefix(line, "|--") {
					continue
				}
				break
			}
			var cells []string
			for _, cell := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
				cells = append(cells, strings.Trim(strings.TrimSpace(cell), "`"))
			}
			out = append(out, cells)
		}
	}
	return out
}

// The tables say what the code does.
func TestProtocolVerbs(t *testing.T) {
	table := rows(t, "| verb | required | optional | answer |")
	signatures := harness.Signatures()
	if len(table) != len(signatures) {
		t.Fatalf("the table has %d verbs, the code %d", len(table), len(signatures))
	}
	for i, s := range signatures {
		row := table[i]
		if row[0] != string(s.Verb) || !slices.Equal(strings.Fields(row[1]), s.Required) || !slices.Equal(strings.Fields(row[2]), s.Optional) {
			t.Errorf("row %v, want %v", row, s)
		}
	}
}

func TestProtocolClasses(t *testing.T) {
	table := rows(t, "| class | when |")
	classes := harness.Classes()
	if len(table) != len(classes) {
		t.Errorf("the tables have %d classes, the code %d", len(table), len(classes))
	}
	for i := range min(len(table), len(classes)) {
		if table[i][0] != string(classes[i]) {
			t.Errorf("row %d is %q, want %q", i, table[i][0], classes[i])
		}
	}
}

func TestProtocolCapabilities(t *testing.T) {
	c, err := reference(t).Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	forms := rows(t, "| `as` | what | fields |")
	for i, form := range c.Forms {
		if len(forms) != len(c.Forms) || forms[i][0] != string(form) {
			t.Errorf("the table of forms is %v, want %v", forms, c.Forms)
			break
		}
	}
	fields := rows(t, "| field of `open` | what |")
	var keys []string
	for _, row := range fields {
		keys = append(keys, strings.Split(row[0], "`, `")...)
	}
	for _, s := range harness.Signatures() {
		if want := slices.Concat(s.Required, s.Optional); s.Verb == harness.VerbOpen && !slices.Equal(keys, want) {
			t.Errorf("the table of open has %v, want %v", keys, want)
		}
	}
}

// The limits in the text are those of the code.
func TestProtocolLimits(t *testing.T) {
	text := protocol(t)
	for _, phrase := range []string{"at most 262,144 bytes long", "*16( SP field )", "*1024( SP field )", "at most 2147483647", "1,024 to 262,144", "at most 1,024"} {
		if !strings.Contains(text, phrase) {
			t.Errorf("%s does not say %q", protocolFile, phrase)
		}
	}
	if harness.MaxLine != 262144 || harness.MinLine != 1024 || harness.MaxRequestFields != 16 || harness.MaxAnswerFields != 1024 ||
		harness.MaxID != 2147483647 || harness.MaxOutstanding != 1024 || harness.MaxWord != 16 {
		t.Error("the code's limits are others")
	}
}

// Each requirement that the text cites exists.
func TestProtocolCitations(t *testing.T) {
	known, cited := conformance.CatalogueByID(), regexp.MustCompile(`\b[A-Z]{3,5}-0[0-9]{2}\b`).FindAllString(protocol(t), -1)
	for _, id := range cited {
		if _, ok := known[id]; !ok {
			t.Errorf("%s does not exist", id)
		}
	}
	if len(cited) < 30 {
		t.Errorf("%d requirements are cited, too few", len(cited))
	}
}
