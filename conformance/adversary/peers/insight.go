package peers

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// The classes with which it refuses, in the words of the adapter protocol.
const (
	classLength         = "length"
	classPublicKey      = "public-key"
	classWeakKey        = "weak-key"
	classAuthentication = "authentication"
	classShort          = "short"
	classWireVersion    = "wire-version"
	classMessageLength  = "message-length"
	classUnexpected     = "unexpected"
	classReflection     = "reflection"
	classRefused        = "refused"
)

func refused(class string) error { return &conformance.Refusal{Class: class} }

// tools are what a peer can do beside what it does on the wire, one step to a field, as in a script. Each does its part rightly unless it is
// replaced.
type tools struct {
	agree func(m conformance.Agree) ([]byte, error)
	hkdf  func(salt, ikm []byte, blocks int) ([]byte, error)
	seal  func(m conformance.AEAD) ([]byte, error)
	open  func(m conformance.AEAD) ([]byte, error)

	mirrored func(own, public []byte) bool // NOISE-016
	tells    func(class string) string     // CHAN-007: what is said of why a channel failed
	vault    vaultSteps
}

func correctTools() tools {
	return tools{
		agree: agree, hkdf: expand, seal: sealAEAD, open: openAEAD,
		mirrored: bytes.Equal,
		tells:    func(class string) string { return class },
		vault:    correctVault(),
	}
}

// An insight is a conformance.Insight of tools and of a script.
type insight struct {
	tools
	seed   uint64
	box    *box // nil until it is asked for
	conn   *conn
	reason string // of the channel's last refusal
}

// insightOf makes the Insight of a peer with tools replaced.
func insightOf(alter func(t *tools)) func(seed uint64) conformance.Insight {
	return func(seed uint64) conformance.Insight {
		i := &insight{tools: correctTools(), seed: seed}
		if alter != nil {
			alter(&i.tools)
		}
		return i
	}
}

// plainSecret is a secret that nobody keeps.
type plainSecret []byte

// Is implements conformance.Secret.
func (s plainSecret) Is(want []byte) bool { return bytes.Equal(s, want) }

// Agree implements conformance.Insight.
func (i *insight) Agree(_ context.Context, m conformance.Agree) (conformance.Secret, error) {
	out, err := i.agree(m)
	return plainSecret(out), err
}

// HKDF implements conformance.Insight.
func (i *insight) HKDF(_ context.Context, salt, ikm []byte, blocks int) (conformance.Secret, error) {
	out, err := i.hkdf(salt, ikm, blocks)
	return plainSecret(out), err
}

// AEAD implements conformance.Insight.
func (i *insight) AEAD(_ context.Context, m conformance.AEAD) ([]byte, error) {
	if m.Open {
		return i.tools.open(m)
	}
	return i.tools.seal(m)
}

func agree(m conformance.Agree) ([]byte, error) {
	own, err := adversary.LoadKeyPair(profile.Suite{P256: m.P256}, m.Private)
	if err != nil {
		return nil, refused(classLength)
	}
	if want := 32; !m.P256 && len(m.Public) != want || m.P256 && len(m.Public) != 65 {
		return nil, refused(classPublicKey)
	}
	shared, ok := own.DH(m.Public)
	if !ok {
		return nil, refused(classWeakKey)
	}
	return shared, nil
}

func expand(salt, ikm []byte, blocks int) ([]byte, error) {
	out, err := hkdf.Key(sha256.New, ikm, salt, "", blocks*sha256.Size)
	if err != nil || blocks < 1 {
		return nil, refused(classLength)
	}
	return out, nil
}

func aead(m conformance.AEAD) (cipher.AEAD, error) {
	block, err := aes.NewCipher(m.Key)
	if err != nil {
		return nil, refused(classLength)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil || len(m.Nonce) != gcm.NonceSize() {
		return nil, refused(classLength)
	}
	return gcm, nil
}

func sealAEAD(m conformance.AEAD) ([]byte, error) {
	gcm, err := aead(m)
	if err != nil {
		return nil, err
	}
	return gcm.Seal([]byte{}, m.Nonce, m.Data, m.AD), nil
}

func openAEAD(m conformance.AEAD) ([]byte, error) {
	gcm, err := aead(m)
	if err != nil {
		return nil, err
	}
	if len(m.Data) < gcm.Overhead() {
		return nil, refused(classShort)
	}
	out, err := gcm.Open([]byte{}, m.Nonce, m.Data, m.AD)
	if err != nil {
		return nil, refused(classAuthentication)
	}
	return out, nil
}

// Begin implements conformance.Insight.
func (i *insight) Begin(_ context.Context, m conformance.Begin) (conformance.Step, error) {
	need := conformance.Need{Role: m.Role, Transport: conformance.Mem, Profile: m.Profile}
	n := newNode(need, i.seed, i.withKeys(m))
	i.seed++
	i.conn, i.reason = n.connect("127.0.0.1:49152", "127.0.0.1:4000"), ""
	return i.step(i.conn.Start(0)), nil
}

// Feed implements conformance.Insight.
func (i *insight) Feed(_ context.Context, message []byte) (conformance.Step, error) {
	if i.conn == nil {
		return conformance.Step{Closed: true}, nil
	}
	i.reason = ""
	return i.step(i.conn.Receive(0, frame(message))), nil
}

// withKeys is the change of a script that uses the kit's keys, and that remembers why it refuses.
func (i *insight) withKeys(m conformance.Begin) change {
	return func(s *script) {
		s.static = func(c *conn) adversary.KeyPair { return adversary.NewKeyPair(c.node.profile.Suite, m.Static) }
		if m.Ephemeral != nil {
			s.ephemeral = func(c *conn) adversary.KeyPair { return adversary.NewKeyPair(c.node.profile.Suite, m.Ephemeral) }
		}
		s.accept = func(_ *conn, static []byte) bool {
			return i.says(m.Peer == nil || bytes.Equal(m.Peer, static), classRefused)
		}
		s.mix = func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
			return i.says(!i.mirrored(hs.E.Public, public), classReflection) && i.says(mix(hs, own, public), classWeakKey)
		}
		s.readKey = func(hs *adversary.Handshake, m []byte) ([]byte, bool) {
			rest, ok := readKey(hs, m)
			return rest, i.says(ok, classMessageLength)
		}
		s.readStatic = func(hs *adversary.Handshake, ciphertext []byte) bool {
			return i.says(readStatic(hs, ciphertext), classAuthentication)
		}
		s.readRest = func(hs *adversary.Handshake, ciphertext []byte) bool {
			class := classAuthentication
			if hs.HasKey && len(ciphertext) != adversary.TagSize || !hs.HasKey {
				class = classMessageLength
			}
			return i.says(readRest(hs, ciphertext), class)
		}
		s.arrived = func(c *conn, f []byte) {
			i.says(len(f) == 0 || f[0] == 1, classWireVersion)
			arrived(c, f)
		}
		s.refuse = func(c *conn, m message) {
			i.says(false, classUnexpected)
			refuse(c, m)
		}
	}
}

// says remembers the first reason to refuse a message.
func (i *insight) says(ok bool, class string) bool {
	if !ok && i.reason == "" {
		i.reason = class
	}
	return ok
}

// step is what the channel did.
func (i *insight) step(out conformance.Output) conformance.Step {
	step := conformance.Step{Opened: i.conn.state == isOpen, Closed: i.conn.over || i.conn.state == failed}
	for _, f := range out.Data {
		step.Out = append(step.Out, f[binary.Size(uint16(0)):])
	}
	if i.reason != "" {
		step.Class = i.tells(i.reason)
	}
	return step
}
