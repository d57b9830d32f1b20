package key_test

import (
	"bytes"
	"fmt"
	"testing"

	flynn "github.com/flynn/noise"

	"ockamtest/ref/key"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
)

// A foreign is flynn/noise behind the handshake and records of version 1.
type foreign struct {
	t             *testing.T
	hs            *flynn.HandshakeState
	send, receive *flynn.CipherState
	ad            []byte
}

func newForeign(t *testing.T, initiator bool, cfg flynn.Config) *foreign {
	t.Helper()
	cfg.CipherSuite = flynn.NewCipherSuite(flynn.DH25519, flynn.CipherAESGCM, flynn.HashSHA256)
	cfg.Pattern, cfg.Initiator = flynn.HandshakeXX, initiator
	if cfg.StaticKeypair.Private == nil {
		var err error
		if cfg.StaticKeypair, err = flynn.DH25519.GenerateKeypair(nil); err != nil {
			t.Fatal(err)
		}
	}
	hs, err := flynn.NewHandshakeState(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &foreign{t: t, hs: hs}
}

// shake runs the handshake with x. The keys of flynn/noise are swapped: NOISE-010.
func (f *foreign) shake(x *key.XX, foreignInitiates bool, ad profile.AssociatedData) {
	f.t.Helper()
	room := func() []byte { return make([]byte, 0, 200) }
	must := func(out []byte, err error) []byte {
		f.t.Helper()
		if err != nil {
			f.t.Fatal(err)
		}
		return out
	}
	var first, second *flynn.CipherState
	write := func() []byte {
		f.t.Helper()
		out, a, b, err := f.hs.WriteMessage(nil, nil)
		first, second = a, b
		return must(out, err)
	}
	read := func(msg []byte) {
		f.t.Helper()
		_, a, b, err := f.hs.ReadMessage(nil, msg)
		first, second = a, b
		must(nil, err)
	}
	if foreignInitiates {
		must(nil, x.Respond())
		read(must(x.Handle(room(), write())))
		must(x.Handle(nil, write()))
		f.send, f.receive = second, first
	} else {
		read(must(x.Initiate(room())))
		read(must(x.Handle(room(), write())))
		f.send, f.receive = first, second
	}
	f.ad = f.hs.ChannelBinding()
	equalBytes(f.t, "h", x.ChannelBinding(), f.ad)
	if ad == profile.NoData {
		f.ad = nil
	}
}

// The first records of section 12 from flynn/noise.
func TestKnownRecordsOfFlynn(t *testing.T) {
	checked := 0
	for _, known := range keytest.KnownAnswers() {
		if known.Suite.P256 {
			continue
		}
		for _, want := range known.Records {
			for _, initiator := range []bool{true, false} {
				checked++
				x := newKnownXX(t, known, want, !initiator)
				static, ephemeral := keytest.PrivateKeys(initiator)
				pair, err := flynn.DH25519.GenerateKeypair(bytes.NewReader(static))
				if err != nil {
					t.Fatal(err)
				}
				f := newForeign(t, initiator, flynn.Config{StaticKeypair: pair, Random: bytes.NewReader(ephemeral)})
				f.shake(x, initiator, want.AssociatedData)
				plaintext, record := keytest.ResponderPlaintext, want.FromResponder
				if initiator {
					plaintext, record = keytest.InitiatorPlaintext, want.FromInitiator
				}
				got, err := f.send.Encrypt(nil, f.ad, []byte(plaintext))
				if err != nil {
					t.Fatal(err)
				}
				equalBytes(t, "record", got, record)
			}
		}
	}
	if checked != 4 {
		t.Errorf("%d records checked, want 4", checked)
	}
}

// Records of every length from 0 to 2,048 and of the lengths around the limits go both ways between XX and flynn/noise, in both roles,
// with h and with nothing as associated data.
func TestRecordsOfEveryLength(t *testing.T) {
	lengths := []int{65535 - 16, 65535 - 16 - 1, 65535, 32767, 8192}
	for n := range 2049 {
		lengths = append(lengths, n)
	}
	buffer := make([]byte, 0, 65535+16)
	for _, ad := range []profile.AssociatedData{profile.HandshakeHash, profile.NoData} {
		for _, foreignInitiates := range []bool{true, false} {
			t.Run(fmt.Sprintf("ad %d, foreign initiator %v", ad, foreignInitiates), func(t *testing.T) {
				v := newVault(t)
				x := newXX(t, key.XXConfig{
					Vault: v, Suite: profile.X25519AES256(), Static: generateKey(t, v, false), Policy: key.AnyKey(), AssociatedData: ad,
				})
				f := newForeign(t, foreignInitiates, flynn.Config{})
				f.shake(x, foreignInitiates, ad)
				for _, n := range lengths {
					plaintext := bytes.Repeat([]byte{byte(n)}, n)
					record, err := x.Encrypt(buffer, plaintext)
					if err != nil {
						t.Fatal(err)
					}
					got, err := f.receive.Decrypt(nil, f.ad, record)
					if err != nil || !bytes.Equal(got, plaintext) {
						t.Fatalf("to flynn/noise, %d bytes: %v", n, err)
					}
					if record, err = f.send.Encrypt(buffer, f.ad, plaintext); err != nil {
						t.Fatal(err)
					}
					if got, err = x.Decrypt(record[:0], record); err != nil || !bytes.Equal(got, plaintext) {
						t.Fatalf("from flynn/noise, %d bytes: %v", n, err)
					}
				}
			})
		}
	}
}
