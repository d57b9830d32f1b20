package subject

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"ockamtest/conformance/harness"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// filling is the payload of records that are only to be counted.
const filling = "x"

// associated is the associated data of records: REC-001.
func associated(p profile.Profile, h []byte) []byte {
	if p.Name == profile.C09().Name {
		return nil
	}
	return h
}

// service is the application to which e09 hands payloads.
const service = "app"

// fillingOf writes filling.
func fillingOf(p profile.Profile) harness.Write {
	m := harness.Write{Data: []byte(filling)}
	if p.InnerOnwardNeeded {
		m.Onward = harness.Route{{Kind: harness.Local, Value: []byte(service)}}
	}
	return m
}

// inner is the plaintext of a record with the payload filling.
func inner(p profile.Profile) []byte {
	d := wire.Dialect(p.InnerEnvelope())
	m := wire.Message{Type: wire.Payload, Body: []byte(filling)}
	if d.Untagged {
		m.Type = wire.Untyped
	}
	if p.InnerOnwardNeeded {
		m.Onward = wire.Route{wire.LocalAddress([]byte(service))}
	}
	b, err := wire.AppendMessage(nil, d, &m)
	if err != nil {
		panic(err) // there is no shorter one in any profile
	}
	return b
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil // a vector's key of no size that there is
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	return aead
}

// nonce is that of a counter: REC-002.
func nonce(counter int) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 4), uint64(counter))
}

func sealed(key []byte, counter int, ad, plaintext []byte) []byte {
	return gcm(key).Seal(nil, nonce(counter), plaintext, ad)
}

// verifies tells whether a record is one of this key and counter.
func verifies(key []byte, counter int, ad []byte, record vectors.Hex) bool {
	aead := gcm(key)
	if aead == nil {
		return false
	}
	_, err := aead.Open(nil, nonce(counter), record, ad)
	return err == nil
}
