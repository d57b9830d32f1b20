package attach

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"ockamtest/conformance"
)

// A Kind is a way to attach a peer.
type Kind string

// The kinds.
const (
	Dial      Kind = "tcp"        // the kit dials a responder, over TCP or UDP
	Accept    Kind = "accept"     // the kit listens, an initiator dials
	Exec      Kind = "exec"       // the kit starts a command
	Adapter   Kind = "adapter"    // the kit starts a command that speaks the adapter protocol (conformance/harness)
	InProcess Kind = "in-process" // a program inside the kit
)

// A Spec is a parsed --peer. The zero Spec is invalid.
type Spec struct {
	Text    string   // as given
	Kind    Kind     //
	Address string   // Dial and Accept: HOST:PORT
	UDP     bool     // Dial and Accept: over UDP, not TCP
	Packets string   // Dial: HOST:PORT of the UDP socket of a router that listens over both transports, else empty
	Command []string // Exec: program and arguments, with placeholders; Adapter: without
	Pipes   bool     // Adapter: the control connection is inherited pipes, not TCP
	Program string   // InProcess: the program's name
}

// transport is what a peer at an address is reached over.
func (s Spec) transport() conformance.Transport {
	if s.UDP {
		return conformance.UDP
	}
	return conformance.TCP
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

// Unwrap returns the reason.
func (e *SpecError) Unwrap() error { return e.Err }

// Parse reads a --peer: tcp://HOST:PORT, udp://HOST:PORT, accept:tcp://HOST:PORT, accept:udp://HOST:PORT,
// tcp://HOST:PORT,udp://HOST:PORT for a router, exec:COMMAND, adapter:COMMAND, adapter+fd:COMMAND, or in-process:NAME. Errors are of type
// *SpecError.
func Parse(text string) (Spec, error) {
	spec, at, err := parseSpec(text)
	if err != nil {
		return Spec{}, &SpecError{text, len(text) - len(at), err}
	}
	spec.Text = text
	return spec, nil
}

// parseSpec returns the rest of the text from where the trouble is, beside an error.
func parseSpec(text string) (spec Spec, at string, err error) {
	scheme, rest, _ := strings.Cut(text, ":")
	if (scheme == "tcp" || scheme == "udp") && strings.Contains(rest, ",") {
		return parseBoth(text)
	}
	switch scheme {
	case "tcp", "udp":
		if address, ok := strings.CutPrefix(rest, "//"); ok {
			return Spec{Kind: Dial, Address: address, UDP: scheme == "udp"}, address, checkAddress(address, false)
		}
	case "accept":
		return parseAccept(rest)
	case "exec":
		command, offset, err := parseCommand(rest, checkPlaceholder)
		return Spec{Kind: Exec, Command: command}, rest[offset:], err
	case "adapter", "adapter+fd":
		command, offset, err := parseCommand(rest, refusePlaceholder)
		return Spec{Kind: Adapter, Command: command, Pipes: scheme == "adapter+fd"}, rest[offset:], err
	case "in-process":
		if rest == "" {
			return spec, rest, errors.New("name of a program is missing")
		}
		return Spec{Kind: InProcess, Program: rest}, rest, nil
	}
	return spec, text, errors.New("want tcp://HOST:PORT, udp://HOST:PORT, accept:tcp://HOST:PORT, accept:udp://HOST:PORT, " +
		"exec:COMMAND, adapter:COMMAND, adapter+fd:COMMAND, or in-process:NAME")
}

// parseBoth reads the two addresses of a router.
func parseBoth(text string) (spec Spec, at string, err error) {
	first, second, _ := strings.Cut(text, ",")
	if strings.HasPrefix(first, "udp://") {
		first, second = second, first
	}
	stream, ok := strings.CutPrefix(first, "tcp://")
	packets, both := strings.CutPrefix(second, "udp://")
	if !ok || !both {
		return spec, text, errors.New("want tcp://HOST:PORT,udp://HOST:PORT for a router that listens over both")
	}
	if err := checkAddress(stream, false); err != nil {
		return spec, text, err
	}
	return Spec{Kind: Dial, Address: stream, Packets: packets}, text, checkAddress(packets, false)
}

func parseAccept(text string) (spec Spec, at string, err error) {
	address, udp := strings.CutPrefix(text, "udp://")
	if !udp {
		var tcp bool
		if address, tcp = strings.CutPrefix(text, "tcp://"); !tcp {
			return spec, text, errors.New("what follows accept: has to be tcp://HOST:PORT or udp://HOST:PORT")
		}
	}
	return Spec{Kind: Accept, Address: address, UDP: udp}, address, checkAddress(address, true)
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
	return []string{"role", "transport", "addr", "profile", "key", "peerkey", "timeout", "route", "depth"}
}

// checkPlaceholder tells that a command names what there is not.
func checkPlaceholder(name string) error {
	if !slices.Contains(placeholders(), name) {
		return fmt.Errorf("unknown placeholder {%s}: there are {%s}", name, strings.Join(placeholders(), "}, {"))
	}
	return nil
}

// refusePlaceholder tells that nothing stands for anything in the command of an adapter, which is started once for everything.
func refusePlaceholder(name string) error {
	if slices.Contains(placeholders(), name) {
		return fmt.Errorf("{%s} stands for nothing here: an adapter is told by its control connection", name)
	}
	return nil
}

// parseCommand splits a command and checks its placeholders; on error it tells the offset.
func parseCommand(text string, check func(placeholder string) error) (words []string, offset int, err error) {
	split, offset, err := splitWords(text)
	if err != nil {
		return nil, offset, err
	}
	if len(split) == 0 {
		return nil, 0, errors.New("command is missing")
	}
	for _, w := range split {
		if _, err := expand(w.text, func(name string) (string, error) { return "", check(name) }); err != nil {
			return nil, w.offset, err
		}
		words = append(words, w.text)
	}
	return words, 0, nil
}
