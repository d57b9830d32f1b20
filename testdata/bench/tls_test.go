//go:build unix

package bench

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"strconv"
	"testing"
	"time"
	_ "unsafe" // for linkname

	"ockamtest/ref"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// together is how many bytes are on their way at once.
const together = 256 << 10

// defaultCipherSuitesTLS13 is the order in which crypto/tls prefers the suites of TLS 1.3, which its Config does not tell.
//
//go:linkname defaultCipherSuitesTLS13 crypto/tls.defaultCipherSuitesTLS13
var defaultCipherSuitesTLS13 []uint16

// BenchmarkChannelTLS carries messages over loopback TCP from one goroutine to another: over a channel, and over TLS 1.3 with AES-256 of
// crypto/tls, which is the base and gets one Write for each message, as it makes one record and one system call of each.
//
// An operation is 256 KiB of messages, all of which arrive before the next begins; what counts is the CPU time of both ends. "ref" gives
// them to the channel in one batch, whose frames leave together; "ref-single" in one Write for each. "tls-batch" joins the messages to one
// Write, as a bufio.Writer would: then records are 16 KiB, whatever the messages are, and receivers have to find where these end. A channel has
// 65,536 messages in a direction (REC-003); the handshake of the next one is in the figures. "floor" is the AES-GCM and the system calls alone.
func BenchmarkChannelTLS(b *testing.B) {
	for _, size := range []int{1 << 10, 16 << 10, channelLimit(b)} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			n := max(together/size, 1)
			paired(b,
				candidate{name: "tls", op: tlsTransfer(b, size, n, false)},
				candidate{name: "ref", op: refTransfer(b, size, n, true)},
				candidate{name: "ref-single", op: refTransfer(b, size, n, false)},
				candidate{name: "tls-batch", op: tlsTransfer(b, size, n, true)},
				candidate{name: "floor", op: floorTransfer(b, size, n)},
			)
		})
	}
}

// A channelPair opens one channel after the other.
type channelPair struct {
	b              *testing.B
	cfg            ref.Config
	listener       *ref.Listener
	client, server *ref.Conn
	left           int // messages of this channel
}

func newChannelPair(b *testing.B) *channelPair {
	v, err := software.New(software.Config{})
	check(b, err)
	static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	check(b, err)
	p := &channelPair{b: b, cfg: ref.Config{Profile: profile.V1(), Vault: v, Static: static, Policy: ref.AcceptAnyKey()}}
	address := wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0)
	p.listener, err = ref.Listen(b.Context(), address, ref.ListenConfig{Config: p.cfg})
	check(b, err)
	b.Cleanup(func() { p.close(); _ = p.listener.Close() })
	p.open()
	return p
}

// open opens the next channel.
func (p *channelPair) open() {
	p.close()
	ctx := context.Background()
	var err error
	p.client, err = ref.Dial(ctx, p.listener.Address(), p.cfg)
	check(p.b, err)
	p.server, err = p.listener.Accept(ctx)
	check(p.b, err)
	p.left = key.MaxCounter + 1
}

func (p *channelPair) close() {
	if p.client != nil {
		_ = p.client.Close()
		_ = p.server.Close()
	}
}

// channelLimit is the longest message of a channel.
func channelLimit(b *testing.B) int { return newChannelPair(b).client.Limit() }

// refTransfer sends n messages over a channel.
func refTransfer(b *testing.B, size, n int, batched bool) func() {
	p := newChannelPair(b)
	ctx := context.Background()
	msgs, buf := make([][]byte, n), make([]byte, size)
	for i := range msgs {
		msgs[i] = bytes.Repeat([]byte{byte(i)}, size)
	}
	received := make(chan error)
	receive := make(chan *ref.Conn)
	b.Cleanup(func() { close(receive) })
	go func() {
		for server := range receive {
			var err error
			for i := 0; i < n && err == nil; i++ {
				_, err = server.Read(ctx, buf)
			}
			received <- err
		}
	}()
	return func() {
		if p.left < n {
			p.open()
		}
		p.left -= n
		receive <- p.server
		if batched {
			check(b, transport.WriteBatch(ctx, p.client, msgs))
		} else {
			for _, m := range msgs {
				check(b, p.client.Write(ctx, m))
			}
		}
		check(b, <-received)
	}
}

// tlsTransfer sends n messages over TLS.
func tlsTransfer(b *testing.B, size, n int, joined bool) func() {
	client, server := tlsPair(b)
	msg, buf := make([]byte, size), make([]byte, size)
	if joined {
		msg = make([]byte, n*size)
	}
	received := make(chan error)
	receive := make(chan struct{})
	b.Cleanup(func() { close(receive) })
	go func() {
		for range receive {
			var err error
			for i := 0; i < n && err == nil; i++ {
				_, err = io.ReadFull(server, buf)
			}
			received <- err
		}
	}()
	return func() {
		receive <- struct{}{}
		for sent := 0; sent < n*size; sent += len(msg) {
			_, err := client.Write(msg)
			check(b, err)
		}
		check(b, <-received)
	}
}

// tlsPair returns the two ends of a TLS connection.
func tlsPair(b *testing.B) (client, server *tls.Conn) {
	for i, suite := range defaultCipherSuitesTLS13 {
		if suite == tls.TLS_AES_256_GCM_SHA384 {
			defaultCipherSuitesTLS13[0], defaultCipherSuitesTLS13[i] = suite, defaultCipherSuitesTLS13[0]
		}
	}
	below, accepted := tcpPair(b)
	certificate, roots := selfSigned(b)
	client = tls.Client(below, &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, ServerName: "localhost"})
	server = tls.Server(accepted, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate}})
	b.Cleanup(func() { _, _ = client.Close(), server.Close() })
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	check(b, client.Handshake())
	check(b, <-done)
	if suite := client.ConnectionState().CipherSuite; suite != tls.TLS_AES_256_GCM_SHA384 {
		b.Fatalf("the suite is %s, want AES-256", tls.CipherSuiteName(suite))
	}
	return client, server
}

// selfSigned makes a certificate for localhost and the pool that believes it.
func selfSigned(b *testing.B) (tls.Certificate, *x509.CertPool) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(b, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	check(b, err)
	leaf, err := x509.ParseCertificate(der)
	check(b, err)
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, roots
}
