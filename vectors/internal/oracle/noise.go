package oracle

import (
	"bytes"
	"crypto/ecdh"
	"encoding/binary"
	"errors"
	"slices"

	"ockamtest/vectors"
)

const protocolName = "Noise_XX_25519_AESGCM_SHA256"

// A suite is what section 11 has two of. The protocol name is the same.
type suite struct {
	curve   ecdh.Curve
	name    string // as vectors.ECDHInput has it
	dhLen   int
	keySize int // of the AEAD: the first bytes of a block of HKDF
}

func suiteOf(name string) suite {
	if name == vectors.SuiteP256 {
		return suite{ecdh.P256(), "secp256r1", 65, 16}
	}
	return suite{ecdh.X25519(), "curve25519", 32, 32}
}

// Public returns the public key of a private key of 32 bytes that is valid in the suite.
func Public(suiteName string, private []byte) []byte {
	key, err := suiteOf(suiteName).curve.NewPrivateKey(private)
	if err != nil {
		panic(err) // a generator's mistake
	}
	return key.PublicKey().Bytes()
}

// A handshake is the state of section 5: Noise's HandshakeState and SymmetricState in one.
type handshake struct {
	o        Subject
	suite    suite
	s, e     []byte // private
	rs, re   []byte // public
	h, ck, k []byte
	n        uint64
	version1 bool
	ePublic  []byte
	out      *vectors.HandshakeOutput
}

// Handshake implements vectors.Subject.
func (o Subject) Handshake(in vectors.HandshakeInput) (out vectors.HandshakeOutput, err error) {
	x := &handshake{o: o, suite: suiteOf(in.Suite), s: in.Static, e: in.Ephemeral, version1: in.Version1, out: &out}
	x.ePublic = Public(in.Suite, in.Ephemeral)
	// NOISE-001: the name, padded to 32 bytes, is h and ck.
	x.h = fit(o.value("noise/name", []byte(protocolName)), 32)
	x.ck = x.h
	if o.step("noise/mix-prologue") {
		x.mixHash("prologue", o.value("noise/prologue", in.Prologue))
	}
	x.mark()

	payload := func(i int) []byte { return in.Payloads[min(i, len(in.Payloads)-1)] }
	steps := []func() error{
		func() error { return x.send(x.writeM1(payload(0)), nil) },
		func() error { return x.receive(x.readM2, in.Receive, 0) },
		func() error { return x.send(x.writeM3(payload(1))) },
	}
	if in.Role == vectors.Responder {
		steps = []func() error{
			func() error { return x.receive(x.readM1, in.Receive, 0) },
			func() error { return x.send(x.writeM2(payload(0))) },
			func() error { return x.receive(x.readM3, in.Receive, 1) },
		}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			if errors.Is(err, errNoMore) {
				return out, nil
			}
			return out, err
		}
	}
	x.split()
	return out, nil
}

// errNoMore ends a handshake whose next message is not there.
var errNoMore = &vectors.RefusalError{}

func (x *handshake) receive(read func([]byte) ([]byte, error), messages []vectors.Hex, i int) error {
	if i >= len(messages) {
		return errNoMore
	}
	payload, err := read(messages[i])
	if err != nil {
		return err
	}
	// NOISE-006: version 1 has empty payloads.
	if err := x.o.check("noise/payload", !x.version1 || len(payload) == 0); err != nil {
		return err
	}
	x.out.Payloads = append(x.out.Payloads, payload)
	x.mark()
	return nil
}

func (x *handshake) send(message []byte, err error) error {
	if err != nil {
		return err
	}
	x.out.Sent = append(x.out.Sent, message)
	x.mark()
	return nil
}

// mark notes h after a message.
func (x *handshake) mark() { x.out.HS = append(x.out.HS, x.h) }

// -> e

func (x *handshake) writeM1(payload []byte) []byte {
	e := x.o.value("noise/m1-e", x.ePublic)
	x.mixHash("m1-e", e)
	x.mixHash("m1-payload", payload)
	return slices.Concat(e, payload)
}

func (x *handshake) readM1(m []byte) ([]byte, error) {
	if err := x.o.check("noise/length/m1", len(m) >= x.suite.dhLen); err != nil { // NOISE-006
		return nil, err
	}
	m = x.filled(m, x.suite.dhLen)
	x.re, m = x.o.value("noise/re", m[:x.suite.dhLen]), m[x.suite.dhLen:]
	x.mixHash("m1-e", x.re)
	x.mixHash("m1-payload", m)
	return m, x.usable(x.re)
}

// <- e, ee, s, es

func (x *handshake) writeM2(payload []byte) ([]byte, error) {
	e := x.o.value("noise/m2-e", x.ePublic)
	x.mixHash("m2-e", e)
	if err := x.mixKey("ee", x.e, x.re); err != nil {
		return nil, err
	}
	s := x.encrypt("m2-static", x.o.value("noise/m2-s", x.publicStatic()))
	if err := x.mixKey("es", x.s, x.re); err != nil {
		return nil, err
	}
	return slices.Concat(e, s, x.encrypt("m2-payload", payload)), nil
}

func (x *handshake) readM2(m []byte) ([]byte, error) {
	dhLen := x.suite.dhLen
	if err := x.o.check("noise/length/m2", len(m) >= 2*dhLen+2*tagSize); err != nil {
		return nil, err
	}
	m = x.filled(m, 2*dhLen+2*tagSize)
	x.re, m = x.o.value("noise/re", m[:dhLen]), m[dhLen:]
	if err := x.usable(x.re); err != nil {
		return nil, err
	}
	// NOISE-016.
	if err := x.o.check("noise/reflection", !bytes.Equal(x.re, x.ePublic)); err != nil {
		return nil, err
	}
	x.mixHash("m2-e", x.re)
	if err := x.mixKey("ee", x.e, x.re); err != nil {
		return nil, err
	}
	rs, err := x.decrypt("m2-static", m[:dhLen+tagSize])
	if err != nil {
		return nil, err
	}
	x.rs, x.out.RemoteStatic = rs, rs
	if err := x.usable(rs); err != nil {
		return nil, err
	}
	if err := x.mixKey("es", x.e, x.rs); err != nil {
		return nil, err
	}
	return x.decrypt("m2-payload", m[dhLen+tagSize:])
}

// -> s, se

func (x *handshake) writeM3(payload []byte) ([]byte, error) {
	s := x.encrypt("m3-static", x.o.value("noise/m3-s", x.publicStatic()))
	if err := x.mixKey("se", x.s, x.re); err != nil {
		return nil, err
	}
	return slices.Concat(s, x.encrypt("m3-payload", payload)), nil
}

func (x *handshake) readM3(m []byte) ([]byte, error) {
	dhLen := x.suite.dhLen
	if err := x.o.check("noise/length/m3", len(m) >= dhLen+2*tagSize); err != nil {
		return nil, err
	}
	m = x.filled(m, dhLen+2*tagSize)
	rs, err := x.decrypt("m3-static", m[:dhLen+tagSize])
	if err != nil {
		return nil, err
	}
	x.rs, x.out.RemoteStatic = rs, rs
	if err := x.usable(rs); err != nil {
		return nil, err
	}
	if err := x.mixKey("se", x.e, x.rs); err != nil {
		return nil, err
	}
	return x.decrypt("m3-payload", m[dhLen+tagSize:])
}

// filled lets a mutant read a message that is too short.
func (x *handshake) filled(m []byte, size int) []byte { return fit(m, max(size, len(m))) }

func (x *handshake) publicStatic() []byte {
	key, err := x.suite.curve.NewPrivateKey(x.s)
	if err != nil {
		panic(err) // a generator's mistake
	}
	return key.PublicKey().Bytes()
}

// usable refuses what is no point of the curve (P-256).
func (x *handshake) usable(public []byte) error {
	_, err := x.suite.curve.NewPublicKey(public)
	return x.o.check("noise/point", err == nil)
}

func (x *handshake) mixHash(what string, data []byte) {
	if x.o.step("noise/mix-hash/" + what) {
		x.h = hash(x.h, data)
	}
}

// mixKey is NOISE-003's, and NOISE-009 for its input.
func (x *handshake) mixKey(token string, private, public []byte) error {
	key, err := x.suite.curve.NewPrivateKey(private)
	if err != nil {
		panic(err) // a generator's mistake
	}
	dh := make([]byte, 32)
	// NOISE-018: clamping and the top bit are X25519's own.
	if point, err := x.suite.curve.NewPublicKey(public); err == nil {
		shared, err := key.ECDH(point)
		if err := x.o.check("noise/zero", err == nil); err != nil {
			return err
		}
		copy(dh, shared)
	}
	if x.o.step("noise/mix-key/" + token) {
		okm := hkdfSHA256(x.o.value("noise/salt", x.ck), x.o.value("noise/dh/"+token, dh), "", 64)
		okm = x.o.value("noise/okm", okm)
		x.ck, x.k = okm[:32], fit(x.o.value("noise/k", okm[32:]), x.suite.keySize)
	}
	if x.o.step("noise/reset-n") {
		x.n = 0
	}
	x.out.CKs, x.out.Ks = append(x.out.CKs, x.ck), append(x.out.Ks, x.k)
	return nil
}

// nonce is that of NOISE-003: 4 zero bytes, then n, big-endian.
func (o Subject) nonce(layer string, n uint64) []byte {
	return o.value(layer+"/nonce", binary.BigEndian.AppendUint64(make([]byte, 4), n))
}

func (x *handshake) encrypt(what string, plaintext []byte) []byte {
	b := seal(x.k, x.o.nonce("noise", x.n), x.o.value("noise/ad", x.h), x.o.value("noise/plaintext", plaintext))
	x.n++
	x.mixHash(what, b)
	return b
}

func (x *handshake) decrypt(what string, b []byte) ([]byte, error) {
	plaintext, err := x.o.open("noise", "/"+what, x.k, x.o.nonce("noise", x.n), x.o.value("noise/ad", x.h), b)
	if err != nil {
		return nil, err
	}
	x.n++
	x.mixHash(what, b)
	return plaintext, nil
}

// split is NOISE-010's: k1 is the responder's.
func (x *handshake) split() {
	okm := x.o.value("noise/split", hkdfSHA256(x.ck, nil, "", 64))
	x.out.H = x.h // NOISE-014
	x.out.K1, x.out.K2 = okm[:x.suite.keySize], okm[32:32+x.suite.keySize]
}
