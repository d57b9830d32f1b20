package attach

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// A Kind is a way to attach a peer.
type Kind string

// The kinds.
const (
	Dial      Kind = "tcp"        // the kit dials a responder
	Accept    Kind = "accept"     // the kit listens, an initiator dials
	Exec      Kind = "exec"       // the kit starts a command
	InProcess Kind = "in-process" // a program inside the kit
)

// A Spec is a parsed --peer. The zero Spec is invalid.
type Spec struct {
	Text    string   // as given
	Kind    Kind     //
	Address string   // Dial and Accept: HOST:PORT
	Command []string // Exec: program and arguments, with placeholders
	Program string   // InProcess: the program's name
}

// A SpecError tells what is wrong with a --peer, and where.
type SpecError struct {
	Text   string // as given
	Offset int    // in bytes
	Err    error
}

// Error shows the text with the place.
func (e *SpecError) Error() string {
	return fmt.Sprintf("--peer %q, at %q: %v", e.Text, e.Text[e.Offset:], e.Err)
}

// Unwrap returns the reason, so that errors.Is finds ErrNotInThisVersion.
func (e *SpecError) Unwrap() error { return e.Err }

// Parse reads a --peer: tcp://HOST:PORT, accept:tcp://HOST:PORT, exec:COMMAND, or in-process:NAME. Errors are of type *SpecError.
func Parse(text string) (Spec, error) {
	spec := Spec{Text: text}
	rest := text
	fail := func(err error) (Spec, error) { return Spec{}, &SpecError{text, len(text) - len(rest), err} }
	take := func(prefix string) (ok bool) {
		rest, ok = strings.CutPrefix(rest, prefix)
		return ok
	}

	accept := take("accept:")
	if accept {
		spec.Kind = Accept
	}
	switch {
	case take("tcp://"):
		if !accept {
			spec.Kind = Dial
		}
		if err := checkAddress(rest, accept); err != nil {
			return fail(err)
		}
		spec.Address = rest
	case strings.HasPrefix(rest, "udp://"), !accept && strings.HasPrefix(rest, "adapter:"):
		scheme, _, _ := strings.Cut(rest, ":")
		return fail(fmt.Errorf("%w: %s", ErrNotInThisVersion, scheme))
	case accept:
		return fail(errors.New("what follows accept: has to be tcp://HOST:PORT"))
	case take("exec:"):
		command, offset, err := parseCommand(rest)
		if err != nil {
			rest = rest[offset:]
			return fail(err)
		}
		spec.Kind, spec.Command = Exec, command
	case take("in-process:"):
		if rest == "" {
			return fail(errors.New("name of a program is missing"))
		}
		spec.Kind, spec.Program = InProcess, rest
	default:
		return fail(errors.New("want tcp://HOST:PORT, accept:tcp://HOST:PORT, exec:COMMAND, or in-process:NAME"))
	}
	return spec, nil
}

func checkAddress(address string, listen bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		var detail *net.AddrError
		if errors.As(err, &detail) {
			return fmt.Errorf("want HOST:PORT (an IPv6 host in brackets): %s", detail.Err)
		}
		return fmt.Errorf("want HOST:PORT: %w", err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return errors.New("port is not a number from 0 to 65535")
	}
	if listen {
		return nil // no host is every interface, port 0 is any free port
	}
	if n == 0 {
		return errors.New("port 0 cannot be dialed")
	}
	if host == "" {
		return errors.New("host is missing")
	}
	return nil
}

// placeholders are what a command may name in braces.
func placeholders() []string {
	return []string{"role", "transport", "addr", "profile", "key", "peerkey", "timeout", "route"}
}

// parseCommand splits a command and checks its placeholders; on error it tells the offset.
func parseCommand(text string) (words []string, offset int, err error) {
	split, offset, err := splitWords(text)
	if err != nil {
		return nil, offset, err
	}
	if len(split) == 0 {
		return nil, 0, errors.New("command is missing")
	}
	for _, w := range split {
		_, err := expand(w.text, func(name string) (string, error) {
			if !slices.Contains(placeholders(), name) {
				return "", fmt.Errorf("unknown placeholder {%s}: there are {%s}", name, strings.Join(placeholders(), "}, {"))
			}
			return "", nil
		})
		if err != nil {
			return nil, w.offset, err
		}
		words = append(words, w.text)
	}
	return words, 0, nil
}
