package report

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"ockamtest/conformance"
)

// FuzzReadJSON: what is read is written and read again the same, and its text is fit for a terminal, whatever the file said.
func FuzzReadJSON(f *testing.F) {
	for _, r := range []*conformance.Results{passing(), mixed(), dead(), unreachable(), interruptedRun()} {
		r.Requirements = r.Requirements[:1]
		var file bytes.Buffer
		if err := WriteJSON(&file, r); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes(), 80)
	}
	f.Fuzz(func(t *testing.T, file []byte, width int) {
		r, err := ReadJSON(bytes.NewReader(file))
		if err != nil {
			return
		}
		var again, text bytes.Buffer
		if err := WriteJSON(&again, r); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadJSON(&again); err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("got %+v, %v; want %+v", got, err, r)
		}
		if err := WriteText(&text, r, TextConfig{Width: width % 200}); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(text.Bytes()) || strings.ContainsAny(text.String(), "\x00\x07\x1b\r") {
			t.Errorf("got %q", text.String())
		}
	})
}
