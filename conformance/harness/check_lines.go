package harness

import (
	"errors"
	"fmt"
	"strings"
)

// raw sends a line as it is, for the checks: what Start would not send. The line begins with the ID and a space, if it is to have one.
func (c *Client) raw(line string, withID bool) *Call {
	call := &Call{client: c, verb: "line", done: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		call.finish(Answer{}, c.ended)
		return call
	}
	if !withID {
		c.unsent = append(c.unsent, line...)
		call.finish(Answer{}, nil)
		c.wake()
		return call
	}
	if c.last++; c.last > MaxID {
		c.last = 1
	}
	call.id = c.last
	c.unsent = fmt.Appendf(c.unsent, "%d %s", call.id, line)
	c.waiting[call.id] = call
	c.queue = append(c.queue, call)
	c.wake()
	return call
}

// lines checks what comes of lines that the grammar does not have: they are not carried out, and nothing else suffers.
func (k *checker) lines() {
	for _, line := range []struct{ rule, text string }{
		{"a verb with capitals", "Reset\n"},
		{"a field without =", "reset now\n"},
		{"a field without key", "reset =\n"},
		{"two spaces", "reset  x=1\n"},
		{"a space at the end", "reset \n"},
		{"a carriage return", "reset\r\n"},
		{"a byte that is not ASCII", "reset x=\xff\n"},
		{"more fields than there may be", "reset" + strings.Repeat(" x=1", MaxRequestFields+1) + "\n"},
		{"a long verb", strings.Repeat("x", 1000) + "\n"},
		{"a long key", "reset " + strings.Repeat("x", 1000) + "=\n"},
		{"a line longer than it takes", "sha256 data=" + strings.Repeat("0", k.report.Hello.Line) + "\n"},
		{"a line that is much longer", "sha256 data=" + strings.Repeat("0", 3*MaxLine) + "\n"},
	} {
		k.report.Requests++
		_, err := k.c.raw(line.text, true).Wait(k.ctx)
		var refusal *Refusal
		if !errors.As(err, &refusal) && !errors.Is(err, ErrUnsupported) {
			k.find(line.rule, Request{}, answerText(Refuse(ClassSyntax)), answerText(err))
		}
		k.ok("the request after "+line.rule, Request{Verb: VerbReset})
	}
	for _, text := range []string{"reset\n", "\n", "x dance\n", "-1 dance\n", "\x00\xff\n"} {
		k.nobody(text)
	}
}

// nobody sends a line without an ID that can be read. What is answered, if anything, is a stray line to the Client and costs one request.
func (k *checker) nobody(text string) {
	rule := fmt.Sprintf("after the line %q", strings.TrimSuffix(text, "\n"))
	k.report.Requests += 2
	_, _ = k.c.raw(text, false).Wait(k.ctx)                   // nobody waits for it
	_, err := k.c.Start(Request{Verb: VerbReset}).Wait(k.ctx) // pays for the stray line
	if err != nil && !errors.Is(err, ErrStray) {
		k.find(rule, Request{}, "ok to reset, or a stray line", answerText(err))
	}
	k.ok(rule, Request{Verb: VerbReset})
}

// undeclared checks that what is not declared is unsupported.
func (k *checker) undeclared() {
	k.refuses("a verb that there is not", Request{Verb: "dance"}, ErrUnsupported)
	k.refuses("a verb of 16 letters that there is not", Request{Verb: "abcdefghijklmnop", Fields: Fields{{"data", "00"}}}, ErrUnsupported)
	for _, s := range Signatures() {
		r := k.good(s.Verb)
		if !k.report.Capabilities.Has(s.Verb) {
			if !s.Always { // that was found before
				k.refuses("a verb that is not declared", r, ErrUnsupported)
			}
			continue
		}
		r.Fields = append(r.Fields, Field{"xyzzy", "1"})
		if s.Verb != VerbQuit { // see there
			k.refuses("a field that there is not", r, ErrUnsupported)
		}
		if !s.hasOptions() {
			continue
		}
		for _, option := range s.Optional {
			if option != "data" && !k.report.Capabilities.Heeds(option) {
				r := k.good(s.Verb)
				r.Fields = append(r.Fields, Field{option, sample(option)})
				k.refuses("an option that is not declared", r, ErrUnsupported)
			}
		}
	}
}

// sample is some value of an optional field.
func sample(option string) string {
	switch option {
	case "local", "remote", "from":
		return "tcp4:7f000001:4000"
	case "address", "listener", "service", "route", "onward", "return":
		return "local:0a0b0c0d"
	case "window", "limit", "deadline":
		return "1000"
	case "end":
		return string(FIN)
	}
	return strings.Repeat("11", 32)
}

// arguments checks, for each verb that is declared, requests that lack a field or have a value that is none of its kind.
func (k *checker) arguments() {
	caps := k.report.Capabilities
	if caps.Has(VerbOpen) {
		k.ok("open", k.good(VerbOpen)) // the channel of the others
	}
	for _, s := range Signatures() {
		if !caps.Has(s.Verb) {
			continue
		}
		for _, key := range s.Required {
			good := k.good(s.Verb)
			missing, malformed := Request{Verb: s.Verb}, Request{Verb: s.Verb}
			for _, f := range good.Fields {
				if f.Key != key {
					missing.Fields, malformed.Fields = append(missing.Fields, f), append(malformed.Fields, f)
					continue
				}
				malformed.Fields = append(malformed.Fields, Field{key, ",g"})
			}
			k.refuses("without "+key, missing, Refuse(ClassArgument))
			if _, listed := caps.values(key); listed {
				k.refuses("a value that is not declared", malformed, ErrUnsupported)
			} else {
				k.refuses("a value that is none", malformed, Refuse(ClassArgument))
			}
		}
	}
}
