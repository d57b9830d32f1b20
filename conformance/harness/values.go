package harness

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Values that are neither bytes, addresses, nor numbers are tokens; a list is values with commas between, and empty if there are none.

func hexField(key string, b []byte) Field { return Field{key, hex.EncodeToString(b)} }

func numberField(key string, n uint64) Field { return Field{key, strconv.FormatUint(n, 10)} }

// optional appends a field unless its value is the kind's zero, which means that the field is absent.
func (f Fields) hex(key string, b []byte) Fields {
	if b == nil {
		return f
	}
	return append(f, hexField(key, b))
}

func (f Fields) number(key string, n uint64) Fields {
	if n == 0 {
		return f
	}
	return append(f, numberField(key, n))
}

func (f Fields) address(key string, a Address) Fields {
	if a.IsZero() {
		return f
	}
	return append(f, Field{key, a.String()})
}

func (f Fields) route(key string, r Route) Fields {
	if r == nil {
		return f
	}
	return append(f, Field{key, r.String()})
}

func (f Fields) token(key, value string) Fields {
	if value == "" {
		return f
	}
	return append(f, Field{key, value})
}

// A decoder takes fields of a line one by one, by key, and keeps the first thing that is wrong: the key of a field that is missing or whose
// value is none of its kind.
type decoder struct {
	fields Fields
	wrong  string
}

func (d *decoder) fault(key string) {
	if d.wrong == "" {
		d.wrong = key
	}
}

// value returns a field's value. A field that is required and absent is wrong.
func (d *decoder) value(key string, required bool) (string, bool) {
	v, ok := d.fields.Get(key)
	if !ok && required {
		d.fault(key)
	}
	return v, ok
}

func (d *decoder) hex(key string, required bool) []byte {
	v, ok := d.value(key, required)
	if !ok {
		return nil
	}
	b, err := parseHex(v)
	if err != nil {
		d.fault(key)
	}
	return b
}

func (d *decoder) number(key string, required bool, most uint64) uint64 {
	v, ok := d.value(key, required)
	if !ok {
		return 0
	}
	n, err := parseNumber(v, most)
	if err != nil {
		d.fault(key)
	}
	return n
}

func (d *decoder) address(key string, required bool) Address {
	v, ok := d.value(key, required)
	if !ok {
		return Address{}
	}
	a, err := ParseAddress(v)
	if err != nil {
		d.fault(key)
	}
	return a
}

// route returns nil if the field is absent; the empty route is not nil then.
func (d *decoder) route(key string, required bool) Route {
	v, ok := d.value(key, required)
	if !ok {
		return nil
	}
	r, err := ParseRoute(v)
	if err != nil {
		d.fault(key)
	}
	if r == nil {
		r = Route{}
	}
	return r
}

// token returns a value that is one of some words; any if there are none.
func (d *decoder) token(key string, required bool, words ...string) string {
	v, ok := d.value(key, required)
	if ok && (v == "" || len(words) > 0 && !slices.Contains(words, v)) {
		d.fault(key)
	}
	return v
}

func (d *decoder) list(key string) []string {
	v, ok := d.value(key, true)
	if !ok || v == "" {
		return nil
	}
	words := strings.Split(v, ",")
	if slices.Contains(words, "") {
		d.fault(key)
	}
	return words
}

// chunks returns a list of bytes, each possibly empty. A list of one empty chunk is a field without a value.
func (d *decoder) chunks(key string, required bool) [][]byte {
	v, ok := d.value(key, required)
	if !ok {
		return nil
	}
	var out [][]byte
	for part := range strings.SplitSeq(v, ",") {
		b, err := parseHex(part)
		if err != nil {
			d.fault(key)
		}
		out = append(out, b)
	}
	return out
}

func chunksField(key string, chunks [][]byte) Field {
	parts := make([]string, len(chunks))
	for i, c := range chunks {
		parts[i] = hex.EncodeToString(c)
	}
	return Field{key, strings.Join(parts, ",")}
}
