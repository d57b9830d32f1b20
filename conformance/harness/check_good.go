package harness

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"strconv"
)

// The keys of section 12 of the specification.
func initiatorStatic() []byte    { return counting(0x00) }
func initiatorEphemeral() []byte { return counting(0x20) }
func responderStatic() []byte    { return counting(0x01) }
func responderEphemeral() []byte { return counting(0x41) }

func counting(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// good is a request that is answered with ok if the verb is declared; channel 0 has to be open for feed, write, tick, claims, and close.
func (k *checker) good(v Verb) Request {
	caps := k.report.Capabilities
	profile := first(caps.Profiles, "v1")
	loopback := Address{TCP4, []byte{127, 0, 0, 1}, 0}
	switch v {
	case VerbHello:
		return Request{Verb: v, Fields: Fields{{"versions", strconv.Itoa(Version)}}}
	case VerbOpen:
		o := Open{Role: first(caps.Roles, Initiator), Profile: profile, Over: first(caps.Over, Message), Static: initiatorStatic()}
		return o.Request()
	case VerbFeed:
		return Feed{Data: []byte{0}}.Request()
	case VerbWrite:
		return Write{Data: []byte("hello")}.Request()
	case VerbTick:
		return Tick{Milliseconds: 1}.Request()
	case VerbClaims, VerbClose:
		return Request{Verb: v, Fields: Fields{numberField("ch", 0)}}
	case VerbDecode:
		return Decode{As: first(caps.Forms, AsU2LE), Data: [][]byte{{1, 0, 0, 2}}}.Request()
	case VerbEncode:
		return k.encodes(first(caps.Forms, AsU2LE)).Request()
	case VerbX25519, VerbP256:
		return Agree{P256: v == VerbP256, Private: initiatorStatic()}.Request()
	case VerbSeal, VerbUnseal:
		m := AEAD{Open: v == VerbUnseal, Key: counting(0), Nonce: make([]byte, 12), Ad: []byte("ad"), Data: []byte("hello")}
		if m.Open {
			m.Data = sealed(m)
		}
		return m.Request()
	case VerbHKDF:
		return HKDF{Salt: []byte("salt"), IKM: []byte("ikm"), Blocks: 2}.Request()
	case VerbSHA256:
		return Hash{[]byte("abc")}.Request()
	case VerbVault:
		return Operation{Op: "supports", Type: "buffer"}.Request()
	case VerbListen:
		return Listen{On: loopback, Profile: profile, Static: responderStatic()}.Request()
	case VerbConnect:
		return Connect{To: Address{TCP4, loopback.Value, 9}, Profile: profile, Static: initiatorStatic()}.Request()
	default:
		return Request{Verb: v}
	}
}

// first is the first of a list, or what stands for it if there is none.
func first[S any](list []S, otherwise S) S {
	if len(list) == 0 {
		return otherwise
	}
	return list[0]
}

// encodes is something of a form that can be encoded.
func (k *checker) encodes(as Form) Encode {
	m := Encode{As: as, Type: 2, Body: []byte("hello"), Route: Route{{Local, []byte{1}, 0}}, Address: Address{Local, []byte{1}, 0}, Value: 128}
	m.Frames = [][]byte{{}, []byte("hello")}
	return m
}

func sealed(m AEAD) []byte {
	block, err := aes.NewCipher(m.Key)
	if err != nil {
		panic(err) // the keys of the checks are keys
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm.Seal(nil, m.Nonce, m.Data, m.Ad)
}

// known makes a request twice, whose answer is known.
func (k *checker) known(r Request, key string, want []byte) {
	if !k.report.Capabilities.Has(r.Verb) {
		return
	}
	fields, ok := k.twice("a known answer", r)
	if !ok {
		return
	}
	d := decoder{fields: fields}
	secret := d.secret(key)
	if d.wrong != "" {
		k.find("a known answer", r, key, "no such field, or no bytes")
	} else if !secret.Is(want) {
		k.find("a known answer", r, fmt.Sprintf("%s=%x", key, want), "another")
	}
}

// primitives checks vault operations by what Go's standard library makes of the same input.
func (k *checker) primitives() {
	for _, p256 := range []bool{false, true} {
		curve := ecdh.X25519()
		if p256 {
			curve = ecdh.P256()
		}
		private, err := curve.NewPrivateKey(initiatorStatic())
		other, errOther := curve.NewPrivateKey(responderStatic())
		if err != nil || errOther != nil {
			panic("the keys of section 12 are keys")
		}
		shared, err := private.ECDH(other.PublicKey())
		if err != nil {
			panic(err) // it is a public key
		}
		m := Agree{P256: p256, Private: initiatorStatic()}
		k.known(m.Request(), "public", private.PublicKey().Bytes())
		m.Public = other.PublicKey().Bytes()
		k.known(m.Request(), "secret", shared)
		if m.Public = m.Public[1:]; k.report.Capabilities.Has(m.Request().Verb) {
			k.verdict("a public key of the wrong length", m.Request())
		}
	}
	for _, size := range []int{32, 16} {
		m := AEAD{Key: counting(0)[:size], Nonce: counting(9)[:12], Ad: []byte{}, Data: []byte("hello")}
		ciphertext := sealed(m)
		k.known(m.Request(), "data", ciphertext)
		m.Open, m.Data = true, ciphertext
		k.known(m.Request(), "data", []byte("hello"))
		if m.Data = bytes.Clone(ciphertext); k.report.Capabilities.Has(VerbUnseal) {
			m.Data[0] ^= 1
			k.verdict("a tag that does not verify", m.Request())
		}
	}
	for _, ikm := range [][]byte{nil, {}, []byte("ikm")} {
		want, err := hkdf.Key(sha256.New, ikm, []byte("salt"), "", 3*proofBlock)
		if err != nil {
			panic(err) // three blocks can be had
		}
		k.known(HKDF{Salt: []byte("salt"), IKM: ikm, Blocks: 3}.Request(), "data", want)
	}
	for _, data := range [][]byte{{}, []byte("abc"), make([]byte, (k.report.Hello.Line-40)/2)} { // the last is as long as it takes
		sum := sha256.Sum256(data)
		k.known(Hash{data}.Request(), "data", sum[:])
	}
}
