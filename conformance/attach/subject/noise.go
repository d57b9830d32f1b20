package subject

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/vectors"
)

// longestPayload in bytes is enough for the messages of the vectors.
const longestPayload = 4096

// Handshake implements vectors.Subject: with what version 1 does not have, by ref/noise alone.
func (r *Reference) Handshake(in vectors.HandshakeInput) (out vectors.HandshakeOutput, err error) {
	if in.Version1 && len(in.Prologue) == 0 {
		return r.Adapter.Handshake(in)
	}
	v, err := software.New(software.Config{})
	if err != nil {
		return out, fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
	}
	cfg := noise.Config{Vault: v, Suite: profile.X25519AES256(), Initiator: in.Role == vectors.Initiator, Prologue: in.Prologue,
		Verify: func([]byte) error { return nil }}
	kind := vault.X25519PrivateKey
	if in.Suite == vectors.SuiteP256 {
		cfg.Suite, kind = profile.P256AES128(), vault.P256PrivateKey
	}
	var errs [2]error
	cfg.Static, errs[0] = v.Import(vault.Attributes{Type: kind}, in.Static)
	cfg.UnsafeEphemeral, errs[1] = v.Import(vault.Attributes{Type: kind}, in.Ephemeral)
	if err := errors.Join(errs[:]...); err != nil {
		return out, fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
	}
	hs, err := noise.NewHandshakeState(cfg)
	if err != nil {
		return out, fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
	}
	if err := exchange(hs, in, &out); err != nil || !hs.Complete() {
		return out, err
	}
	out.RemoteStatic = hs.PeerStatic()
	out.Proves = func(h, k1, k2 vectors.Hex) error { return provesKeys(v, hs, h, k1, k2) }
	return out, nil
}

// exchange writes and reads messages as far as there are any.
func exchange(hs *noise.HandshakeState, in vectors.HandshakeInput, out *vectors.HandshakeOutput) error {
	payloads, receive := in.Payloads, in.Receive
	for !hs.Complete() {
		if !hs.MyTurn() {
			if len(receive) == 0 {
				return nil
			}
			payload, err := hs.ReadMessage(make([]byte, 0, longestPayload), receive[0])
			if err != nil {
				return &vectors.RefusalError{}
			}
			out.Payloads, receive = append(out.Payloads, payload), receive[1:]
			continue
		}
		m, err := hs.WriteMessage(make([]byte, 0, longestPayload), payloads[0])
		if err != nil {
			return &vectors.RefusalError{}
		}
		out.Sent, payloads = append(out.Sent, m), payloads[1:]
	}
	return nil
}

// provesKeys compares h, and seals with the keys, which the vault keeps, what the wanted ones seal.
func provesKeys(v vault.Vault, hs *noise.HandshakeState, h, k1, k2 vectors.Hex) error {
	if got, _ := hs.ChannelBinding(); !bytes.Equal(got[:], h) {
		return &vectors.DifferenceError{Field: "handshake_hash", Got: hex.EncodeToString(got[:]), Want: hex.EncodeToString(h)}
	}
	one, two, err := hs.Split()
	if err != nil {
		return err
	}
	for _, key := range []struct {
		name string
		got  noise.CipherState
		want vectors.Hex
	}{{"k1", one, k1}, {"k2", two, k2}} {
		b, err := v.Seal(make([]byte, 0, vault.TagSize), key.got.K, nonce(0), nil, nil)
		if err != nil {
			return err
		}
		if !verifies(key.want, 0, nil, b) {
			return &vectors.DifferenceError{Field: key.name, Got: "another, which the vault keeps", Want: hex.EncodeToString(key.want)}
		}
	}
	return errors.Join(hs.Close(), v.Close())
}
