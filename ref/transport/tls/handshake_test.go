package tls_test

import (
	"context"
	stdtls "crypto/tls"
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tls"
	"ockamtest/ref/wire"
)

// failures is where the errors of failed handshakes go.
func failures(cfg *tls.Config) <-chan error {
	errs := make(chan error, 100)
	cfg.Failed = func(_ wire.Address, err error) { errs <- err }
	return errs
}

func exchange(t testing.TB, a, b transport.Conn) {
	t.Helper()
	if err := a.Write(t.Context(), []byte("ping")); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 10)
	if n, err := b.Read(t.Context(), p); err != nil || string(p[:n]) != "ping" {
		t.Fatalf("got %q, %v", p[:n], err)
	}
}

// TRAN-024: nothing below TLS 1.3, whatever the configurations say.
func TestVersion(t *testing.T) {
	client, server := configs(t)
	errs := failures(&server)
	old := server.TLS.Clone()
	old.MaxVersion = stdtls.VersionTLS12
	server.TLS.MinVersion = stdtls.VersionTLS10
	server.TLS.GetConfigForClient = func(*stdtls.ClientHelloInfo) (*stdtls.Config, error) { return old, nil }
	l := listen(t, server)
	ask := &stdtls.Config{RootCAs: client.TLS.RootCAs, ServerName: "localhost", MaxVersion: stdtls.VersionTLS12}
	_ = stdtls.Client(socket(t, l), ask).HandshakeContext(t.Context()) // may succeed, and is of no use
	if err := <-errs; !errors.Is(err, tls.ErrConfig) {
		t.Errorf("a server of TLS 1.2 for one client: got %v, want ErrConfig", err)
	}
	if conn, err := tls.Dial(t.Context(), l.Address(), client); conn != nil || err == nil {
		t.Errorf("a client of a server of TLS 1.2: got %v, %v, want an error", conn, err)
	}
	if err := <-errs; err == nil {
		t.Error("nobody is told")
	}
	server.TLS.GetConfigForClient = nil
	l = listen(t, server)
	if err := stdtls.Client(socket(t, l), ask).HandshakeContext(t.Context()); err == nil {
		t.Error("a client of TLS 1.2 is accepted")
	}
	if err := <-errs; err == nil {
		t.Error("nobody is told")
	}
	if server.TLS.MinVersion != stdtls.VersionTLS10 || server.TLS.DynamicRecordSizingDisabled {
		t.Error("the caller's configuration was changed")
	}
}

func TestConfigRefused(t *testing.T) {
	client, server := configs(t)
	for name, change := range map[string]func(*tls.Config){
		"TLS 1.2":          func(c *tls.Config) { c.TLS.MaxVersion = stdtls.VersionTLS12 },
		"negative timeout": func(c *tls.Config) { c.HandshakeTimeout = -1 },
		"negative bound":   func(c *tls.Config) { c.HalfOpen = -1 },
		"negative backlog": func(c *tls.Config) { c.Backlog = -1 },
		"huge bound":       func(c *tls.Config) { c.HalfOpen = 1 << 40 },
	} {
		c, s := client, server
		c.TLS, s.TLS = c.TLS.Clone(), s.TLS.Clone()
		change(&c)
		change(&s)
		if conn, err := tls.Dial(t.Context(), loopback().WithPort(9), c); conn != nil || !errors.Is(err, tls.ErrConfig) {
			t.Errorf("%s: Dial: got %v, %v, want ErrConfig", name, conn, err)
		}
		if l, err := tls.Listen(t.Context(), loopback(), s); l != nil || !errors.Is(err, tls.ErrConfig) {
			t.Errorf("%s: Listen: got %v, %v, want ErrConfig", name, l, err)
		}
	}
	for _, cfg := range []tls.Config{{}, client} {
		if l, err := tls.Listen(t.Context(), loopback(), cfg); l != nil || !errors.Is(err, tls.ErrConfig) {
			t.Errorf("no certificate: got %v, %v, want ErrConfig", l, err)
		}
	}
}

// The name is that of the configuration, else the host of the address; a certificate that is not believed is not asked for again.
func TestServerName(t *testing.T) {
	client, server := configs(t)
	l := listen(t, server)
	numeric, named := l.Address(), wire.TCPAddressDNS("LocalHost", l.Address().Port())
	for name, test := range map[string]struct {
		address    wire.Address
		serverName string
		roots      bool
		want       bool
	}{
		"IP address":     {numeric, "", true, true},
		"name":           {named, "", true, true},
		"configured":     {numeric, "localhost", true, true},
		"another name":   {numeric, "example.org", true, false},
		"unknown issuer": {numeric, "", false, false},
	} {
		cfg, attempts := client, 0
		cfg.TLS = &stdtls.Config{ServerName: test.serverName}
		if test.roots {
			cfg.TLS.RootCAs = client.TLS.RootCAs
		}
		cfg.TCP.Retry = transport.Retry{Count: 5, Interval: time.Hour}
		cfg.TCP.Dialer = &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error { attempts++; return nil }}
		conn, err := tls.Dial(t.Context(), test.address, cfg)
		var untrusted *stdtls.CertificateVerificationError
		switch {
		case test.want && err == nil:
			conn.Close()
		case test.want, err == nil, !errors.As(err, &untrusted):
			t.Errorf("%s: got %v, %v, want success %v or an unbelieved certificate", name, conn, err, test.want)
		case attempts != 1:
			t.Errorf("%s: %d attempts, want 1", name, attempts)
		}
	}
}

// TRAN-020: a handshake that fails is a failed attempt.
func TestRetryHandshake(t *testing.T) {
	client, server := configs(t)
	server.HalfOpen = 1
	l := listen(t, server)
	client.HandshakeTimeout = time.Nanosecond
	attempts := 0
	client.TCP.Dialer = &net.Dialer{Control: func(string, string, syscall.RawConn) error { attempts++; return nil }}
	client.TCP.Retry.Count = 2
	conn, err := tls.Dial(t.Context(), l.Address(), client)
	if conn != nil || !errors.Is(err, context.DeadlineExceeded) || attempts != 3 {
		t.Errorf("got %v, %v after %d attempts, want a timeout after 3", conn, err, attempts)
	}
}

// TRAN-023: clients that are silent, slow, talk nonsense, or go away keep no other from being served.
func TestHostileClients(t *testing.T) {
	client, server := configs(t)
	errs := failures(&server)
	l := listen(t, server)
	for range 20 {
		socket(t, l) // silent
	}
	junk := socket(t, l)
	if _, err := junk.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	half := socket(t, l)
	if _, err := half.Write([]byte{22, 3, 1, 2, 0, 1, 0}); err != nil {
		t.Fatal(err)
	}
	socket(t, l).Close()
	conn := dial(t, l, client)
	exchange(t, conn, accept(t, l))
	for range 2 { // the nonsense and the one that went
		if err := <-errs; errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the error at once", err)
		}
	}
}

// TRAN-023: at the bound the oldest handshake gives way.
func TestOldestGivesWay(t *testing.T) {
	client, server := configs(t)
	server.HalfOpen = 2
	errs := failures(&server)
	l := listen(t, server)
	first := socket(t, l)
	for range 2 {
		socket(t, l)
	}
	if err := <-errs; !errors.Is(err, tls.ErrGaveWay) {
		t.Errorf("got %v, want ErrGaveWay", err)
	}
	if n, err := first.Read(make([]byte, 100)); n != 0 || err == nil {
		t.Errorf("the oldest reads %d bytes, %v, want its end", n, err)
	}
	conn := dial(t, l, client)
	exchange(t, conn, accept(t, l))
	if err := <-errs; !errors.Is(err, tls.ErrGaveWay) {
		t.Errorf("got %v, want ErrGaveWay", err)
	}
}

// Whatever a client sends or not, a handshake ends with its deadline.
func TestHandshakeDeadline(t *testing.T) {
	_, server := configs(t)
	server.HandshakeTimeout = 20 * time.Millisecond
	errs := failures(&server)
	silent := socket(t, listen(t, server))
	if err := <-errs; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a timeout", err)
	}
	if n, err := silent.Read(make([]byte, 100)); n != 0 || err == nil {
		t.Errorf("the client reads %d bytes, %v, want its end", n, err)
	}
}

// TRAN-022: Close gives up handshakes in progress and closes connections that nobody has accepted, and waits for all that.
func TestCloseListener(t *testing.T) {
	client, server := configs(t)
	l := listen(t, server)
	waiting := dial(t, l, client)
	for tls.InProgress(l) > 0 {
		runtime.Gosched()
	}
	silent := socket(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := silent.Read(make([]byte, 100)); n != 0 || err == nil {
		t.Errorf("a handshake in progress: got %d, %v, want its end", n, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if n, err := waiting.Read(ctx, make([]byte, 100)); n != 0 || !errors.Is(err, transport.ErrTruncated) {
		t.Errorf("a connection that waits: got %d, %v, want ErrTruncated", n, err)
	}
}
