package adversary

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestTakeFrame(t *testing.T) {
	two := append(Frame([]byte("first")), Frame(nil)...)
	message, rest, ok := takeFrame(two)
	if !ok || string(message) != "first" {
		t.Fatalf("got %q, %v, want the first message", message, ok)
	}
	message, rest, ok = takeFrame(rest)
	if !ok || message == nil || len(message) != 0 || len(rest) != 0 {
		t.Errorf("got %v, %v with %d bytes left, want an empty message and nothing left", message, ok, len(rest))
	}
	for n := range Frame([]byte("first")) {
		if _, rest, ok := takeFrame(two[:n]); ok || len(rest) != n {
			t.Errorf("%d bytes of a frame gave a message", n)
		}
	}
}

func TestCuts(t *testing.T) {
	frame := Frame([]byte("message"))
	tests := []struct {
		name   string
		cut    func([]byte) [][]byte
		pieces int
	}{
		{"nowhere", CutAt(), 1},
		{"inside the length", CutAt(1), 2},
		{"three times", CutAt(1, 2, 8), 4},
		{"beyond the end", CutAt(2, 9, 50), 2},
		{"descending offsets are left out", CutAt(5, 3), 2},
		{"every byte", Bytewise, len(frame)},
	}
	for _, tt := range tests {
		pieces := tt.cut(frame)
		if len(pieces) != tt.pieces || !bytes.Equal(slices.Concat(pieces...), frame) {
			t.Errorf("%s: %d pieces, want %d that make the frame", tt.name, len(pieces), tt.pieces)
		}
	}
}

func TestUnframed(t *testing.T) {
	message := Message{Type: 4, Body: make([]byte, 96)}.Bytes()
	tests := []struct {
		name, words string
		bytes       []byte
	}{
		{"little-endian", "little-endian", append([]byte{100, 0}, message...)},
		{"counts itself", "counts itself", FrameOf(102, message)},
		{"no frame", "without a frame", message},
		{"one byte", "1 byte", []byte{0}},
		{"cut", "ends after 50 bytes", Frame(message)[:52]},
	}
	for _, tt := range tests {
		if got := unframed(tt.bytes); !strings.Contains(got, tt.words) {
			t.Errorf("%s: got %q, want words about %q", tt.name, got, tt.words)
		}
	}
}
