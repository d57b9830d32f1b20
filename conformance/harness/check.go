package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Report is what Check has found. An adapter without Findings keeps to PROTOCOL.md; whether the implementation behind it is right is for cases
// and vectors to tell, apart from the known answers that show whether bytes arrive as they were sent.
type Report struct {
	Hello        Hello
	Capabilities Capabilities
	Requests     int // that were made
	Findings     []Finding
}

// A Finding is one thing that an adapter does otherwise than PROTOCOL.md says.
type Finding struct {
	Rule     string // what is checked, in a few words
	Request  string // the line, without its ID and shortened; empty if it is about more than one
	Expected string
	Actual   string
}

// String is the finding in one line.
func (f Finding) String() string {
	s := f.Rule
	if f.Request != "" {
		s += ": " + f.Request
	}
	return s + ": expected " + f.Expected + "; got " + f.Actual
}

// Check tests an adapter, at the end of a control connection that has said hello, against PROTOCOL.md: what it declares, each verb with something
// good and something bad, lines that are not understood, requests that are longer than it takes, many at once, and that the same requests have
// the same answers. At the end it lets the adapter quit; the Client is of no use afterwards. The error is that of ctx, or why the connection
// ended before; then the Report is what was found until then.
func Check(ctx context.Context, c *Client) (Report, error) {
	k := &checker{ctx: ctx, c: c, report: Report{Hello: c.Hello()}}
	c.mu.Lock()
	c.last = MaxID - 5 // the first requests have the longest IDs
	c.mu.Unlock()
	parts := []func(){
		k.versions, k.lines, k.undeclared, k.arguments, k.primitives, k.codec, k.channels, k.heeded, k.burst, k.sockets, k.quit,
	}
	if !k.capabilities() {
		parts = []func(){k.versions, k.lines, k.quit} // nothing is known of the rest
	}
	for _, part := range parts {
		part()
		if ctx.Err() != nil {
			return k.report, fmt.Errorf("check: %w", ctx.Err())
		}
		if k.dead {
			return k.report, fmt.Errorf("check: %w", c.Err())
		}
	}
	return k.report, nil
}

// A checker is the state of one Check.
type checker struct {
	ctx    context.Context
	c      *Client
	report Report
	dead   bool // the connection has ended, and there is a finding about that
}

// shown is how many characters of a request a Finding shows.
const shown = 120

func (k *checker) find(rule string, r Request, expected, actual string) {
	if k.dead || k.ctx.Err() != nil {
		return // one finding tells that it is dead, and that the check was stopped is none
	}
	line := ""
	if r.Verb != "" {
		r.ID = 1
		text, _ := r.Append(nil) // requests of the checks are well-formed
		line = strings.TrimSpace(strings.TrimPrefix(string(text), "1 "))
	}
	if len(line) > shown {
		line = line[:shown] + "…"
	}
	k.report.Findings = append(k.report.Findings, Finding{rule, line, expected, actual})
	k.dead = k.c.Err() != nil
}

// ask makes a request.
func (k *checker) ask(r Request) (Fields, error) {
	k.report.Requests++
	return k.c.Start(r).Wait(k.ctx)
}

// ok makes a request that has to be answered with ok.
func (k *checker) ok(rule string, r Request) (Fields, bool) {
	fields, err := k.ask(r)
	if err != nil {
		k.find(rule, r, "ok", answerText(err))
	}
	return fields, err == nil
}

// refuses makes a request that has to be answered with an error, or ErrUnsupported.
func (k *checker) refuses(rule string, r Request, want error) {
	_, err := k.ask(r)
	if !errors.Is(err, want) {
		k.find(rule, r, answerText(want), answerText(err))
	}
}

// verdict makes a request that the implementation has to refuse, with whatever class.
func (k *checker) verdict(rule string, r Request) {
	_, err := k.ask(r)
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Class.OfRequest() {
		k.find(rule, r, "error with a class of what implementations refuse", answerText(err))
	}
}

// twice makes a request two times and wants the same answer.
func (k *checker) twice(rule string, r Request) (Fields, bool) {
	first, ok := k.ok(rule, r)
	if !ok {
		return nil, false
	}
	if again, ok := k.ok(rule, r); ok && !slices.Equal(first, again) {
		k.find(rule+", again", r, "the same answer", "another")
	}
	return first, true
}

// answerText says what an answer was, by its error.
func answerText(err error) string {
	var refusal *Refusal
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrUnsupported):
		return "unsupported"
	case errors.As(err, &refusal):
		return strings.TrimSpace(strings.TrimPrefix(refusal.Error(), "harness: refused: "))
	}
	return err.Error()
}

// capabilities checks what is declared, and reports whether it is known.
func (k *checker) capabilities() bool {
	r := Request{Verb: VerbCapabilities}
	fields, ok := k.twice("capabilities", r)
	if !ok {
		return false
	}
	d := decoder{fields: fields}
	caps := d.capabilities()
	if d.wrong != "" {
		k.find("capabilities", r, "all fields of section 5", "wrong or missing: "+d.wrong)
		return false
	}
	k.report.Capabilities = caps
	var all, options []string
	for _, s := range Signatures() {
		all = append(all, string(s.Verb))
		if s.Always && !caps.Has(s.Verb) {
			k.find("capabilities", r, "verb "+string(s.Verb), "it is not declared")
		}
		if s.hasOptions() {
			options = append(options, s.Optional...)
		}
	}
	for _, list := range []struct {
		key            string
		declared, have []string
	}{
		{"verbs", stringsOf(caps.Verbs), all},
		{"profiles", caps.Profiles, []string{"v1", "c09", "e09", "c010"}},
		{"roles", stringsOf(caps.Roles), []string{string(Initiator), string(Responder)}},
		{"over", stringsOf(caps.Over), []string{string(Stream), string(Message), string(Datagram)}},
		{"forms", stringsOf(caps.Forms), stringsOf(forms())},
		{"transports", caps.Transports, []string{"tcp", "udp"}},
		{"options", caps.Options, options},
	} {
		for i, word := range list.declared {
			if !slices.Contains(list.have, word) {
				k.find("capabilities", r, "words of section 5 in "+list.key, fmt.Sprintf("%q", word))
			}
			if slices.Contains(list.declared[:i], word) {
				k.find("capabilities", r, "each word once in "+list.key, fmt.Sprintf("%q twice", word))
			}
		}
	}
	k.complete(caps)
	return true
}

// complete checks that what is declared is enough to be used.
func (k *checker) complete(caps Capabilities) {
	r := Request{Verb: VerbCapabilities}
	channels := caps.Has(VerbOpen) || caps.Has(VerbListen) || caps.Has(VerbConnect)
	if caps.Has(VerbOpen) && (!caps.Has(VerbFeed) || !caps.Has(VerbWrite) || !caps.Has(VerbClose)) {
		k.find("capabilities", r, "feed, write, and close beside open", "not all of them")
	}
	if caps.Has(VerbOpen) && (len(caps.Roles) == 0 || len(caps.Over) == 0 || caps.Channels == 0) {
		k.find("capabilities", r, "roles, over, and channels with open", "none")
	}
	if channels && len(caps.Profiles) == 0 {
		k.find("capabilities", r, "profiles with open, listen, or connect", "none")
	}
	if (caps.Has(VerbListen) || caps.Has(VerbConnect)) && len(caps.Transports) == 0 {
		k.find("capabilities", r, "transports with listen or connect", "none")
	}
	if (caps.Has(VerbDecode) || caps.Has(VerbEncode)) && len(caps.Forms) == 0 {
		k.find("capabilities", r, "forms with decode or encode", "none")
	}
}

func forms() []Form {
	return []Form{AsHandshake, AsTransport, AsInner, AsRoute, AsAddress, AsU2LE, AsFrames}
}

// quit lets the adapter end.
func (k *checker) quit() {
	k.ok("reset before quit", Request{Verb: VerbReset})
	k.refuses("a field that there is not", Request{Verb: VerbQuit, Fields: Fields{{"xyzzy", "1"}}}, ErrUnsupported)
	k.report.Requests++
	if err := k.c.Quit(k.ctx); err != nil {
		k.find("quit", Request{Verb: VerbQuit}, "ok, then the end of the control connection", answerText(err))
	}
}
