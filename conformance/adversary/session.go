package adversary

import (
	"context"
	"fmt"
	"io"
	"slices"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A Session is the kit's side of one channel with a peer, over one link, in either role and in any profile. Each step is done rightly
// unless the caller does it himself: messages are made and sent in two calls, and Noise, the routes, and the two directions may be
// read, set, and copied at any point. Repeats of the peer's handshake messages on datagrams (TRAN-014) are passed over.
//
// Methods that receive return a *conformance.Failure, with the requirement that is broken, when the peer did not do what it has
// to; any other error is the kit's own trouble.
type Session struct {
	Stream
	Noise Handshake

	// Onward and Return are the outer routes of the kit's next message.
	Onward, Return Route
	// Local is the kit's local address for this channel, empty if it has none. It stands last in the return route of handshake
	// messages, and in no other (CHAN-010).
	Local Address
	// Leading, if set, stands in the place of the peer's own address at the head of Onward.
	Leading Address
	// Service and Application are the inner routes of the kit's payloads, onward and return: empty unless the profile needs them.
	Service, Application Route
	// Sending and Receiving are the two directions of the open channel.
	Sending, Receiving Direction
	// Heard is the last wire message received, and Frame the bytes in which the last one came that was waited for.
	Heard Message
	Frame []byte
	// Record is the last record received, Sent the last one that SendPayload has sent, as ciphertexts.
	Record, Sent []byte

	env     conformance.Env
	profile profile.Profile
	own     Address // the kit's end of the link
	source  Address // the peer's end of the link

	datagrams  bool // the channel is not on a stream
	unanswered bool // an awaited message did not come
	patience   int  // how many times an awaited message may come faster than Env.Patience says, 0 as 1

	spoken   []byte    // the peer's last handshake message, as Noise bytes
	heard    *[][]byte // all of them, of every channel over the link
	before   Handshake // Noise before it
	unmixed  [32]byte  // h before the last payload was mixed in
	overhead int       // bytes around the payload in the peer's last record
	echoed   int       // payloads

	m1     []byte          // the wire message that is repeated until m2 comes, nil if none is
	mute   bool            // nothing is repeated
	copies map[string]bool // tags of the peer's records that have come, on datagrams

	dial   func() (*Session, error) // once more
	spared spared

	below *Session // the channel that this one is in, nil of one on the transport
	floor int      // how many channels there are below
}

// Dial opens a link and prepares the kit's side with a fresh ephemeral key from env.Random. Of this channel nothing has been sent; those
// that it is in are open (Env.Depth).
func Dial(ctx context.Context, env conformance.Env) (*Session, error) {
	link, err := env.Open(ctx)
	if err != nil {
		return nil, err
	}
	s, err := NewSession(env, link)
	for err == nil && s.floor+1 < env.Depth() {
		if err = s.connect(); err == nil {
			s, err = s.Inside()
		}
	}
	if err != nil {
		return nil, err
	}
	s.dial = func() (*Session, error) { return Dial(ctx, env) }
	return s, nil
}

// NewSession is Dial over a link that is there, for a channel on the transport.
func NewSession(env conformance.Env, link conformance.Link) (*Session, error) {
	packets := env.Transport() == conformance.UDP
	return newSession(&Session{
		Stream: Stream{Link: link, Packets: packets}, env: env, profile: env.Profile(), datagrams: packets || throughHops(env) || conformance.ParametersOf(env).Hops() > 0,
	})
}

// throughHops tells whether the way to the peer's listener leads over hops: then the channel is on datagrams (CHAN-011).
func throughHops(env conformance.Env) bool {
	return slices.ContainsFunc(env.Route(), func(a wire.Address) bool { return a.Type() != wire.Local })
}

// newSession prepares the rest.
func newSession(s *Session) (*Session, error) {
	s.heard = new([][]byte)
	var err error
	if s.Noise, err = s.NewNoise(); err != nil {
		return nil, err
	}
	if s.MayBeStuck() { // what does not come is asked for again
		s.Hurry(maxTries)
	}
	if s.profile.Routes {
		err = s.setRoutes()
	}
	return s, err
}

// setRoutes sets the routes of the kit's first message.
func (s *Session) setRoutes() (err error) {
	if s.own, err = addressIn(s.profile, kind(s.env.Transport()), s.Link.LocalAddress()); err != nil {
		return fmt.Errorf("adversary: the link's local address: %w", err)
	}
	if s.source, err = addressIn(s.profile, kind(s.env.Transport()), s.Link.RemoteAddress()); err != nil {
		return fmt.Errorf("adversary: the link's remote address: %w", err)
	}
	s.Onward, s.Return = Route{s.source}, Route{s.own}
	claimed, err := s.hops()
	if err != nil {
		return err
	}
	s.Return = append(s.Return, claimed...)
	for _, a := range s.env.Route() {
		s.Onward = append(s.Onward, s.encoded(a))
	}
	if s.profile.InnerOnwardNeeded {
		s.Service, s.Application = Route{s.encoded(s.env.Service())}, Route{LocalAddress("kit")}
	}
	// A listener has one for each channel; where listeners are named by one, so has everybody.
	if s.Packets && (s.profile.Listener == profile.ResponderOnly || s.profile.Listener == profile.NodeOrLocal && !s.Initiator()) {
		s.Local, err = s.NewLocal()
	}
	return err
}

// NewLocal makes a local address.
func (s *Session) NewLocal() (Address, error) {
	value, err := s.Random(localSize)
	return LocalAddress(string(value)), err
}

// localSize is the length of the kit's local addresses (CHAN-010).
const localSize = 4

// encoded is an address in the form of the profile.
func (s *Session) encoded(a wire.Address) Address {
	b, err := wire.AppendAddress(nil, wire.Dialect(s.profile.HandshakeEnvelope()), a)
	if err != nil {
		panic("adversary: an address that the user has named: " + err.Error())
	}
	return Address(b)
}

// Sibling prepares another channel over the same link, with a local address of its own (CHAN-010). Whoever uses both takes turns: each
// receives whatever arrives next.
func (s *Session) Sibling() (*Session, error) {
	other, err := NewSession(s.env, s.Link)
	if err != nil {
		return nil, err
	}
	other.heard = s.heard
	other.Local, err = other.NewLocal()
	return other, err
}

// OpenChannel dials and establishes a channel.
func OpenChannel(ctx context.Context, env conformance.Env) (*Session, error) {
	s, err := Dial(ctx, env)
	if err != nil {
		return nil, err
	}
	return s, s.Establish()
}

// NewNoise starts a handshake with the kit's static key and a fresh ephemeral key.
func (s *Session) NewNoise() (Handshake, error) {
	static, err := LoadKeyPair(s.profile.Suite, s.env.StaticKey())
	if err != nil {
		return Handshake{}, fmt.Errorf("adversary: static key: %w", err)
	}
	for {
		e, err := GenerateKeyPair(s.profile.Suite, s.env.Random())
		if err != nil {
			return Handshake{}, fmt.Errorf("adversary: ephemeral key: %w", err)
		}
		if !s.stuck(e.Public) {
			return NewHandshake(s.profile.Suite, static, e), nil
		}
	}
}

// Initiator tells whether the kit is the initiator: it is when the peer is the responder.
func (s *Session) Initiator() bool { return s.env.Role() == conformance.Responder }

// OnStream tells whether the channel is on a stream (CHAN-011), as far as is known: no handshake message's return route has
// told of a hop or of a local address. Else a rejected message is not fatal (section 6).
func (s *Session) OnStream() bool { return !s.datagrams }

// Own is the address of the kit's end of the link, empty in a profile without routes.
func (s *Session) Own() Address { return s.own }

// Source is the address of the peer's end of the link, empty in a profile without routes.
func (s *Session) Source() Address { return s.source }

// Random returns n bytes from env.Random.
func (s *Session) Random(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.env.Random(), b); err != nil {
		return nil, fmt.Errorf("adversary: random: %w", err)
	}
	return b, nil
}

// Outer is the wire message that carries a Noise message, with the session's routes.
func (s *Session) Outer(t wire.Type, body []byte) Message {
	m := Message{Onward: s.Onward, Return: s.Return, Type: t, Body: body, Untagged: !s.profile.HandshakeTypeByte}
	if t >= wire.M1 && s.Local != "" {
		m.Return = append(append(Route(nil), s.Return...), s.Local)
	}
	return m
}

// SendMessage sends a wire message in a frame.
func (s *Session) SendMessage(t wire.Type, body []byte) error {
	return s.SendFrame(s.Outer(t, body).Bytes())
}

// Establish takes every step to the open channel, and receives the initiator's first payload when the peer is the initiator.
func (s *Session) Establish() error {
	for tries := 0; ; tries++ {
		err := s.establish()
		if !s.stalled(err) || tries == maxTries {
			return err
		}
		if err := s.again(); err != nil {
			return err
		}
	}
}

func (s *Session) establish() error {
	if err := s.Begin(); err != nil {
		return err
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	return s.Finish()
}

// Begin takes every step before the kit's last handshake message: as initiator it sends m1 and reads m2, as responder it reads m1.
func (s *Session) Begin() error {
	if !s.Initiator() {
		return s.ReadM1()
	}
	onward := s.Onward
	for tries := 1; ; tries++ {
		if err := s.sendM1(); err != nil {
			return err
		}
		err := s.ReadM2()
		s.m1 = nil
		if s.stalled(err) && tries < maxTries {
			if err := s.beginAnew(onward); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if ahead := s.Noise; s.spared.once || !s.stuck(ahead.WriteM3(nil)) {
			return nil
		}
		if err := s.beginAnew(onward); err != nil { // m3 could not travel
			return err
		}
		onward = s.Onward
	}
}

// Last makes the kit's last handshake message, the one that lets the peer open the channel: m3 as initiator, m2 as responder.
func (s *Session) Last() (wire.Type, []byte) {
	if s.Initiator() {
		return wire.M3, s.MakeM3()
	}
	return wire.M2, s.MakeM2()
}

// Finish takes the steps after the kit's last handshake message.
func (s *Session) Finish() error {
	if s.Initiator() {
		s.Open()
		return nil
	}
	if err := s.ReadM3(); err != nil {
		return err
	}
	s.Open()
	return s.Finished()
}

// Finished takes the steps after an initiator's m3: it receives its first payload.
func (s *Session) Finished() error {
	if s.Receiving.Key == nil {
		s.Open()
	}
	if s.passOver() { // the first payload cannot travel
		return nil
	}
	m, err := s.ReceivePayload()
	if err == nil && s.profile.InnerOnwardNeeded && len(m.Return) > 0 {
		s.Service = m.Return
	}
	return err
}

// Open takes the keys of the open channel from Noise (NOISE-010: the initiator encrypts with k2) and starts both counters at 0.
func (s *Session) Open() { s.Sending, s.Receiving = s.Directions(s.Noise) }

// Directions returns what Open would set from another handshake, such as the one that a peer that is not careful would keep.
func (s *Session) Directions(h Handshake) (sending, receiving Direction) {
	k1, k2 := h.Split()
	var ad []byte
	if s.profile.AssociatedData == profile.HandshakeHash {
		ad = append([]byte(nil), h.H[:]...)
	}
	if s.Initiator() {
		k1, k2 = k2, k1
	}
	return Direction{Key: k1, AD: ad}, Direction{Key: k2, AD: ad}
}

func kind(t conformance.Transport) wire.AddressType {
	if t == conformance.UDP {
		return wire.UDP
	}
	return wire.TCP
}
