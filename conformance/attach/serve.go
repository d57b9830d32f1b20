package attach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// A ServeConfig tells where and as what to serve. Role, Profile, and Address are required.
type ServeConfig struct {
	Role    conformance.Role
	Profile string
	// Transport is TCP or UDP; empty means TCP. A router has both.
	Transport conformance.Transport
	// Address is where a responder or router listens, port 0 for any, or where an initiator dials: HOST:PORT.
	Address string
	Depth   int // channels inside each other, the echo contract in the innermost (CHAN-008); 0 means 1
	// Route is the way behind Address to the channel listener: of the reference, a responder listens at the local address that ends it, and
	// an initiator's m1 goes there. nil means conformance.DefaultRoute. Other programs know that way alone.
	Route wire.Route
	Seed  uint64 // of a program's randomness
	// Listening is called with each address that a responder or router has bound, of a router with tcp:// or udp:// before it; nil if
	// nobody wants to know.
	Listening func(address string)
	// Log gets a line for each connection; nil is silent.
	Log *slog.Logger
}

func (c ServeConfig) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

const (
	// redialPause passes at least between two connections of an initiator; it grows to longestRedialPause while nobody listens.
	redialPause        = 10 * time.Millisecond
	longestRedialPause = time.Second
)

// ServeProgram runs a program over real connections or UDP sockets and in real time until ctx ends: a responder listens and serves any
// number of connections or sources at once, an initiator dials once per session, again and again. Over UDP it begins another session, from
// another port, when the one before was answered, and twice a second while it is not. ServeProgram returns nil when ctx has ended, a *CrashError when the program
// has crashed, and by then every connection is closed and every goroutine has ended.
func ServeProgram(ctx context.Context, program conformance.Program, cfg ServeConfig) error {
	if cfg.Transport == "" {
		cfg.Transport = conformance.TCP
	}
	if cfg.Role == conformance.Router && slices.Contains(program.Roles, cfg.Role) && slices.Contains(program.Profiles, cfg.Profile) {
		return serveRouterProgram(ctx, program, cfg)
	}
	if !slices.Contains(program.Roles, cfg.Role) || !slices.Contains(program.Speaks(cfg.Transport), cfg.Profile) {
		return fmt.Errorf("%w: %s is no %s over %s in %s", ErrNeed, program.Name, cfg.Role, cfg.Transport, cfg.Profile)
	}
	need := conformance.Need{Role: cfg.Role, Transport: cfg.Transport, Profile: cfg.Profile, Depth: cfg.Depth}
	if len(cfg.Route) > 0 {
		return fmt.Errorf("%w: %s has no way of its own to its listener", ErrNeed, program.Name)
	}
	if need.Tunnelled() && need.Depth > program.Depths {
		return fmt.Errorf("%w: %s has no %d channels inside each other", ErrNeed, program.Name, need.Depth)
	}
	serving, crash := context.WithCancelCause(ctx)
	var err error
	if cfg.Transport == conformance.UDP {
		n := &packetNode{name: program.Name, node: program.Start(need, cfg.Seed), began: time.Now(), crash: crash}
		err = n.servePackets(serving, cfg)
	} else {
		n := &realNode{name: program.Name, node: program.Start(need, cfg.Seed), began: time.Now(), crash: crash}
		err = serveConns(serving, cfg, n.serve)
	}
	var crashed *CrashError
	if errors.As(context.Cause(serving), &crashed) {
		err = crashed
	}
	crash(nil)
	return err
}

// serveConns hands each connection of the role to serve, which closes it before it returns. It returns when ctx has ended and every
// serve has returned, with an error if it could not listen.
func serveConns(ctx context.Context, cfg ServeConfig, serve func(context.Context, *net.TCPConn)) error {
	switch cfg.Role {
	case conformance.Responder:
		return listenAndServe(ctx, cfg, serve)
	case conformance.Initiator:
		return dialAndServe(ctx, cfg, serve)
	default:
		return fmt.Errorf("%w: role %s", ErrNeed, cfg.Role)
	}
}

func listenAndServe(ctx context.Context, cfg ServeConfig, serve func(context.Context, *net.TCPConn)) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", cfg.Address)
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	if cfg.Listening != nil {
		cfg.Listening(listener.Addr().String())
	}
	var conns sync.WaitGroup
	defer conns.Wait()
	for {
		conn, err := listener.Accept()
		switch tcp, ok := conn.(*net.TCPConn); {
		case ok:
			cfg.log().Info("accepted", "from", conn.RemoteAddr())
			conns.Go(func() { serve(ctx, tcp) })
		case ctx.Err() != nil:
			return nil
		default: // out of descriptors, or the connection has gone: neither ends the listener
			cfg.log().Warn("accept", "err", err)
			stopped(ctx, redialPause, nil)
		}
	}
}

func dialAndServe(ctx context.Context, cfg ServeConfig, serve func(context.Context, *net.TCPConn)) error {
	if err := checkAddress(cfg.Address, false); err != nil {
		return fmt.Errorf("%w: address: %w", ErrConfig, err)
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	for pause := redialPause; ctx.Err() == nil; stopped(ctx, pause, nil) {
		conn, err := dialer.DialContext(ctx, "tcp", cfg.Address)
		if tcp, ok := conn.(*net.TCPConn); ok {
			cfg.log().Info("connected", "to", conn.RemoteAddr())
			serve(ctx, tcp)
			pause = redialPause
			continue
		}
		cfg.log().Warn("dial", "err", err)
		pause = min(2*pause, longestRedialPause)
	}
	return nil
}
