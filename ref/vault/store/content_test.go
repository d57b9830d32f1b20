package store

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/vault"
)

func sampleEntries() []Entry {
	attributes := func(label string, t vault.Type, length int) vault.Attributes {
		return vault.Attributes{Type: t, Length: length, Persistence: vault.Persistent, Exportable: length == 0, Label: label}
	}
	return []Entry{
		{attributes("a", vault.Buffer, 0), []byte{}},
		{attributes("b", vault.AES128Key, 16), bytes.Repeat([]byte{1}, 16)},
		{attributes("b.1", vault.X25519PrivateKey, 32), bytes.Repeat([]byte{2}, 32)},
	}
}

func TestContentRoundTrip(t *testing.T) {
	all := sampleEntries()
	for n := range len(all) + 1 {
		room := make([]byte, size(all[:n]))
		content := appendContent(room[:0], all[:n])
		if len(content) != len(room) || &content[0] != &room[0] {
			t.Errorf("%d entries: %d bytes, said to be %d", n, len(content), len(room))
		}
		got, err := parseContent(content)
		if err != nil || len(got) != n {
			t.Fatalf("%d entries: got %d, %v", n, len(got), err)
		}
		for i, e := range got {
			if e.Attributes != all[i].Attributes || !bytes.Equal(e.Raw, all[i].Raw) {
				t.Errorf("entry %d: got %+v, want %+v", i, e, all[i])
			}
		}
	}
}

func TestContentRefusals(t *testing.T) {
	all := sampleEntries()
	content := func(entries ...Entry) []byte { return appendContent(nil, entries) }
	changed := func(at int, to byte) []byte {
		b := content(all...)
		b[at] = to
		return b
	}
	tests := []struct {
		name    string
		content []byte
		offset  int
	}{
		{"out of order", content(all[1], all[0]), 4 + 25 + 9},
		{"twice", content(all[0], all[0]), 4 + 9 + 9},
		{"trailing byte", append(content(all...), 0), 4 + 9 + 25 + 43},
		{"count too high", changed(3, 4), 4 + 9 + 25 + 43},
		{"count too low", changed(3, 2), 4 + 9 + 25},
		{"count out of this world", changed(0, 255), 4 + 9 + 25 + 43},
		{"label of length 0", changed(4, 0), 5},
		{"label with a space", changed(5, ' '), 6},
		{"flag", changed(8, 2), 9},
		{"secret too long", changed(9, 255), 13},
	}
	for _, test := range tests {
		_, err := parseContent(test.content)
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || !corrupt.InContent || corrupt.Offset != test.offset || !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want byte %d", test.name, err, test.offset)
		}
	}
	whole := content(all...)
	for n := range whole {
		if got, err := parseContent(whole[:n]); !errors.Is(err, ErrCorrupt) {
			t.Errorf("prefix of %d bytes: %d entries, %v", n, len(got), err)
		}
	}
}

// FuzzContent parses any content: what is taken is canonical, what is refused has a place within the content.
func FuzzContent(f *testing.F) {
	all := sampleEntries()
	for n := range len(all) + 1 {
		f.Add(appendContent(nil, all[:n]))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		entries, err := parseContent(content)
		if err == nil {
			if again := appendContent(nil, entries); !bytes.Equal(again, content) {
				t.Errorf("taken is %x, written again %x", content, again)
			}
			return
		}
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || corrupt.Offset < 0 || corrupt.Offset > len(content) {
			t.Errorf("got error %v", err)
		}
	})
}
