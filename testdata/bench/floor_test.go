//go:build unix

package bench

import (
	"crypto/aes"
	"crypto/cipher"
	"io"
	"net"
	"testing"
)

// floorTransfer is what no channel of AES-256-GCM over TCP can save: it seals n messages with one cipher.AEAD into one buffer, which leaves
// in one Write, and opens them from a buffer that is filled by reads as large as the system gives. There are no frames, headers, counters,
// deadlines, or copies.
func floorTransfer(b *testing.B, size, n int) func() {
	client, server := tcpPair(b)
	block, err := aes.NewCipher(make([]byte, 32))
	check(b, err)
	aead, err := cipher.NewGCM(block)
	check(b, err)
	var nonce [12]byte
	sealed := size + aead.Overhead()
	msg, out, in := make([]byte, size), make([]byte, 0, n*sealed), make([]byte, n*sealed)
	received := make(chan error)
	receive := make(chan struct{})
	b.Cleanup(func() { close(receive) })
	go func() {
		for range receive {
			_, err := io.ReadFull(server, in)
			for rest := in; len(rest) > 0 && err == nil; rest = rest[sealed:] {
				_, err = aead.Open(rest[:0], nonce[:], rest[:sealed], nil)
			}
			received <- err
		}
	}()
	return func() {
		receive <- struct{}{}
		out = out[:0]
		for range n {
			out = aead.Seal(out, nonce[:], msg, nil)
		}
		_, err := client.Write(out)
		check(b, err)
		check(b, <-received)
	}
}

// tcpPair returns the two ends of a connection over loopback.
func tcpPair(b *testing.B) (client, server net.Conn) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	check(b, err)
	defer func() { _ = l.Close() }()
	client, err = net.Dial("tcp4", l.Addr().String())
	check(b, err)
	server, err = l.Accept()
	check(b, err)
	b.Cleanup(func() { _, _ = client.Close(), server.Close() })
	return client, server
}
