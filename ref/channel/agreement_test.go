package channel_test

import (
	"encoding/binary"
	"hash/crc64"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// A transparent is a key agreement without keys, for tests of what a channel does with counters (KEY-004): a record is its counter, the
// plaintext, and a checksum, so that a test makes one for any counter and forges it at will. It counts what it is asked for.
type transparent struct {
	handled, next  uint64
	opened, sought int // calls of DecryptAt and Locate
}

var _ key.Agreement = (*transparent)(nil)

const clearTag = 16 // bytes: half of them stand before the plaintext

// record is what a peer sends under counter n.
func (*transparent) record(n uint64, plaintext []byte) []byte {
	out := append(binary.BigEndian.AppendUint64(nil, n), plaintext...)
	return binary.BigEndian.AppendUint64(out, crc64.Checksum(out, crc64.MakeTable(crc64.ECMA)))
}

// counter is the counter of a record, false if its checksum is wrong.
func (*transparent) counter(record []byte) (uint64, bool) {
	body := record[:len(record)-clearTag/2]
	sum := binary.BigEndian.Uint64(record[len(body):])
	return binary.BigEndian.Uint64(record), crc64.Checksum(body, crc64.MakeTable(crc64.ECMA)) == sum
}

func (c *transparent) Initiate(dst []byte) ([]byte, error) {
	return append(dst, make([]byte, 32)...), nil
}
func (c *transparent) Respond() error { return nil }

func (c *transparent) Handle(dst, msg []byte) ([]byte, error) {
	c.handled++
	return append(dst, make([]byte, map[int]int{32: 96, 96: 64}[len(msg)])...), nil
}

func (c *transparent) Established() bool      { return c.handled > 0 }
func (c *transparent) PeerStatic() []byte     { return make([]byte, 32) }
func (c *transparent) ChannelBinding() []byte { return make([]byte, 32) }

func (c *transparent) Encrypt(dst, plaintext []byte) ([]byte, error) {
	out := append(dst, c.record(c.next, plaintext)...)
	c.next++
	return out, nil
}

func (c *transparent) Decrypt([]byte, []byte) ([]byte, error) {
	panic("a receiver on datagrams knows the counter")
}

func (c *transparent) DecryptAt(dst []byte, n uint64, ciphertext []byte) ([]byte, error) {
	c.opened++
	if n > key.MaxCounter {
		return nil, key.ErrCounterExhausted
	}
	if len(ciphertext) < clearTag {
		return nil, vault.ErrShortCiphertext
	}
	if got, ok := c.counter(ciphertext); !ok || got != n {
		return nil, vault.ErrAuthentication
	}
	return append(dst, ciphertext[clearTag/2:len(ciphertext)-clearTag/2]...), nil
}

func (c *transparent) Locate(from, to uint64, ciphertext []byte) (uint64, error) {
	c.sought++
	if n, ok := c.counter(ciphertext); ok && from <= n && n <= to {
		return n, nil
	}
	return 0, vault.ErrAuthentication
}

func (c *transparent) Overhead() int       { return clearTag }
func (c *transparent) MessageSizes() []int { return []int{32, 96, 64} }
func (c *transparent) Close() error        { return nil }

// A receiver is an open responder on datagrams whose peer is the test.
type receiver struct {
	c         *channel.Channel
	agreement *transparent
}

// newReceiver makes a receiver with window W.
func newReceiver(t fataler, size int) *receiver {
	t.Helper()
	agreement := &transparent{}
	c, err := channel.New(channel.Config{Role: channel.Responder, Profile: profile.V1(), Agreement: agreement, Window: size})
	if err == nil {
		_, err = c.Start(0, nil)
	}
	for _, kind := range []wire.Type{wire.M1, wire.M3} {
		if err == nil {
			_, _, err = c.Handle(0, nil, append([]byte{1, 0, 0, byte(kind)}, make([]byte, 32+int(kind-wire.M1)*16)...))
		}
	}
	if err != nil || c.State() != channel.Open {
		t.Fatalf("no open channel: %v", err)
	}
	return &receiver{c, agreement}
}

// A fataler is a test, or what a gopter command has of one.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// take hands over the record with counter n, whose payload tells n, forged if so wanted. It reports whether the payload was delivered,
// and the error if it was not.
func (r *receiver) take(t fataler, n uint64, forged bool) (bool, error) {
	t.Helper()
	payload := binary.BigEndian.AppendUint64(nil, n)
	msg := append([]byte{1, 0, 0, 2}, r.agreement.record(n, append([]byte{1, 0, 0, 2}, payload...))...)
	if forged {
		msg[len(msg)-1] ^= 1
	}
	original, before := string(msg), *r.c
	opened, sought := r.agreement.opened, r.agreement.sought
	out, ev, err := r.c.Handle(0, make([]byte, 0, 64), msg)
	opened, sought = r.agreement.opened-opened, r.agreement.sought-sought
	if string(msg) != original {
		t.Fatalf("record %d: the message was changed", n)
	}
	if err != nil {
		// REC-012: one attempt and one search, and nothing has moved.
		if *r.c != before || out != nil || ev.Kind != channel.None || opened != 1 || sought > 1 {
			t.Fatalf("record %d: rejected with event %d, %d attempts, and %d searches, or the channel has changed", n, ev.Kind, opened, sought)
		}
		return false, err
	}
	if ev.Kind != channel.Delivered || string(ev.Payload) != string(payload) || len(out) != 0 || opened > 2 || sought > 1 {
		t.Fatalf("record %d: event %d, payload %x, %d attempts, %d searches", n, ev.Kind, ev.Payload, opened, sought)
	}
	return true, nil
}
