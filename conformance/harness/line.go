package harness

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limits of the grammar.
const (
	// MaxLine is the longest line in bytes, its line feed included. An adapter may take only shorter requests (Hello).
	MaxLine = 262144
	// MinLine is the shortest limit that an adapter may declare.
	MinLine = 1024
	// MaxWord is the longest verb, key, or class in bytes.
	MaxWord = 16
	// MaxRequestFields and MaxAnswerFields bound the fields of a line.
	MaxRequestFields = 16
	MaxAnswerFields  = 1024
	// MaxID is the highest ID. 0 is for answers to lines whose ID could not be read.
	MaxID = 2147483647
)

// What callers branch on.
var (
	// ErrSyntax: a line that the grammar does not have.
	ErrSyntax = errors.New("harness: line is not understood")
)

// A Verb is the second word of a request.
type Verb string

// A Request is a line from the kit, without its line feed.
type Request struct {
	ID     uint32 // 1 to MaxID
	Verb   Verb
	Fields Fields // no key twice
}

// A Status is the second word of an answer.
type Status string

// The statuses.
const (
	StatusOK          Status = "ok"
	StatusError       Status = "error"
	StatusUnsupported Status = "unsupported"
)

// An Answer is a line from the adapter, without its line feed.
type Answer struct {
	ID     uint32 // of the request; 0 if that could not be read
	Status Status
	Fields Fields // keys may come more than once, in an order that matters
}

// Fields are the key=value words of a line.
type Fields []Field

// A Field is one key=value word. The value may be empty.
type Field struct{ Key, Value string }

// Get returns the value of the first field with that key, and whether there is one.
func (f Fields) Get(key string) (string, bool) {
	for _, field := range f {
		if field.Key == key {
			return field.Value, true
		}
	}
	return "", false
}

// ParseRequest reads a line without its line feed. It accepts exactly what Request.Append writes; its errors wrap ErrSyntax. With an error
// the request's ID is that of the line if it has a readable one, else 0.
func ParseRequest(line string) (Request, error) {
	id, words, err := parseID(line)
	if err != nil {
		return Request{}, err
	}
	r := Request{ID: id}
	if id == 0 {
		return r, syntax("ID 0 in a request")
	}
	verb, words, more := strings.Cut(words, " ")
	if !isWord(verb) {
		return r, syntax("verb")
	}
	fields, err := parseFields(words, more, MaxRequestFields)
	if err != nil {
		return r, err
	}
	for i, f := range fields {
		if _, twice := fields[:i].Get(f.Key); twice {
			return r, syntax("key twice")
		}
	}
	r.Verb, r.Fields = Verb(verb), fields
	return r, nil
}

// ParseAnswer reads a line without its line feed, as ParseRequest does.
func ParseAnswer(line string) (Answer, error) {
	id, words, err := parseID(line)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{ID: id}
	status, words, more := strings.Cut(words, " ")
	switch Status(status) {
	case StatusOK, StatusError, StatusUnsupported:
	default:
		return a, syntax("status")
	}
	fields, err := parseFields(words, more, MaxAnswerFields)
	if err != nil {
		return a, err
	}
	a.Status, a.Fields = Status(status), fields
	return a, nil
}

// parseID returns the number that the line begins with and what follows its space.
func parseID(line string) (id uint32, rest string, err error) {
	if len(line) >= MaxLine {
		return 0, "", fmt.Errorf("%w: longer than %d bytes", ErrSyntax, MaxLine)
	}
	word, rest, _ := strings.Cut(line, " ")
	n, err := strconv.ParseUint(word, 10, 31)
	if err != nil || word[0] == '0' && word != "0" {
		return 0, "", syntax("ID")
	}
	return uint32(n), rest, nil
}

// parseFields reads the words behind the second space of a line, if there is one.
func parseFields(words string, present bool, most int) (Fields, error) {
	if !present {
		return nil, nil
	}
	n := strings.Count(words, " ") + 1
	if n > most {
		return nil, syntax("too many fields")
	}
	fields := make(Fields, 0, n)
	for word := range strings.SplitSeq(words, " ") {
		key, value, ok := strings.Cut(word, "=")
		if !ok || !isWord(key) || !isValue(value) {
			return nil, syntax("field")
		}
		fields = append(fields, Field{key, value})
	}
	return fields, nil
}

// Append appends the line with its line feed to dst. A request that the grammar does not have wraps ErrSyntax, and dst is as it was.
func (r Request) Append(dst []byte) ([]byte, error) {
	if r.ID == 0 || r.ID > MaxID || len(r.Fields) > MaxRequestFields {
		return dst, syntax("ID or number of fields")
	}
	for i, f := range r.Fields {
		if _, twice := r.Fields[:i].Get(f.Key); twice {
			return dst, syntax("key twice")
		}
	}
	return appendLine(dst, r.ID, string(r.Verb), r.Fields)
}

// Append appends the line with its line feed to dst. An answer that the grammar does not have wraps ErrSyntax, and dst is as it was.
func (a Answer) Append(dst []byte) ([]byte, error) {
	switch a.Status {
	case StatusOK, StatusError, StatusUnsupported:
	default:
		return dst, syntax("status")
	}
	if a.ID > MaxID || len(a.Fields) > MaxAnswerFields {
		return dst, syntax("ID or number of fields")
	}
	return appendLine(dst, a.ID, string(a.Status), a.Fields)
}

func appendLine(dst []byte, id uint32, word string, fields Fields) ([]byte, error) {
	if !isWord(word) {
		return dst, syntax("verb")
	}
	before := len(dst)
	out := strconv.AppendUint(dst, uint64(id), 10)
	out = append(append(out, ' '), word...)
	for _, f := range fields {
		if !isWord(f.Key) || !isValue(f.Value) {
			return dst, syntax("field")
		}
		out = append(append(append(append(out, ' '), f.Key...), '='), f.Value...)
	}
	out = append(out, '\n')
	if len(out)-before > MaxLine {
		return dst, fmt.Errorf("%w: longer than %d bytes", ErrSyntax, MaxLine)
	}
	return out, nil
}

func syntax(what string) error { return fmt.Errorf("%w: %s", ErrSyntax, what) }

// isWord reports whether s is a verb, key, or class: a small letter, then small letters, digits, and hyphens.
func isWord(s string) bool {
	if s == "" || len(s) > MaxWord || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// isValue reports whether s has visible ASCII characters only, and no "=".
func isValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '=' {
			return false
		}
	}
	return true
}
