package ref_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	stdtls "crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tls"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// ping asks and waits for the answer. It takes anything that carries messages (IO-005).
func ping(ctx context.Context, name string, conn transport.Conn) {
	if err := conn.Write(ctx, []byte("ping")); err != nil {
		panic(err)
	}
	p := make([]byte, conn.Limit())
	n, err := conn.Read(ctx, p)
	fmt.Printf("%s: %s, %v\n", name, p[:n], err)
}

// pong answers one question.
func pong(ctx context.Context, conn transport.Conn) {
	p := make([]byte, conn.Limit())
	if n, err := conn.Read(ctx, p); err != nil || string(p[:n]) != "ping" {
		panic(fmt.Sprintf("%q, %v", p[:n], err))
	}
	if err := conn.Write(ctx, []byte("pong")); err != nil {
		panic(err)
	}
}

// parties are the two ends of the examples, each with the other's key.
func parties() (initiator, responder ref.Config) {
	initiatorVault, initiatorStatic, initiatorKey := identity()
	responderVault, responderStatic, responderKey := identity()
	initiator = ref.Config{Vault: initiatorVault, Static: initiatorStatic, Policy: ref.ExactKey(responderKey)}
	responder = ref.Config{Vault: responderVault, Static: responderStatic, Policy: ref.ExactKey(initiatorKey)}
	return initiator, responder
}

// answer accepts one channel and answers on it. The function that it returns waits for the end of that.
func answer(ctx context.Context, l *ref.Listener) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept(ctx)
		if err != nil {
			panic(err)
		}
		pong(ctx, c)
	}()
	return func() { <-done }
}

// Over TCP and over UDP: only the address differs.
func ExampleDial() {
	ctx := context.Background()
	initiator, responder := parties()
	for _, address := range []string{"tcp://127.0.0.1:0", "udp://127.0.0.1:0"} {
		at, err := wire.ParseAddressString(address)
		if err != nil {
			panic(err)
		}
		l, err := ref.Listen(ctx, at, ref.ListenConfig{Config: responder})
		if err != nil {
			panic(err)
		}
		wait := answer(ctx, l)
		c, err := ref.Dial(ctx, l.Address(), initiator)
		if err != nil {
			panic(err)
		}
		ping(ctx, address[:3], c)
		wait()
		c.Close()
		l.Close()
	}
	// Output:
	// tcp: pong, <nil>
	// udp: pong, <nil>
}

// Over TLS: the certificate says who runs the server, the channel's static key with whom one talks.
func ExampleNewListener() {
	ctx := context.Background()
	initiator, responder := parties()
	certificate, roots := selfSigned()

	inner, err := tls.Listen(ctx, wire.TCPAddress4([4]byte{127, 0, 0, 1}, 0), tls.Config{
		TLS: &stdtls.Config{Certificates: []stdtls.Certificate{certificate}},
	})
	if err != nil {
		panic(err)
	}
	l, err := ref.NewListener(inner, ref.ListenConfig{Config: responder})
	if err != nil {
		panic(err)
	}
	defer l.Close()
	wait := answer(ctx, l)

	conn, err := tls.Dial(ctx, l.Address(), tls.Config{TLS: &stdtls.Config{RootCAs: roots}})
	if err != nil {
		panic(err)
	}
	c, err := ref.Initiate(ctx, conn, initiator)
	if err != nil {
		panic(err)
	}
	defer c.Close()
	ping(ctx, "tls", c)
	wait()
	// Output: tls: pong, <nil>
}

// In a tunnel: a channel in a channel, with other parties at its ends if one likes.
func ExampleInitiate() {
	ctx := context.Background()
	initiator, responder := parties()
	near, far := transport.Pipe(transport.PipeConfig{}) // stands for a connection
	done := make(chan struct{})
	go func() {
		defer close(done)
		outer, err := ref.Respond(ctx, far, responder)
		if err != nil {
			panic(err)
		}
		inner, err := ref.Respond(ctx, outer, responder)
		if err != nil {
			panic(err)
		}
		pong(ctx, inner)
	}()
	outer, err := ref.Initiate(ctx, near, initiator)
	if err != nil {
		panic(err)
	}
	inner, err := ref.Initiate(ctx, outer, initiator)
	if err != nil {
		panic(err)
	}
	defer inner.Close()
	ping(ctx, "tunnel", inner)
	<-done
	fmt.Println("it costs", outer.Limit()-inner.Limit(), "bytes a message")
	// Output:
	// tunnel: pong, <nil>
	// it costs 24 bytes a message
}

// A listening socket that tells what passes through it.
type eavesdropper struct {
	transport.PacketConn
	heard *bytes.Buffer
}

func (e eavesdropper) WriteTo(ctx context.Context, p []byte, to wire.Address) error {
	e.heard.Write(p)
	return e.PacketConn.WriteTo(ctx, p, to)
}

// Across three routers, which see ciphertext alone.
func ExampleDialRoute() {
	ctx := context.Background()
	initiator, responder := parties()
	loopback := wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0)
	var route wire.Route
	var heard [3]bytes.Buffer
	var routers [3]*ref.Node
	for i := range routers {
		socket, err := udp.Listen(ctx, loopback, udp.Config{})
		if err != nil {
			panic(err)
		}
		routers[i], err = ref.NewNode(ctx, ref.NodeConfig{
			Sockets: []transport.PacketConn{eavesdropper{socket, &heard[i]}},
			Forward: func(source, next wire.Address) bool { return next.Type() == wire.UDP }, // ROUT-007: off unless there is a rule
		})
		if err != nil {
			panic(err)
		}
		route = append(route, routers[i].Addresses()[0])
	}
	l, err := ref.Listen(ctx, loopback, ref.ListenConfig{Config: responder})
	if err != nil {
		panic(err)
	}
	defer l.Close()
	wait := answer(ctx, l)

	c, err := ref.DialRoute(ctx, append(route, l.Address()), initiator)
	if err != nil {
		panic(err)
	}
	defer c.Close()
	ping(ctx, "routers", c)
	wait()
	for i, router := range routers {
		router.Close()
		said := heard[i].Bytes()
		fmt.Printf("router %d has seen ping or pong: %v\n", i+1, bytes.Contains(said, []byte("ping")) || bytes.Contains(said, []byte("pong")))
	}
	// Output:
	// routers: pong, <nil>
	// router 1 has seen ping or pong: false
	// router 2 has seen ping or pong: false
	// router 3 has seen ping or pong: false
}

// selfSigned is a certificate for 127.0.0.1, and the roots that believe it.
func selfSigned() (stdtls.Certificate, *x509.CertPool) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return stdtls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, roots
}
