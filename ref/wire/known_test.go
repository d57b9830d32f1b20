package wire_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"ockamtest/ref/wire"
)

func TestRoutedPing(t *testing.T) {
	b := unhex(t, "01 03 0001ff 01 00 01020304 2823 02 01 20010db8000000000000000000000001 2823 01 00040a0b0c0d 00")
	m, err := wire.Parse(wire.Dialect{}, b)
	if err != nil {
		t.Fatal(err)
	}
	out, err := wire.AppendMessage(nil, wire.Dialect{}, &m)
	if err != nil || string(out) != string(b) {
		t.Errorf("encoded again = %x, %v, want %x", out, err, b)
	}
	for n := range b {
		if _, err := wire.Parse(wire.Dialect{}, b[:n]); err == nil {
			t.Errorf("prefix of %d bytes accepted", n)
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
