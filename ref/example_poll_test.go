package ref_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// A poller drives a channel over a UDP socket by hand.
type poller struct {
	ch     *channel.Channel
	socket transport.PacketConn
	began  time.Time
	buffer [4096]byte
}

func newPoller(role channel.Role, cfg ref.Config, socket transport.PacketConn, remote wire.Address) *poller {
	p := profile.V1()
	agreement, err := key.NewXX(key.XXConfig{Vault: cfg.Vault, Static: cfg.Static, Suite: p.Suite, Policy: cfg.Policy})
	if err != nil {
		panic(err)
	}
	ch, err := channel.New(channel.Config{Role: role, Profile: p, Agreement: agreement, Local: socket.LocalAddress(), Remote: remote})
	if err != nil {
		panic(err)
	}
	return &poller{ch: ch, socket: socket, began: time.Now()}
}

// send sends what the channel has to say, if it has.
func (p *poller) send(out []byte, err error) {
	if err != nil {
		panic(err)
	}
	if len(out) > 0 {
		if err := p.socket.WriteTo(context.Background(), out, p.ch.Link().Remote); err != nil {
			panic(err)
		}
	}
}

// poll takes one datagram if there is one, does what is due, and returns the payload that came.
func (p *poller) poll() (payload []byte) {
	now := channel.Instant(time.Since(p.began))
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	msg := p.buffer[:2048]
	n, _, err := p.socket.ReadFrom(short, msg)
	switch {
	case err == nil:
		out, event, err := p.ch.Handle(now, p.buffer[2048:2048], msg[:n])
		p.send(out, err)
		payload = event.Payload
	case !errors.Is(err, context.DeadlineExceeded):
		panic(err)
	}
	if at, ok := p.ch.Wake(); ok && now >= at {
		p.send(p.ch.Tick(now, p.buffer[2048:2048]))
	}
	return payload
}

// By poll, in one goroutine: bytes and the time in, bytes and events out, no hidden threads (CHAN-009).
func Example_poll() {
	ctx := context.Background()
	initiator, responder := parties()
	var sockets [2]transport.PacketConn
	for i := range sockets {
		var err error
		if sockets[i], err = udp.Listen(ctx, wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0), udp.Config{}); err != nil {
			panic(err)
		}
		defer sockets[i].Close()
	}
	here := newPoller(channel.Initiator, initiator, sockets[0], sockets[1].LocalAddress())
	there := newPoller(channel.Responder, responder, sockets[1], sockets[0].LocalAddress())
	there.send(there.ch.Start(0, nil))
	here.send(here.ch.Start(0, nil))
	asked := false
	for {
		if question := there.poll(); question != nil {
			fmt.Printf("asked: %s\n", question)
			there.send(there.ch.Write(nil, []byte("pong")))
		}
		if answer := here.poll(); answer != nil {
			fmt.Printf("answered: %s\n", answer)
			break
		}
		if here.ch.State() == channel.Open && !asked {
			asked = true
			here.send(here.ch.Write(nil, []byte("ping")))
		}
	}
	// Output:
	// asked: ping
	// answered: pong
}
