package attach

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
)

// flynnPair is an initiator and a responder with the keys of section 12 of the specification, that write to each other.
func flynnPair(t *testing.T, profileName string) (i, r *flynnMachine) {
	t.Helper()
	machine := func(role conformance.Role, static, ephemeral byte, local, remote string) *flynnMachine {
		keys := bytes.NewReader(append(ascending(static), ascending(ephemeral)...))
		n := &flynnNode{need: conformance.Need{Role: role, Profile: profileName}, suite: flynnSuite(), random: keys}
		n.static = must(n.suite.GenerateKeypair(n.random))
		return n.Connect(local, remote).(*flynnMachine)
	}
	i = machine(conformance.Initiator, 0x00, 0x20, "127.0.0.1:54321", "127.0.0.1:4000")
	r = machine(conformance.Responder, 0x01, 0x41, "127.0.0.1:4000", "127.0.0.1:54321")
	return i, r
}

func ascending(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// The known answers of section 12: messages as they travel, and the first records.
func TestFlynnKnownAnswers(t *testing.T) {
	const (
		m1 = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
		m2 = "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da206db0886610" +
			"b26108e424142c2e9b5fd1f7ea70cde8767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"
		m3   = "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56"
		h    = "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"
		k1   = "b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb"
		k2   = "109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"
		toR  = "0101 01007f000001a00f 01 01007f00000131d4"
		toI  = "0101 01007f00000131d4 01 01007f000001a00f"
		iOne = "5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639" // "hello", initiator, n=0
		rOne = "e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99" // "hello", responder, n=0
	)
	tests := []struct {
		profile    string
		m1, m2, m3 string
	}{
		{"v1", "0034" + toR + "03" + m1, "0074" + toI + "04" + m2, "0054" + toR + "05" + m3},
		{"c09", "0024 01000003" + m1, "0064 01000004" + m2, "0044 01000005" + m3},
	}
	for _, tt := range tests {
		t.Run(tt.profile, func(t *testing.T) {
			i, r := flynnPair(t, tt.profile)
			r.Start(0)
			first := i.Start(0)
			equalHex(t, "m1", joined(first), tt.m1)
			second := r.Receive(0, joined(first))
			equalHex(t, "m2", joined(second), tt.m2)
			third := i.Receive(0, joined(second))
			equalHex(t, "m3", third.Data[0], tt.m3)
			r.Receive(0, third.Data[0])
			if i.receive == nil || r.receive == nil {
				t.Fatal("not open")
			}
			equalHex(t, "h", i.handshake.ChannelBinding(), h)
			equalHex(t, "h", r.handshake.ChannelBinding(), h)
			for _, k := range []struct{ got, want string }{
				{hexOf(r.send.UnsafeKey()), k1}, {hexOf(i.receive.UnsafeKey()), k1},
				{hexOf(i.send.UnsafeKey()), k2}, {hexOf(r.receive.UnsafeKey()), k2},
			} {
				if k.got != k.want {
					t.Errorf("key: got %s, want %s", k.got, k.want)
				}
			}
			if tt.profile != "v1" {
				return
			}
			i.send.SetNonce(0) // the first payload was the program's own
			equalHex(t, "initiator's record", joined(i.write(nil, []byte("hello"))), "002d"+toR+"02"+iOne)
			equalHex(t, "responder's record", joined(r.write(nil, []byte("hello"))), "002d"+toI+"02"+rOne)
		})
	}
}

func joined(out conformance.Output) []byte { return bytes.Join(out.Data, nil) }

func hexOf(k [32]byte) string { return hex.EncodeToString(k[:]) }

func equalHex(t *testing.T, name string, got []byte, want string) {
	t.Helper()
	if g, w := hex.EncodeToString(got), strings.ReplaceAll(want, " ", ""); g != w {
		t.Errorf("%s: got %s, want %s", name, g, w)
	}
}

// openPair is flynnPair after the handshake, the initiator's first payload echoed.
func openPair(t *testing.T, profileName string) (i, r *flynnMachine) {
	t.Helper()
	i, r = flynnPair(t, profileName)
	r.Start(0)
	out := r.Receive(0, joined(i.Start(0)))
	out = r.Receive(0, joined(i.Receive(0, joined(out))))
	if len(out.Data) != 1 || out.Close {
		t.Fatalf("first payload: got %+v, want one echo", out)
	}
	return i, r
}

// What the second opinion makes of messages that it must not accept.
func TestFlynnRefuses(t *testing.T) {
	tests := []struct {
		name    string
		profile string
		message func(i *flynnMachine) []byte
		closes  bool
		again   bool // the channel goes on
	}{
		{"type 4", "v1", func(i *flynnMachine) []byte { return i.frame(typeM2, make([]byte, 96)) }, false, true},
		{"pong", "v1", func(i *flynnMachine) []byte { return i.frame(typePong, nil) }, false, true},
		{"does not parse", "v1", func(*flynnMachine) []byte { return frame([]byte{1, 0}) }, false, true},
		{"version 2", "v1", func(*flynnMachine) []byte { return frame([]byte{2, 0, 0, 2}) }, false, true},
		{"bad tag", "v1", func(i *flynnMachine) []byte { return i.frame(typePayload, make([]byte, 40)) }, true, false},
		{"short ciphertext", "v1", func(i *flynnMachine) []byte { return i.frame(typePayload, make([]byte, 15)) }, true, false},
		{"empty frame", "v1", func(*flynnMachine) []byte { return frame(nil) }, false, true},
		{"empty frame", "c09", func(*flynnMachine) []byte { return frame(nil) }, true, false},
		{"type 4", "c09", func(i *flynnMachine) []byte { return i.frame(typeM2, make([]byte, 96)) }, true, false},
		{"inner ping", "v1", func(i *flynnMachine) []byte {
			c := must(i.send.Encrypt(nil, i.ad, []byte{1, 0, 0, 0}))
			return i.frame(typePayload, c)
		}, false, true},
		{"inner rubbish", "c09", func(i *flynnMachine) []byte { return frame(must(i.send.Encrypt(nil, i.ad, []byte{1}))) }, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.profile+" "+tt.name, func(t *testing.T) {
			i, r := openPair(t, tt.profile)
			sent := r.send.Nonce()
			if out := r.Receive(0, tt.message(i)); len(out.Data) > 0 || out.Close != tt.closes {
				t.Errorf("got %+v, want no answer, close %v", out, tt.closes)
			}
			if out := r.Receive(0, joined(i.write(nil, []byte("next")))); (len(out.Data) == 1) != tt.again {
				t.Errorf("next payload: got %+v, want an echo: %v", out, tt.again)
			}
			if got := r.send.Nonce() - sent; (got == 1) != tt.again {
				t.Errorf("%d counters were used", got)
			}
		})
	}
}

func TestFlynnHandshakeFailsClosed(t *testing.T) {
	flip := func(b []byte, at int) []byte {
		b = slices.Clone(b)
		b[len(b)+at] ^= 1
		return b
	}
	tests := []struct {
		name string
		m3   func(m3 []byte) []byte
	}{
		{"payload tag", func(m []byte) []byte { return flip(m, -1) }},
		{"static tag", func(m []byte) []byte { return flip(m, -17) }},
		{"version", func(m []byte) []byte { return append(slices.Clone(m[:2]), append([]byte{2}, m[3:]...)...) }},
		{"type", func(m []byte) []byte {
			return bytes.Replace(m, []byte{0x31, 0xd4, typeM3}, []byte{0x31, 0xd4, typeM1}, 1)
		}},
		{"trailing byte", func(m []byte) []byte { return frame(append(slices.Clone(m[2:]), 0)) }},
		{"empty frame", func([]byte) []byte { return frame(nil) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i, r := flynnPair(t, "v1")
			r.Start(0)
			m2 := r.Receive(0, joined(i.Start(0)))
			out := i.Receive(0, joined(m2))
			bad := tt.m3(out.Data[0])
			if bytes.Equal(bad, out.Data[0]) {
				t.Fatal("m3 was not changed")
			}
			if got := r.Receive(0, bad); len(got.Data) > 0 || !got.Close {
				t.Errorf("bad m3: got %+v, want close and no answer", got)
			}
			if got := r.Receive(0, joined(out)); len(got.Data) > 0 {
				t.Errorf("genuine m3 and payload afterwards: got %+v, want nothing", got)
			}
			if r.receive != nil {
				t.Error("the channel is open")
			}
		})
	}
}

// NOISE-006: trailing bytes of m1 are a payload in the clear, which version 1 refuses.
func TestFlynnRefusesPayload(t *testing.T) {
	i, r := flynnPair(t, "c09")
	r.Start(0)
	m1 := joined(i.Start(0))
	if out := r.Receive(0, frame(append(m1[2:], 0))); len(out.Data) > 0 || !out.Close {
		t.Errorf("got %+v, want close and no answer", out)
	}
}

func TestFlynnDeadline(t *testing.T) {
	_, r := flynnPair(t, "v1")
	r.Start(3 * time.Second)
	if at, ok := r.Wake(); !ok || at != 13*time.Second {
		t.Errorf("got %v, %v, want 13s", at, ok)
	}
	if out := r.Expire(13 * time.Second); !out.Close || len(out.Data) > 0 {
		t.Errorf("got %+v, want close", out)
	}
	if _, ok := r.Wake(); ok {
		t.Error("it wakes again")
	}
	_, r = openPair(t, "v1")
	if _, ok := r.Wake(); ok {
		t.Error("an open channel has a deadline")
	}
}

func TestFlynnPing(t *testing.T) {
	_, r := flynnPair(t, "v1")
	r.Start(0)
	out := r.Receive(0, mustHex(t, "0014 01 01 01007f000001a00f 01 01000a0000010100 00"))
	equalHex(t, "pong", joined(out), "0014 01 01 01007f00000131d4 01 01007f000001a00f 01")
	if out := r.Receive(0, mustHex(t, "0005 01 00 00 01 00")); len(out.Data) > 0 || !out.Close { // a pong with a body: malformed
		t.Errorf("got %+v", out)
	}
}

func mustHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
