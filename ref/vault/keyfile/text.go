package keyfile

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"ockamtest/ref/memory"
)

const (
	privateLabel = "PRIVATE KEY"
	publicLabel  = "PUBLIC KEY"

	begin, end, dashes = "-----BEGIN ", "-----END ", "-----"

	lineLength = 64 // base64 digits in each line of PEM but the last
	lineBytes  = lineLength / 4 * 3

	rawSize = 32
	maxText = 512 // bytes, more than any file written here
)

// parsePrivate takes the text of a private key file of either format.
func parsePrivate(text []byte, m memory.Allocator) (*PrivateKey, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(text, whitespace), []byte(begin)) {
		return parseHex(text, m)
	}
	p, err := parsePEM(text, privateLabel, m)
	if err != nil {
		return nil, err
	}
	defer m.Release(p.buffer)
	return p.private(m)
}

const whitespace = " \t\r\n"

// parseHex takes 64 hex digits.
func parseHex(text []byte, m memory.Allocator) (*PrivateKey, error) {
	digits := bytes.TrimLeft(text, whitespace)
	line := 1 + bytes.Count(text[:len(text)-len(digits)], []byte("\n"))
	digits = bytes.TrimRight(digits, whitespace)
	wrong := func(reason string) (*PrivateKey, error) {
		return nil, &Error{Line: line, Reason: reason, Err: ErrFormat}
	}
	if i := bytes.IndexFunc(digits, isNoHexDigit); i >= 0 {
		return wrong(fmt.Sprintf("neither PEM nor hex: character %d is no hex digit", i+1))
	}
	if len(digits) != hex.EncodedLen(rawSize) {
		return wrong(fmt.Sprintf("%d hex digits, want %d", len(digits), hex.EncodedLen(rawSize)))
	}
	raw, err := m.Allocate(rawSize)
	if err != nil {
		return nil, err
	}
	if _, err := hex.Decode(raw, digits); err != nil {
		m.Release(raw)
		return wrong("no hex") // without the library's text, which quotes a digit
	}
	return &PrivateKey{Raw: raw, memory: m}, nil
}

func isNoHexDigit(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }

func appendHex(dst, raw []byte) []byte { return append(hex.AppendEncode(dst, raw), '\n') }

// A pemBlock is the content of a PEM file.
type pemBlock struct {
	der    []byte
	buffer []byte // of the allocator; der is its front
	line   int    // of the file, in which der begins
}

// parsePEM takes the one block of a file. Its buffer is the caller's to release.
func parsePEM(text []byte, label string, m memory.Allocator) (pemBlock, error) {
	l := lines{rest: text}
	for l.next() && len(bytes.Trim(l.line, whitespace)) == 0 {
		continue
	}
	if reason, err := checkBegin(l.line, label); err != nil {
		return pemBlock{}, &Error{Line: l.number, Reason: reason, Err: err}
	}
	buffer, err := m.Allocate(base64.StdEncoding.DecodedLen(len(l.rest)))
	if err != nil {
		return pemBlock{}, err
	}
	p := pemBlock{buffer: buffer, line: l.number + 1}
	n, reason := decodeBody(buffer, &l, label)
	if reason == "" {
		for l.next() {
			if len(bytes.Trim(l.line, whitespace)) > 0 {
				reason = "there is more than one key in the file"
				break
			}
		}
	}
	if reason != "" {
		m.Release(buffer)
		return pemBlock{}, &Error{Line: l.number, Reason: reason, Err: ErrFormat}
	}
	p.der = buffer[:n]
	return p, nil
}

// checkBegin tells what is wrong with the first line of a block.
func checkBegin(line []byte, label string) (reason string, err error) {
	if isDelimiter(line, begin, label) {
		return "", nil
	}
	for other, reason := range map[string]string{
		"ENCRYPTED PRIVATE KEY": "the key is encrypted; `openssl pkey -in FILE` decrypts it",
		"EC PRIVATE KEY":        "the key is in the form of SEC 1; `openssl pkey -in FILE` converts it",
		publicLabel:             "this is a public key",
		privateLabel:            "this is a private key",
	} {
		if isDelimiter(line, begin, other) {
			return reason, ErrFormat
		}
	}
	return "want " + begin + label + dashes, ErrFormat
}

// isDelimiter reports whether line is a BEGIN or END line. The comparison copies nothing of it.
func isDelimiter(line []byte, which, label string) bool { return string(line) == which+label+dashes }

// decodeBody decodes the lines up to the end of the block. It returns what is wrong with the present line, or "".
func decodeBody(buffer []byte, l *lines, label string) (n int, reason string) {
	last := false
	for l.next() {
		if isDelimiter(l.line, end, label) {
			if n == 0 {
				return 0, "the block is empty"
			}
			return n, ""
		}
		if last || len(l.line) > lineLength || len(l.line) == 0 {
			return 0, fmt.Sprintf("want lines of %d digits, a shorter one last, and then %s%s%s", lineLength, end, label, dashes)
		}
		decoded, err := base64.StdEncoding.Strict().Decode(buffer[n:], l.line)
		if err != nil {
			return 0, "no canonical base64" // the library's error quotes the place in this line, not its content, but adds little
		}
		n += decoded
		last = decoded < lineBytes
	}
	return 0, "the file ends within the block"
}

// lines takes text apart. A line ends with \n or \r\n, or with the text.
type lines struct {
	rest   []byte
	line   []byte
	number int // of line, from 1
}

func (l *lines) next() bool {
	if len(l.rest) == 0 {
		return false
	}
	line, rest, _ := bytes.Cut(l.rest, []byte("\n"))
	l.line, l.rest = bytes.TrimSuffix(line, []byte("\r")), rest
	l.number++
	return true
}

// appendPEM appends a PEM block.
func appendPEM(dst []byte, label string, der []byte) []byte {
	dst = append(dst, begin+label+dashes+"\n"...)
	for len(der) > 0 {
		n := min(len(der), lineBytes)
		dst = append(base64.StdEncoding.AppendEncode(dst, der[:n]), '\n')
		der = der[n:]
	}
	return append(dst, end+label+dashes+"\n"...)
}
