package attach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"ockamtest/conformance"
)

// routerEnds are the kit's ends around a router that listens at real addresses: HOST:PORT by transport.
type routerEnds struct {
	cfg Config
	at  map[conformance.Transport]string
}

const (
	// strangerHost is where a stranger's ends are, in the network of 127.0.0.1 but unknown to the rule of the router contract.
	strangerHost = "127.0.0.2"
	// routerFresh is how long a connection that a router has made may wait: no handshake deadline runs.
	routerFresh = time.Hour
	// fillers is how many connections are tried to make a listener deaf, and fillTimeout how long the one that does not come is waited for.
	fillers     = 8
	fillTimeout = 200 * time.Millisecond
)

// open makes a link with the router.
func (e routerEnds) open(ctx context.Context, need conformance.Need, end conformance.End, patience time.Duration) (conformance.Link, error) {
	transport := endTransport(need, end)
	address, err := e.address(transport)
	if err != nil {
		return nil, err
	}
	local := ""
	if end.Stranger {
		if local, err = e.stranger(address); err != nil {
			return nil, err
		}
	}
	if transport == conformance.UDP {
		link, err := dialPacket(local, address)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %s", conformance.ErrUnreachable, address, hint(err))
		}
		return link, nil
	}
	if local == "" {
		link, err := connect(ctx, e.cfg, address, patience, nil)
		if err != nil {
			return nil, err
		}
		return link, nil
	}
	dialer := net.Dialer{Timeout: e.cfg.scaled(connectTimeout), LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	tcp, ok := conn.(*net.TCPConn)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: dial %s from %s: %s", conformance.ErrUnreachable, address, local, hint(err))
	}
	return newSocketLink(tcp, e.cfg.scaled(stallTimeout)), nil
}

// address is where the router listens.
func (e routerEnds) address(transport conformance.Transport) (string, error) {
	if address, ok := e.at[transport]; ok {
		return address, nil
	}
	return "", &conformance.Inapplicable{Reason: fmt.Sprintf("the router does not listen over %s", transport)}
}

// stranger is the host of a stranger's ends, if there can be one: the router is at 127.0.0.1, and the machine has that other address.
func (e routerEnds) stranger(router string) (string, error) {
	at, err := netip.ParseAddrPort(router)
	if err != nil || at.Addr() != netip.AddrFrom4([4]byte{127, 0, 0, 1}) {
		return "", &conformance.Inapplicable{Reason: "the router does not listen at 127.0.0.1: the kit has no address that its rule does not know"}
	}
	l, err := net.Listen("tcp", net.JoinHostPort(strangerHost, "0"))
	if err != nil {
		return "", &conformance.Inapplicable{Reason: "this machine has no address " + strangerHost}
	}
	return strangerHost, l.Close()
}

// listen makes a listener of the kit's, at the address from which it reaches the router.
func (e routerEnds) listen(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Listener, error) {
	router, err := e.address(need.Transport)
	if err != nil {
		return nil, err
	}
	host, err := hostTowards(router)
	if err == nil && end.Stranger {
		host, err = e.stranger(router)
	}
	if err != nil {
		return nil, err
	}
	if end.Deaf {
		return listenDeaf(ctx, host)
	}
	a, err := newAcceptor(ctx, net.JoinHostPort(host, "0"), routerFresh)
	if err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	return &kitListener{acceptor: a, stall: e.cfg.scaled(stallTimeout)}, nil
}

// hostTowards is the host of this machine that an address sees. Nothing is sent.
func hostTowards(address string) (string, error) {
	conn, err := net.Dial("udp", address)
	if err != nil {
		return "", fmt.Errorf("%w: %s", conformance.ErrUnreachable, hint(err))
	}
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	return host, errors.Join(err, conn.Close())
}

// A kitListener is a listener to which a router connects.
type kitListener struct {
	acceptor *acceptor
	stall    time.Duration
	closed   bool
}

// Accept returns the next connection.
func (l *kitListener) Accept(wait time.Duration) (conformance.Link, error) {
	if l.closed {
		return nil, conformance.ErrLinkClosed
	}
	conn, err := l.acceptor.next(context.Background(), max(wait, shortestWait), nil)
	switch {
	case errors.Is(err, errNobody):
		return nil, conformance.ErrQuiet
	case err != nil:
		return nil, fmt.Errorf("accept: %w", err)
	}
	return newSocketLink(conn, l.stall), nil
}

// Address is where the router finds it.
func (l *kitListener) Address() string { return l.acceptor.address() }

// Close stops listening.
func (l *kitListener) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	return l.acceptor.close()
}

// A deafListener is a listener whose queue is full: what connects to it waits for ever.
type deafListener struct {
	listener *net.TCPListener
	fillings []net.Conn
	closed   bool
}

// listenDeaf makes the queue of a listener as short as the system has it, and fills it.
func listenDeaf(ctx context.Context, host string) (conformance.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	d := &deafListener{}
	d.listener, _ = listener.(*net.TCPListener) // what "tcp" is
	if err := shortenQueue(d.listener); err != nil {
		return nil, errors.Join(&conformance.Inapplicable{Reason: "this system does not shorten the queue of a listener"}, d.Close())
	}
	dialer := net.Dialer{Timeout: fillTimeout}
	for range fillers {
		conn, err := dialer.DialContext(ctx, "tcp", d.Address())
		if err != nil && isTimeout(err) {
			return d, nil
		}
		if err != nil {
			break
		}
		d.fillings = append(d.fillings, conn)
	}
	return nil, errors.Join(&conformance.Inapplicable{Reason: "this system takes connections for a listener that does not"}, d.Close())
}

// shortenQueue sets the length of the queue of connections that nobody has accepted to the least.
func shortenQueue(l *net.TCPListener) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	return errors.Join(raw.Control(func(fd uintptr) { failed = listenAgain(fd, 0) }), failed)
}

// Accept waits in vain.
func (d *deafListener) Accept(wait time.Duration) (conformance.Link, error) {
	if d.closed {
		return nil, conformance.ErrLinkClosed
	}
	stopped(context.Background(), wait, nil)
	return nil, conformance.ErrQuiet
}

// Address is where the router looks for it.
func (d *deafListener) Address() string { return d.listener.Addr().String() }

// Close stops listening.
func (d *deafListener) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	err := d.listener.Close()
	for _, conn := range d.fillings {
		err = errors.Join(err, conn.Close())
	}
	return err
}
