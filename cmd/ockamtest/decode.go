package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// maxDecodeInput bounds what decode reads, in bytes.
const maxDecodeInput = 64 << 20

func (a *app) decodeCommand() *cobra.Command {
	d := decoder{out: a.out}
	c := &cobra.Command{
		Use:   "decode HEX|FILE|-",
		Short: "Decode a wire message or a stream of TCP frames",
		Long: `Decode shows a wire message, or each message of a stream of TCP frames (2 bytes of length before each), field by field.

The argument is hex (blanks, colons, and line ends are ignored), the name of a file, or - for standard input. Files hold
hex or raw bytes. What does not decode ends the command with exit code 1 and the place: field, byte, requirement.`,
		Example: `  ockamtest decode 010001 00 0100
  ockamtest decode --profile c09 capture.bin`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := a.decodeInput(args)
			if err != nil {
				return err
			}
			return d.decode(data)
		},
	}
	c.Flags().StringVar(&d.profile, "profile", "v1", "dialect: "+profileNames())
	c.Flags().StringVar(&d.as, "as", "auto", "what the bytes are: frames, message, or auto (frames if they fit exactly)")
	c.Flags().StringVar(&d.kind, "kind", "auto", "what the messages are: handshake, transport, inner, or auto")
	return c
}

// decodeInput returns the bytes that the arguments name.
func (a *app) decodeInput(args []string) ([]byte, error) {
	joined := strings.Join(args, "")
	if joined == "-" {
		raw, err := readLimited(a.in)
		if err != nil {
			return nil, troublef("standard input: %w", err)
		}
		return hexOrRaw(raw), nil
	}
	data, hexErr := parseHex(joined)
	if len(args) == 1 {
		f, err := os.Open(args[0])
		if err == nil {
			defer func() { _ = f.Close() }() // it was read only
			raw, err := readLimited(f)
			if err != nil {
				return nil, troublef("%w", err)
			}
			return hexOrRaw(raw), nil
		}
		if hexErr != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, usagef("%w", err)
		}
	}
	if hexErr != nil {
		return nil, usagef("%q is no file, and no hex: %w", joined, hexErr)
	}
	return data, nil
}

func readLimited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxDecodeInput+1))
	if err == nil && len(data) > maxDecodeInput {
		err = fmt.Errorf("longer than %d bytes", maxDecodeInput)
	}
	return data, err
}

// hexOrRaw takes a file that is hex throughout for hex, and any other for the bytes themselves.
func hexOrRaw(raw []byte) []byte {
	if data, err := parseHex(string(raw)); err == nil {
		return data
	}
	return raw
}

func parseHex(s string) ([]byte, error) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ':' {
			return -1
		}
		return r
	}, s)
	return hex.DecodeString(s)
}

// A decoder prints messages of one profile.
type decoder struct {
	out               io.Writer
	profile, as, kind string
}

func (d *decoder) decode(data []byte) error {
	p, ok := profile.Lookup(d.profile)
	if !ok {
		return usagef("--profile %s: there is no such profile; there are %s", d.profile, profileNames())
	}
	if len(data) == 0 {
		return usagef("there are no bytes to decode")
	}
	var frames [][]byte
	var rest []byte
	switch d.as {
	case "auto":
		if frames, rest = splitFrames(data); len(rest) > 0 || len(frames) == 0 {
			frames, rest = [][]byte{data}, nil
			return d.messages(p, frames, rest, false)
		}
	case "frames":
		frames, rest = splitFrames(data)
	case "message":
		return d.messages(p, [][]byte{data}, nil, false)
	default:
		return usagef("--as %s: it is frames, message, or auto", d.as)
	}
	return d.messages(p, frames, rest, true)
}

// splitFrames cuts data into the messages of its frames; rest is what is left of an incomplete one.
func splitFrames(data []byte) (frames [][]byte, rest []byte) {
	for len(data) >= transport.FrameHeader {
		n, err := transport.FrameLength(data, transport.MaxFrame)
		if err != nil || len(data) < transport.FrameHeader+n {
			break
		}
		frames = append(frames, data[transport.FrameHeader:transport.FrameHeader+n])
		data = data[transport.FrameHeader+n:]
	}
	return frames, data
}

func (d *decoder) messages(p profile.Profile, messages [][]byte, rest []byte, framed bool) error {
	bad, at := 0, 0
	for i, m := range messages {
		if framed {
			fmt.Fprintf(d.out, "frame %d at byte %d, %d bytes\n", i+1, at, len(m))
			at += transport.FrameHeader + len(m)
		}
		ok, err := d.message(p, m)
		if err != nil {
			return err
		}
		if !ok {
			bad++
		}
	}
	if len(rest) > 0 {
		fmt.Fprintf(d.out, "%d bytes at byte %d are no complete frame (TRAN-004)\n", len(rest), at)
		bad++
	}
	if bad > 0 {
		return &exitError{exitNotConformant, fmt.Errorf("%d of %d messages do not decode in profile %s", bad, len(messages), p.Name)}
	}
	return nil
}

// message prints one message and reports whether it decodes.
func (d *decoder) message(p profile.Profile, b []byte) (bool, error) {
	var envelopes []profile.Envelope
	switch d.kind {
	case "auto": // a handshake message where it parses as one, then a transport message
		envelopes = []profile.Envelope{p.HandshakeEnvelope(), p.TransportEnvelope()}
	case "handshake":
		envelopes = []profile.Envelope{p.HandshakeEnvelope()}
	case "transport":
		envelopes = []profile.Envelope{p.TransportEnvelope()}
	case "inner":
		envelopes = []profile.Envelope{p.InnerEnvelope()}
	default:
		return false, usagef("--kind %s: it is handshake, transport, inner, or auto", d.kind)
	}
	var first error
	for _, e := range envelopes {
		m, err := wire.Parse(wire.Dialect(e), b)
		if err == nil {
			d.print(&m, e)
			return true, nil
		}
		if first == nil {
			first = err
		}
	}
	fmt.Fprintf(d.out, "  malformed      %v\n", first)
	d.dump("bytes", b)
	return false, nil
}

func (d *decoder) print(m *wire.Message, e profile.Envelope) {
	if e.Bare {
		fmt.Fprintln(d.out, "  no header: the message is the ciphertext")
	} else {
		fmt.Fprintf(d.out, "  version        %d\n", wire.Version)
		d.route("onward route", m.Onward)
		d.route("return route", m.Return)
		if m.Type == wire.Untyped {
			fmt.Fprintln(d.out, "  type           none in this dialect")
		} else {
			fmt.Fprintf(d.out, "  type           %d (%v)\n", uint8(m.Type), m.Type)
		}
	}
	d.dump("body", m.Body)
}

func (d *decoder) route(name string, r wire.Route) {
	if len(r) == 0 {
		fmt.Fprintf(d.out, "  %-14s empty\n", name)
	}
	for _, address := range r {
		fmt.Fprintf(d.out, "  %-14s %v\n", name, address)
		name = ""
	}
}

func (d *decoder) dump(name string, b []byte) {
	fmt.Fprintf(d.out, "  %-14s %d bytes\n", name, len(b))
	for i := 0; i < len(b); i += 32 {
		fmt.Fprintf(d.out, "    %04x  %x\n", i, b[i:min(i+32, len(b))])
	}
}
