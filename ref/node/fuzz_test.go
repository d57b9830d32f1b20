package node_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// FuzzReceive: whatever comes to a node, in any order and from anywhere, does not disturb its open channels, never makes it remember more
// than its bounds, and never brings two messages. A script is one byte for the profile, then frames as on TCP, two bytes of length and
// the message; a length with the high bit set is an operation instead, see siege.step.
func FuzzReceive(f *testing.F) {
	for which := range byte(3) {
		f.Add([]byte{which})
		var all []byte
		for n := range uint16(6) {
			all = binary.BigEndian.AppendUint16(all, opGenuine|n)
			all = append(binary.BigEndian.AppendUint16(all, opFlip|n), 0, byte(20+n), 1)
			all = append(binary.BigEndian.AppendUint16(all, opRoute|n), byte(n), byte(n/2))
			all = append(binary.BigEndian.AppendUint16(all, opFill|8), 1, 2, 3, 4, 5, 6, 7, byte(n))
			all = binary.BigEndian.AppendUint16(all, opDial|n)
			all = binary.BigEndian.AppendUint16(all, opTime|(100*n))
		}
		f.Add(append([]byte{which}, all...))
		f.Add([]byte{which, 0, 4, 1, 0, 0, 0, 0, 4, 1, 0, 0, 1, 0, 5, 1, 0, 0, 2, 9})
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 0 {
			newSiege(t, script[0]).play(script[1:], 40)
		}
	})
}

// Random scripts, for those who do not fuzz.
func TestHostile(t *testing.T) {
	scripts := 60
	if testing.Short() {
		scripts = 10
	}
	random := rand.New(rand.NewPCG(1, 2))
	played, total := map[string]int{}, 0
	for n := range scripts {
		s := newSiege(t, byte(n))
		for range 300 { // mostly operations: of random frames most are nothing
			code := []uint16{opGenuine, opFlip, opCut, opRoute, opFill, opDial, opTime, opWrite, 0}[random.IntN(9)]
			head := code | uint16(random.IntN(64))
			if code == opTime && random.IntN(8) > 0 {
				head = opTime
			}
			script := binary.BigEndian.AppendUint16(nil, head)
			for range 66 {
				script = append(script, byte(random.Uint32()))
			}
			s.rest = script
			s.step()
			s.check()
		}
		s.finish()
		for what, n := range s.came {
			played[what] += n
			total += n
		}
	}
	t.Log(total, played)
	for _, what := range []string{"dropped", "answered", "opened", "gave way", "worker", "delivered"} {
		if played[what] < scripts/5 {
			t.Errorf("%d times %s, too few", played[what], what)
		}
	}
}

// Operations of a script: code and argument in the 16 bits of a length.
const (
	opGenuine uint16 = 0x8000 // a captured message, by number
	opFlip    uint16 = 0x9000 // the same with a byte changed: two bytes of place and one to XOR follow
	opCut     uint16 = 0xa000 // the same cut: two bytes of length follow
	opRoute   uint16 = 0xb000 // the same from another source, to another address: two bytes choose
	opFill    uint16 = 0xc000 // a message that the codec takes, made of as many bytes as the argument says
	opDial    uint16 = 0xd000 // an initiator elsewhere begins a handshake; the argument says how far it goes
	opTime    uint16 = 0xe000 // time passes, in units of 8 ms
	opWrite   uint16 = 0xf000 // the peer of the open channel sends a genuine payload
)

// A siege is a node with all that one can have, and an open channel to a peer.
type siege struct {
	*world
	peer, target, stranger *host
	i, r                   *node.Channel // the ends of the open channel
	listener               *node.Listener
	toListener             wire.Route
	captured               []packet
	genuine                map[string]bool // payloads that were sent and not delivered yet
	sent                   int
	came                   map[string]int
	base                   [5]int // what the node remembers when it is left in peace
	rest                   []byte
}

const siegeHalfOpen = 4

func newSiege(t testing.TB, which byte) *siege {
	p := []profile.Profile{profile.V1(), profile.E09(), profile.C010()}[which%3]
	w := newWorld(t, p, uint64(which%3)) // with this seed every handshake message of e09 can travel
	s := &siege{world: w, genuine: map[string]bool{}, came: map[string]int{}}
	s.peer, s.target, s.stranger = w.add(nil), w.add(nil), w.add(nil)
	address := wire.Address{}
	s.toListener = wire.Route{s.target.udp}
	if p.Listener == profile.ResponderOnly {
		address = local("listener")
		s.toListener = append(s.toListener, address)
	}
	var err error
	s.listener, err = s.target.n.Listen(address, node.ListenConfig{NewAgreement: s.target.agreement, HalfOpen: siegeHalfOpen})
	must(t, err)
	must(t, s.target.n.OpenWorker(local("worker")))
	w.tap = func(p packet) bool {
		s.captured = append(s.captured, packet{p.link, bytes.Clone(p.msg)})
		return true
	}
	s.i, s.r = s.peer.open(s.target, s.toListener)
	must(t, s.target.n.SetPlaintext(local("plain"), s.r))
	for range 3 {
		s.write()
	}
	s.run()
	s.settle()
	w.tap = nil
	s.target.ping(wire.Route{s.stranger.udp, s.peer.udp}) // its pong will not come: the stranger forwards nothing
	w.queue = nil
	s.captured = append(s.captured, // what a stranger can make up
		packet{wire.Link{Local: s.stranger.udp, Remote: s.target.udp}, []byte{1, 0, 0, 0}},
		packet{wire.Link{Local: s.stranger.udp, Remote: s.target.udp}, s.with(wire.Message{Type: wire.Ping}, s.toListener, nil)})
	s.base = s.target.n.Sizes()
	return s
}

// write sends a genuine payload through the open channel.
func (s *siege) write() {
	s.sent++
	payload := fmt.Sprint("genuine ", s.sent)
	s.genuine[payload] = true
	s.world.write(s.i, payload)
}

// play runs a script to its end.
func (s *siege) play(script []byte, steps int) {
	s.rest = script
	for n := 0; n < steps && len(s.rest) > 0; n++ {
		s.step()
		s.check()
	}
	s.finish()
}

func (s *siege) take(n int) []byte {
	n = min(n, len(s.rest))
	out := s.rest[:n]
	s.rest = s.rest[n:]
	return out
}

func (s *siege) number() int {
	n := 0
	for _, b := range s.take(2) {
		n = n<<8 | int(b)
	}
	return n
}

func (s *siege) step() {
	head := s.number()
	code, arg := uint16(head)&0xf000, head&0x0fff
	p := s.captured[arg%len(s.captured)]
	p.link = s.toTarget(p.link)
	switch code {
	case opGenuine:
	case opFlip:
		p.msg = bytes.Clone(p.msg)
		at := s.number() % len(p.msg)
		for _, x := range s.take(1) {
			p.msg[at] ^= x
		}
	case opCut:
		p.msg = p.msg[:s.number()%(len(p.msg)+1)]
	case opRoute:
		p = s.diverted(p)
	case opFill:
		filler := gen.FromBytes(s.take(arg))
		d := wire.Dialect(s.profile.HandshakeEnvelope())
		m := filler.Message(d)
		msg, err := wire.AppendMessage(nil, d, &m)
		if err != nil {
			return
		}
		p.msg = msg
	case opDial:
		s.dial(arg)
		return
	case opTime:
		s.pass(s.now + channel.Instant(arg)*8e6)
		return
	case opWrite:
		s.write()
		s.run()
		return
	default:
		p = packet{wire.Link{Local: s.stranger.udp, Remote: s.target.udp}, s.take(head)}
	}
	s.attack(p)
}

// toTarget turns a captured link round if it leads away: reflections come too.
func (s *siege) toTarget(l wire.Link) wire.Link {
	if l.Remote != s.target.udp {
		l.Local, l.Remote = l.Remote, l.Local
	}
	return l
}

// diverted is a captured message from another source, for another address of the target, with another way back.
func (s *siege) diverted(p packet) packet {
	m, err := wire.Parse(wire.Dialect(s.profile.HandshakeEnvelope()), p.msg)
	if err != nil {
		return p
	}
	choose := append(bytes.Clone(s.take(2)), 0, 0)
	sources := []wire.Address{s.stranger.udp, s.peer.udp, s.stranger.udp.WithPort(0), s.target.udp}
	source := sources[int(choose[0])%len(sources)]
	locals := []wire.Address{s.r.Address(), local("worker"), local("plain"), local("nobody"), s.listener.Address()}
	onward := wire.Route{s.target.udp}
	if to := locals[int(choose[1])%len(locals)]; to != (wire.Address{}) {
		onward = append(onward, to)
	}
	return packet{wire.Link{Local: source, Remote: s.target.udp}, s.with(m, onward, wire.Route{source})}
}

// dial begins a handshake from the stranger, which may be left half open.
func (s *siege) dial(arg int) {
	agreement, err := s.stranger.agreement()
	must(s.t, err)
	link := s.stranger.linkTo(s.target.udp)
	c, out, err := s.stranger.n.Dial(s.now, link, node.DialConfig{Agreement: agreement, Route: s.toListener}, nil)
	if err != nil { // section 11: an m1 that cannot travel
		return
	}
	s.send(link, out)
	if arg%4 == 0 { // all the way
		s.run()
	} else {
		s.attack(s.queue[0])
		s.queue = nil
	}
	must(s.t, s.stranger.n.Close(c))
	s.stranger.take()
}

// attack gives a message to the target. What it answers goes nowhere.
func (s *siege) attack(p packet) {
	msg := bytes.Clone(p.msg)
	s.queue = nil
	link, next := s.r.Machine.Link(), s.r.Machine.ReplyRoute()
	r := s.target.receive(packet{p.link, msg})
	if !bytes.Equal(msg, p.msg) {
		s.t.Fatal("the message was changed")
	}
	if s.r.Machine.Link() != link || !s.r.Machine.ReplyRoute().Equal(next) { // ROUT-008
		s.t.Fatal("the reply route moved")
	}
	if len(s.queue) > 0 {
		s.came["answered"]++
		// ROUT-003: it leaves for the source; a repeated m1 is answered by the route of the first.
		if to := s.queue[0].link; to.Local != s.target.udp || to.Remote != p.link.Local && r.Channel == nil {
			s.t.Fatalf("an answer leaves over %v", to)
		}
		s.queue = nil
	} else if r.Kind == node.None {
		s.came["dropped"]++
	}
	s.settle()
}

// settle looks at what has happened, and closes channels that strangers have opened.
func (s *siege) settle() {
	for _, ev := range s.target.take() {
		switch ev.kind {
		case node.Opened:
			s.came["opened"]++
			must(s.t, s.target.n.Close(ev.channel))
		case node.Failed:
			s.came["gave way"]++
			if ev.channel == s.r {
				s.t.Fatal("the open channel has failed")
			}
		case node.Delivered:
			s.came["delivered"]++
			if ev.channel != s.r || !s.genuine[ev.payload] {
				s.t.Fatalf("delivered %q", ev.payload)
			}
			delete(s.genuine, ev.payload) // REC-007: once
		case node.Message:
			s.came["worker"]++
		case node.Ponged, node.PingLost:
		default:
			s.t.Fatalf("got %+v", ev)
		}
	}
	s.peer.take()
}

// check checks the bounds.
func (s *siege) check() {
	s.settle()
	if n := s.listener.HalfOpen(); n > siegeHalfOpen {
		s.t.Fatalf("%d half open", n)
	}
	now := s.target.n.Sizes()
	for n, limit := range [...]int{s.base[0] + siegeHalfOpen, s.base[1], s.base[2] + siegeHalfOpen, s.base[3], s.base[4] + 2*siegeHalfOpen} {
		if now[n] > limit {
			s.t.Fatalf("the node remembers %v, began with %v", now, s.base)
		}
	}
	if s.target.count.Waiting() != 0 {
		s.t.Fatalf("counted %+v", s.target.count)
	}
}

// finish: the open channel works in both directions, and in peace the node forgets everything else.
func (s *siege) finish() {
	s.queue = nil
	s.write()
	s.run()
	if s.settle(); len(s.genuine) != 0 {
		s.t.Fatalf("lost %v", s.genuine)
	}
	s.world.write(s.r, "back")
	s.peer.events = nil
	s.run()
	if all := s.peer.take(); len(all) != 1 || all[0].payload != "back" || all[0].channel != s.i {
		s.t.Fatalf("back came %+v", all)
	}
	s.pass(s.now + 2*channel.MaxDeadline)
	s.check()
	if now := s.target.n.Sizes(); now != [...]int{s.base[0], 0, 0, 0, s.base[4]} {
		s.t.Fatalf("in peace the node remembers %v", now)
	}
	if s.r.Machine.State() != channel.Open || s.target.count.Dropped[router.NotDropped] != 0 {
		s.t.Fatal("the channel is not open any more")
	}
}
