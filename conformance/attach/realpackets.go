package attach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"ockamtest/conformance"
)

// A packetNode runs a Node over UDP sockets in real time. Each socket has one goroutine; mu is held while the node or a machine is called.
type packetNode struct {
	name  string
	began time.Time
	crash context.CancelCauseFunc

	mu      sync.Mutex
	node    conformance.Node
	sockets map[*packetSocket]struct{}
}

// maxMachines bounds the sources of a socket (TRAN-021). At the bound one that waits for nothing gives way.
const maxMachines = 4096

// A packetSocket is one socket of a packetNode with the machines of its sources.
type packetSocket struct {
	*net.UDPConn
	dialled  netip.AddrPort // whom an initiator has turned itself to; zero for a responder
	machines map[netip.AddrPort]conformance.Machine
	heard    chan struct{} // closed with the first datagram of the dialled one
	told     bool          // heard is closed
	used     time.Time     // when the last datagram came
}

func newPacketSocket(conn *net.UDPConn, dialled netip.AddrPort) *packetSocket {
	_ = conn.SetReadBuffer(packetBuffer)
	return &packetSocket{
		UDPConn: conn, dialled: dialled, machines: map[netip.AddrPort]conformance.Machine{}, heard: make(chan struct{}), used: time.Now(),
	}
}

func (n *packetNode) now() time.Duration { return time.Since(n.began) }

// serve runs a socket until ctx ends, or, for an initiator, until nothing has come for idle. It closes the socket.
func (n *packetNode) serve(ctx context.Context, s *packetSocket, idle time.Duration) {
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	defer func() {
		n.mu.Lock()
		delete(n.sockets, s)
		n.mu.Unlock()
		_ = s.Close()
	}()
	n.open(s)
	buf := make([]byte, receiveBuffer)
	for ctx.Err() == nil {
		if s.dialled.IsValid() && time.Since(s.used) > idle {
			return
		}
		n.expire(s)
		n.arm(s, idle)
		size, source, err := s.ReadFromUDPAddrPort(buf)
		switch {
		case err == nil:
			n.receive(s, source, buf[:size])
		case errors.Is(err, net.ErrClosed):
			return
		case !errors.Is(err, os.ErrDeadlineExceeded): // it tells of an earlier datagram
			continue
		}
	}
}

// open makes the socket known, and begins an initiator's handshake.
func (n *packetNode) open(s *packetSocket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sockets == nil {
		n.sockets = map[*packetSocket]struct{}{}
	}
	n.sockets[s] = struct{}{}
	if s.dialled.IsValid() {
		m := n.connect(s, s.dialled)
		n.carryOut(s, s.dialled, m.Start(n.now()))
	}
}

func (n *packetNode) connect(s *packetSocket, source netip.AddrPort) conformance.Machine {
	for old, m := range s.machines {
		if len(s.machines) < maxMachines {
			break
		}
		if _, waits := m.Wake(); !waits {
			delete(s.machines, old)
		}
	}
	remote := netip.AddrPortFrom(source.Addr().Unmap(), source.Port()).String()
	m := n.node.Connect(localAddress(s.UDPConn, source), remote)
	s.machines[source] = m
	return m
}

// receive hands a datagram to the machine of its source, which is made for the first one.
func (n *packetNode) receive(s *packetSocket, source netip.AddrPort, p []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s.used = time.Now()
	if source == s.dialled && !s.told {
		s.told = true
		close(s.heard)
	}
	m := s.machines[source]
	if m == nil {
		m = n.connect(s, source)
		if !s.dialled.IsValid() {
			n.carryOut(s, source, m.Start(n.now()))
		}
	}
	if s.machines[source] == m {
		n.carryOut(s, source, m.Receive(n.now(), p))
	}
	n.nudge(s)
}

// expire calls the machines that are due.
func (n *packetNode) expire(s *packetSocket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for range maxExpiries {
		due := false
		for source, m := range s.machines {
			if at, waits := m.Wake(); waits && at <= n.now() {
				due = true
				n.carryOut(s, source, m.Expire(n.now()))
			}
		}
		if !due {
			return
		}
		n.nudge(s)
	}
	n.crash(&CrashError{Peer: n.name, Reason: "its timer does not move on"})
}

// arm sets the deadline of the next read to when a machine wants to be called, or the socket may be idle for too long.
func (n *packetNode) arm(s *packetSocket, idle time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	until := s.used.Add(idle)
	if !s.dialled.IsValid() {
		until = time.Now().Add(time.Hour)
	}
	for _, m := range s.machines {
		if at, waits := m.Wake(); waits && n.began.Add(at).Before(until) {
			until = n.began.Add(at)
		}
	}
	_ = s.SetReadDeadline(until)
}

// nudge wakes the other sockets: machines of a node may share state.
func (n *packetNode) nudge(s *packetSocket) {
	for other := range n.sockets {
		if other != s {
			_ = other.SetReadDeadline(time.Now())
		}
	}
}

// carryOut does what a machine wants.
func (n *packetNode) carryOut(s *packetSocket, source netip.AddrPort, out conformance.Output) {
	if out.Crash != "" {
		n.crash(&CrashError{Peer: n.name, Reason: out.Crash})
		return
	}
	for _, p := range out.Data {
		_, _ = s.WriteToUDPAddrPort(p, source) // a datagram may be lost
	}
	if out.Close || out.Reset {
		delete(s.machines, source)
	}
}

// servePackets runs a program over UDP until ctx ends.
func (n *packetNode) servePackets(ctx context.Context, cfg ServeConfig) error {
	at, err := net.ResolveUDPAddr("udp", cfg.Address)
	if err != nil {
		return fmt.Errorf("%w: address: %w", ErrConfig, err)
	}
	if cfg.Role == conformance.Initiator {
		return n.initiate(ctx, at, cfg)
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if cfg.Listening != nil {
		cfg.Listening(conn.LocalAddr().String())
	}
	n.serve(ctx, newPacketSocket(conn, netip.AddrPort{}), 0)
	return nil
}

// initiate begins one session after the other, each from a socket of its own.
func (n *packetNode) initiate(ctx context.Context, at *net.UDPAddr, cfg ServeConfig) error {
	if at.Port == 0 {
		return fmt.Errorf("%w: port 0 cannot be dialed", ErrConfig)
	}
	return beginSessions(ctx, func(session context.Context, run func(func())) (<-chan struct{}, error) {
		s, err := dialFrom(at)
		if err != nil {
			return nil, err
		}
		cfg.log().Info("session", "with", at)
		run(func() { n.serve(session, s, sessionIdle) })
		return s.heard, nil
	})
}

// dialFrom makes a socket for a session with whoever is at an address. It is not connected: what other sources send is for the program.
func dialFrom(at *net.UDPAddr) (*packetSocket, error) {
	probe, err := net.DialUDP("udp", nil, at) // tells which of the host's addresses leads there
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	local, isUDP := probe.LocalAddr().(*net.UDPAddr)
	err = probe.Close()
	if err != nil || !isUDP {
		return nil, fmt.Errorf("dial: %w", errors.Join(err, errors.ErrUnsupported))
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: local.IP, Zone: local.Zone})
	if err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	remote := at.AddrPort()
	return newPacketSocket(conn, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())), nil
}
