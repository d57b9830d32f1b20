package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/conformance/harness/skeleton"
)

// The number codec of an implementation, with a fault, and the verb that lets the kit reach it.
const storyCode = `static size_t u2le_read(const uint8_t *p, size_t n, unsigned *value)
{
    if (n < 1)
        return 0;
    *value = p[0] & 0x7f;
    if (p[0] < 0x80)
        return 1;
    if (n < 2)
        return 0;
    *value |= (unsigned)p[1] << 7;
    return 2;
}

static void decode(void)
{
    uint8_t data[16];
    unsigned value;
    long n = unhex(get("data"), data, sizeof data);
    if (n < 0 || !get("as"))
        error("argument");
    else if (strcmp(get("as"), "u2le") != 0)
        unsupported();
    else if (u2le_read(data, (size_t)n, &value))
        fprintf(out, "%s ok value=%u used=%zu\n", id, value, u2le_read(data, (size_t)n, &value));
    else
        error("rejected");
}

static void capabilities(void)`

// storyEdits are what README's reader does to the skeleton, one after the other.
func storyEdits() [][2]string {
	return [][2]string{
		{"static void capabilities(void)", storyCode},
		{"verbs=hello,capabilities,reset,quit profiles=", "verbs=hello,capabilities,reset,quit,decode profiles=v1"},
		{"forms=", "forms=u2le"},
		{`{"quit", "", quit},`, `{"quit", "", quit}, {"decode", " as data ", decode},`},
		{`" as data "`, `" as data profile limit "`},
		{"if (n < 2)", "if (n < 2 || p[1] >= 0x80)"},
	}
}

// README tells the way from a skeleton to the first fault as it goes.
func TestReadmeStory(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := initialised(t, "c")
	edits := storyEdits()
	edit(t, s, edits[:4])
	says(t, string(readme), exitNotConformant, "FAIL a known answer\n", "peer", "check", "adapter:./adapter")
	edit(t, s, edits[4:5])
	says(t, "", exitConformant, "it keeps to the adapter protocol", "peer", "check", "adapter:./adapter")
	says(t, string(readme), exitNotConformant, "FAIL  codec.json, tcId 29", "vectors", "run", "--peer", "adapter:./adapter")
	edit(t, s, edits[5:])
	says(t, "", exitConformant, "66 pass  0 fail", "vectors", "run", "--peer", "adapter:./adapter")
}

// edit changes the skeleton and builds it.
func edit(t *testing.T, s skeleton.Skeleton, edits [][2]string) {
	t.Helper()
	source, err := os.ReadFile("adapter.c")
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	for _, e := range edits {
		next := strings.Replace(text, e[0], e[1], 1)
		if next == text {
			t.Fatalf("the skeleton has no %q", e[0])
		}
		text = next
	}
	if err := os.WriteFile("adapter.c", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	runTool(t, s.Build...)
}

// says runs the command, and wants that it prints something, up to the next empty line as it stands in the README if that is given.
func says(t *testing.T, readme string, code int, want string, args ...string) {
	t.Helper()
	got, out, errs := typed(t, args...)
	_, rest, found := strings.Cut(out, want)
	if got != code || !found {
		t.Fatalf("%q: exit code %d, want %d and %q: %s%s", args, got, code, want, out, errs)
	}
	if readme == "" {
		return
	}
	block, _, _ := strings.Cut(want+rest, "\n\n")
	if quote := "    " + strings.ReplaceAll(block, "\n", "\n    "); !strings.Contains(readme, quote) {
		t.Errorf("README does not have\n%s", quote)
	}
}
