package harness_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
)

// The reference as an adapter keeps to the protocol.
func TestCheckReference(t *testing.T) {
	report, err := harness.Check(t.Context(), reference(t))
	if err != nil {
		t.Error(err)
	}
	for _, f := range report.Findings {
		t.Error(f)
	}
	if report.Requests < 500 {
		t.Errorf("%d requests were made, too few to be the whole check", report.Requests)
	}
}

// A flaw is something between the kit and the reference that is wrong. It gets a line with its line feed, and returns what is answered; ask
// asks the reference.
type flaw func(line string, ask func(string) string) string

// flawed serves the reference with a flaw, and returns the kit's end.
func flawed(t *testing.T, wrong flaw) *harness.Client {
	t.Helper()
	a, closed, err := refadapter.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	outer, inner := net.Pipe()
	go func() { _ = errors.Join(harness.Serve(context.WithoutCancel(t.Context()), inner, a), closed()) }()
	kit, adapter := net.Pipe()
	go func() {
		defer adapter.Close()
		defer outer.Close()
		lines, answers := bufio.NewReader(adapter), bufio.NewReader(outer)
		ask := func(line string) string {
			if _, err := io.WriteString(outer, line); err != nil {
				return hangUp
			}
			answer, _ := answers.ReadString('\n')
			return answer
		}
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			text, _, ends := strings.Cut(wrong(line, ask), hangUp)
			if text != "" {
				_, err = io.WriteString(adapter, text)
			}
			if err != nil || ends {
				return
			}
		}
	}()
	c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{Timeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

const patience = 2e9 // for answers that never come

// answers makes a flaw of a change to the answers to one verb.
func answers(verb string, change func(string) string) flaw {
	return func(line string, ask func(string) string) string {
		if words := strings.Fields(line); len(words) > 1 && words[1] == verb {
			return change(ask(line))
		}
		return ask(line)
	}
}

// requests makes a flaw of a change to every request.
func requests(change func(string) string) flaw {
	return func(line string, ask func(string) string) string { return ask(change(line)) }
}

// lacking makes a flaw of a field that decode does not have.
func lacking(field string) flaw {
	return func(line string, ask func(string) string) string {
		if strings.Contains(line, " decode ") && strings.Contains(line, field) {
			return id(line) + " unsupported\n"
		}
		return ask(line)
	}
}

func replace(old, with string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, old, with) }
}

// Each flaw is found, under its rule, and the sound reference, which has none, was checked above.
func TestCheckFinds(t *testing.T) {
	for name, tc := range map[string]struct {
		wrong flaw
		rule  string
		dies  bool
	}{
		"ignores unknown fields": {requests(replace(" xyzzy=1", "")), "a field that there is not", true},
		"refuses unknown verbs": {
			answers("dance", replace("unsupported", "error class=argument")), "a verb that there is not", false,
		},
		"answers lines without ID twice": {
			func(line string, ask func(string) string) string {
				answer := ask(line)
				if strings.HasPrefix(answer, "0 ") {
					return answer + answer
				}
				return answer
			}, `after the line "-1 dance"`, false,
		},
		"decodes without the field profile": {lacking(" profile=v1"), "a known answer", false},
		"decodes without the field limit":   {lacking(" limit=5"), "a known answer", false},
		"accepts carriage returns":          {requests(replace("\r", "")), "a carriage return", false},
		"accepts two spaces":                {requests(replace("  x=1", "")), "two spaces", false},
		"does not do it":                    {answers("sha256", replace(" ok ", " unsupported detail=")), "a known answer", false},
		"says it does not":                  {answers("capabilities", replace(",sha256", "")), "a verb that is not declared", false},
		"hex in capitals":                   {answers("sha256", upper), "a known answer", false},
		"computes nonsense":                 {answers("x25519", replace("=8f", "=9f")), "a known answer", false},
		"cuts proofs":                       {answers("hkdf", cut), "a known answer", false},
		"releases what is not true":         {answers("unseal", replace("error class=authentication", "ok data=")), "a tag that does not verify", false},
		"ignores ephemeral keys": {
			func(line string, ask func(string) string) string { return ask(without(line, "ephemeral")) }, "initiator in v1 over stream", false,
		},
		"ignores peer": {
			func(line string, ask func(string) string) string { return ask(without(line, "peer")) }, "the option peer is heeded", false,
		},
		"refuses every peer": {
			func(line string, ask func(string) string) string {
				words := strings.Split(without(line, "peer"), " ")
				if len(words) > 1 && words[1] == "open" && strings.Contains(line, " peer=") {
					return ask(strings.Join(words, " ")[:len(strings.Join(words, " "))-1] + " peer=" + strings.Repeat("11", 32) + "\n")
				}
				return ask(line)
			}, "the option peer is heeded", false,
		},
		"ignores deadlines": {
			func(line string, ask func(string) string) string { return ask(without(line, "deadline")) }, "the option deadline is heeded", false,
		},
		"deadline in another unit": {requests(replace("deadline=1000", "deadline=1")), "the option deadline is heeded", false},
		"one version alone": {
			answers("hello", func(answer string) string {
				if id(answer) != "1" {
					return id(answer) + " error class=version\n"
				}
				return answer
			}), "hello again", false,
		},
		"any version": {requests(replace("versions=7,11", "versions=1")), "hello without a version that it speaks", false},
		"another name": {
			answers("hello", func(answer string) string {
				if id(answer) != "1" {
					return strings.Replace(answer, "name=", "name=other-", 1)
				}
				return answer
			}), "hello again", false,
		},
		"ignores reset":        {answers2("reset", " ok\n"), "a channel after reset", false},
		"does not close":       {answers2("close", " ok\n"), "feed after close", false},
		"answers for ever":     {answers2("feed", " ok out=00 then=quiet\n"), "a channel with itself in v1 over stream", false},
		"says nothing of then": {requestsAnswers(replace(" then=quiet", "")), "responder in v1 over message", false},
		"unsupported argument": {requestsAnswers(replace("error class=argument", "unsupported")), "without private", false},
		"a class of its own":   {requestsAnswers(replace("class=argument", "class=bad")), "a value that is none", false},
		"capability of its own": {
			answers("capabilities", replace("verbs=hello", "verbs=hello,dance")), "capabilities", false,
		},
		"capability twice":   {answers("capabilities", replace("profiles=v1", "profiles=v1,v1")), "capabilities", false},
		"no channels":        {answers("capabilities", replace("channels=1024", "channels=0")), "capabilities", false},
		"no roles":           {answers("capabilities", replace("roles=initiator,responder", "roles=")), "capabilities", false},
		"more and more":      {counter(), "capabilities, again", false},
		"stays after quit":   {answers2("quit", " ok\n"), "quit", false},
		"wrong port":         {answers("listen", replace(" at=tcp4:7f000001:", " at=tcp4:7f000001:0 port=")), "listen", false},
		"does not listen on": {answers2("listen", " ok at=tcp4:7f000001:1\n"), "listen", false},
		"does not connect":   {answers2("connect", " ok\n"), "connect", false},
		"short IDs": {
			func(line string, ask func(string) string) string { return short(ask(line)) }, "capabilities", false,
		},
		"dies of a long line": {
			func(line string, ask func(string) string) string {
				if len(line) > 100000 {
					return hangUp
				}
				return ask(line)
			}, "a line longer than it takes", true,
		},
		"shortens long lines": {
			func(line string, ask func(string) string) string {
				if len(line) > 200000 && len(line) <= harness.MaxLine {
					return ask(line[:100000] + "\n")
				}
				return ask(line)
			}, "a known answer", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := harness.Check(t.Context(), flawed(t, tc.wrong))
			if (err != nil) != tc.dies {
				t.Errorf("error %v, want one: %v; %v", err, tc.dies, report.Findings)
			}
			if !slices.ContainsFunc(report.Findings, func(f harness.Finding) bool { return f.Rule == tc.rule }) {
				t.Errorf("no finding under %q, but %d others: %.1000v", tc.rule, len(report.Findings), report.Findings)
			}
		})
	}
}

// A check that is stopped has no findings for that.
func TestCheckStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := flawed(t, func(line string, ask func(string) string) string {
		if strings.HasPrefix(line, "10 ") {
			cancel()
			return ""
		}
		return ask(line)
	})
	report, err := harness.Check(ctx, c)
	if !errors.Is(err, context.Canceled) || len(report.Findings) != 0 || report.Requests < 5 {
		t.Errorf("got %v and %d findings after %d requests, want %v and none", err, len(report.Findings), report.Requests, context.Canceled)
	}
}

// answers2 makes a flaw that answers a verb by itself.
func answers2(verb, answer string) flaw {
	return func(line string, ask func(string) string) string {
		if words := strings.Fields(line); len(words) > 1 && words[1] == verb && !strings.Contains(line, "=g") {
			return words[0] + answer
		}
		return ask(line)
	}
}

// requestsAnswers makes a flaw of a change to every answer.
func requestsAnswers(change func(string) string) flaw {
	return func(line string, ask func(string) string) string { return change(ask(line)) }
}

func upper(answer string) string {
	head, value, found := strings.Cut(answer, "=")
	if !found {
		return answer
	}
	return head + "=" + strings.ToUpper(value)
}

// cut removes two digits from the end of an answer.
func cut(answer string) string {
	if !strings.Contains(answer, "proof=") {
		return answer
	}
	return strings.TrimSuffix(answer, "\n")[:len(answer)-3] + "\n"
}

func without(line, key string) string {
	words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, key+"=") }), " ") + "\n"
}

// counter makes a flaw that has another name for each answer to capabilities.
func counter() flaw {
	n := 0
	return answers("capabilities", func(answer string) string {
		n++
		return strings.Replace(answer, "options=", "options="+strings.Repeat("end,", n), 1)
	})
}

// short takes the first digit off an ID of many.
func short(answer string) string {
	if len(id(answer)) < 5 {
		return answer
	}
	return answer[1:]
}
