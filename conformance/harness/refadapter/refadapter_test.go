package refadapter

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"

	"ockamtest/conformance/harness"
	"ockamtest/ref"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// serve serves the reference over a pipe in memory, and returns the kit's end.
func serve(t *testing.T) *harness.Client {
	t.Helper()
	a, closed, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	kit, adapter := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- harness.Serve(context.WithoutCancel(t.Context()), adapter, a) }()
	c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.Close(), <-served, closed()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// count returns 32 bytes that count up: the private keys of section 12.
func count(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func udp(last byte, port uint16) harness.Address {
	return harness.Address{Kind: harness.UDP4, Value: []byte{10, 0, 0, last}, Port: port}
}

func local(b ...byte) harness.Address { return harness.Address{Kind: harness.Local, Value: b} }

const (
	m1 = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
	m2 = "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466" +
		"5393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8" +
		"767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"
	m3 = "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40" +
		"e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56"
)

// want compares all that came out of a channel that goes on.
func want(t *testing.T, s harness.Step, err error, events ...harness.Event) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s, harness.Step{Events: events}) {
		t.Errorf("got  %+v\nwant %+v", s, events)
	}
}

// The routed channel of section 12, over UDP and one hop: addresses, routes, the source of a datagram, and where an answer leaves.
func TestRoutedKnownAnswers(t *testing.T) {
	c, ctx := serve(t), t.Context()
	hop, far := udp(2, 4002), udp(3, 4003)
	s, err := c.Open(ctx, harness.Open{
		Channel: 0, Role: harness.Initiator, Profile: "v1", Over: harness.Datagram, Static: count(0), Ephemeral: count(0x20),
		Local: udp(1, 4001), Remote: hop, Route: harness.Route{hop, far}, Address: local(10, 11, 12, 13),
	})
	want(t, s, err, harness.Event{Kind: harness.Out, Data: unhex(t, "01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03"+m1)})
	// The responder has another remote address than the hop: it answers to the source.
	s, err = c.Open(ctx, harness.Open{
		Channel: 1, Role: harness.Responder, Profile: "v1", Over: harness.Datagram, Static: count(1), Ephemeral: count(0x41),
		Local: far, Remote: udp(9, 9), Address: local(1, 2, 3, 4),
	})
	want(t, s, err)
	s, err = c.Feed(ctx, harness.Feed{Channel: 1, From: hop,
		Data: unhex(t, "01 01 02000a000003a30f 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 03"+m1)})
	want(t, s, err, harness.Event{Kind: harness.Out, To: hop,
		Data: unhex(t, "01 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 02 02000a000003a30f 000401020304 04"+m2)})
	s, err = c.Feed(ctx, harness.Feed{Channel: 0,
		Data: unhex(t, "01 02 02000a000001a10f 00040a0b0c0d 03 02000a000002a20f 02000a000003a30f 000401020304 04"+m2)})
	out := unhex(t, "01 03 02000a000002a20f 02000a000003a30f 000401020304 02 02000a000001a10f 00040a0b0c0d 05"+m3)
	peer, ok := s.Opened()
	want(t, s, err, harness.Event{Kind: harness.Out, Data: out}, harness.Event{Kind: harness.Opened, Data: peer})
	if len(peer) != 32 || !ok {
		t.Errorf("the peer's key is %x", peer)
	}
	s, err = c.Write(ctx, harness.Write{
		Channel: 0, Data: []byte("hello"), Onward: harness.Route{local([]byte("app")...)}, Return: harness.Route{local([]byte("me")...)},
	})
	want(t, s, err, harness.Event{Kind: harness.Out, Data: unhex(t, `01 03 02000a000002a20f 02000a000003a30f 000401020304 01 02000a000001a10f 02
		5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11`)})
	_, err = c.Feed(ctx, harness.Feed{Channel: 1, From: hop,
		Data: unhex(t, "01 02 02000a000003a30f 000401020304 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 05"+m3)})
	if err != nil {
		t.Fatal(err)
	}
	record := unhex(t, `01 02 02000a000003a30f 000401020304 02 02000a000002a20f 02000a000001a10f 02
		5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11`)
	s, err = c.Feed(ctx, harness.Feed{Channel: 1, From: hop, Data: record})
	want(t, s, err, harness.Event{
		Kind: harness.Got, Data: []byte("hello"), Onward: harness.Route{local([]byte("app")...)}, Return: harness.Route{local([]byte("me")...)},
	})
	s, err = c.Feed(ctx, harness.Feed{Channel: 1, From: hop, Data: record})
	want(t, s, err, harness.Event{Kind: harness.Rejected, Class: harness.ClassReplayed})
}

// channelAt opens an initiator of v1, and gives it m2 if it is to be open.
func channelAt(t *testing.T, c *harness.Client, over harness.Over, open bool) {
	t.Helper()
	_, err := c.Open(t.Context(), harness.Open{
		Role: harness.Initiator, Profile: "v1", Over: over, Static: count(0), Ephemeral: count(0x20),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !open {
		return
	}
	data := unhex(t, "01000004"+m2)
	if over == harness.Stream {
		data = append([]byte{0, byte(len(data))}, data...)
	}
	s, err := c.Feed(t.Context(), harness.Feed{Data: data})
	if _, ok := s.Opened(); err != nil || !ok {
		t.Fatalf("not open: %v, %v", s, err)
	}
}

// What a message or the end of the stream does to a channel has its class: fatal on a stream, else rejected.
func TestClasses(t *testing.T) {
	long := strings.Repeat("00", 80)
	for _, tc := range []struct {
		name  string
		over  harness.Over
		open  bool
		feed  harness.Feed
		class harness.Class // of the end; "" if orderly
		quiet bool          // rejected and not ended
	}{
		{"bad tag in m2", harness.Message, false, harness.Feed{Data: unhex(t, "01000004"+m2[:190]+"00")}, harness.ClassAuthentication, false},
		{"bad tag in m2", harness.Datagram, false, harness.Feed{Data: unhex(t, "01000004"+m2[:190]+"00")}, harness.ClassAuthentication, true},
		{"short m2", harness.Message, false, harness.Feed{Data: unhex(t, "01000004"+m2[:100])}, harness.ClassMessageLength, false},
		{"zero key", harness.Message, false, harness.Feed{Data: unhex(t, "01000004"+strings.Repeat("00", 32)+m2[64:])}, harness.ClassWeakKey, false},
		{"m1 to an initiator", harness.Message, false, harness.Feed{Data: unhex(t, "01000003"+m1)}, harness.ClassUnexpected, false},
		{"other version", harness.Message, false, harness.Feed{Data: unhex(t, "02000004")}, harness.ClassWireVersion, false},
		{"empty message", harness.Message, false, harness.Feed{Data: []byte{}}, harness.ClassTruncated, false},
		{"unknown type", harness.Datagram, false, harness.Feed{Data: unhex(t, "01000009")}, harness.ClassUnknownType, true},
		{"short record", harness.Datagram, true, harness.Feed{Data: unhex(t, "0100000200")}, harness.ClassShort, true},
		{"forged record", harness.Datagram, true, harness.Feed{Data: unhex(t, "01000002"+long)}, harness.ClassAuthentication, true},
		{"forged record", harness.Message, true, harness.Feed{Data: unhex(t, "01000002"+long)}, harness.ClassAuthentication, false},
		{"m2 again, another", harness.Message, true, harness.Feed{Data: unhex(t, "01000005"+m3)}, harness.ClassUnexpected, true},
		{"FIN before open", harness.Stream, false, harness.Feed{End: harness.FIN}, harness.ClassEnded, false},
		{"FIN", harness.Stream, true, harness.Feed{End: harness.FIN}, "", false},
		{"FIN in a frame", harness.Stream, true, harness.Feed{Data: []byte{0}, End: harness.FIN}, harness.ClassTruncated, false},
		{"RST", harness.Stream, true, harness.Feed{End: harness.RST}, harness.ClassEnded, false},
	} {
		t.Run(tc.name+" over "+string(tc.over), func(t *testing.T) {
			c := serve(t)
			channelAt(t, c, tc.over, tc.open)
			before, err := c.Claims(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.Feed(t.Context(), tc.feed)
			if err != nil {
				t.Fatal(err)
			}
			if tc.quiet {
				after, err := c.Claims(t.Context(), 0)
				if s.Closed || s.Rejected() != tc.class || err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
					t.Errorf("%+v; want it rejected for %s, and nothing changed", s, tc.class)
				}
				return
			}
			if !s.Closed || s.Class != tc.class || len(s.Events) != 0 {
				t.Errorf("%+v; want the end for %q", s, tc.class)
			}
			after, err := c.Claims(t.Context(), 0)
			if wanted := map[bool]harness.State{true: harness.Closed, false: harness.Failed}[tc.class == ""]; err != nil || after.State != wanted {
				t.Errorf("state %s, %v; want %s", after.State, err, wanted)
			}
			if _, err := c.Write(t.Context(), harness.Write{Data: nil}); !errors.Is(err, harness.Refuse(harness.ClassClosed)) {
				t.Errorf("write: %v, want %s", err, harness.ClassClosed)
			}
		})
	}
}

// Time is the kit's: m1 is repeated when it says so, and the handshake has its deadline.
func TestTick(t *testing.T) {
	c := serve(t)
	first, err := c.Open(t.Context(), harness.Open{
		Role: harness.Initiator, Profile: "v1", Over: harness.Datagram, Static: count(0), Ephemeral: count(0x20), Deadline: 2000,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		ms, out int
		closed  harness.Class
	}{{499, 0, ""}, {1, 1, ""}, {999, 0, ""}, {1, 1, ""}, {499, 0, ""}, {1, 0, harness.ClassDeadline}, {1000, 0, harness.ClassDeadline}} {
		s, err := c.Tick(t.Context(), harness.Tick{Milliseconds: tc.ms})
		if err != nil || len(s.Out()) != tc.out || s.Class != tc.closed || s.Closed != (tc.closed != "") {
			t.Fatalf("%+v: %+v, %v", tc, s, err)
		}
		if tc.out == 1 && !bytes.Equal(s.Out()[0], first.Out()[0]) {
			t.Error("the repeat is another message")
		}
	}
}

// The policy is the kit's.
func TestPeer(t *testing.T) {
	c := serve(t)
	_, err := c.Open(t.Context(), harness.Open{
		Role: harness.Initiator, Profile: "v1", Over: harness.Message, Static: count(0), Ephemeral: count(0x20), Peer: make([]byte, 32),
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Feed(t.Context(), harness.Feed{Data: unhex(t, "01000004"+m2)})
	if err != nil || !s.Closed || s.Class != harness.ClassRefused || len(s.Events) != 0 {
		t.Errorf("another peer's m2: %+v, %v; want the end for %s", s, err, harness.ClassRefused)
	}
}

// Each error of the reference has a class that the protocol has, its own or that of all; what was not foreseen is rejected.
func TestVerdicts(t *testing.T) {
	for _, v := range verdicts() {
		wrapped := fmt.Errorf("wrapped: %w", v.err)
		if got := classOf(wrapped); got != v.class || got.OfRequest() {
			t.Errorf("class of %v is %s, want %s", v.err, got, v.class)
		}
	}
	if got := classOf(errors.New("something else")); got != harness.ClassRejected {
		t.Errorf("class of something else is %s", got)
	}
	if err := refusal(vault.ErrUnsupported); !errors.Is(err, harness.ErrUnsupported) {
		t.Errorf("refusal of what is not supported: %v", err)
	}
}

// Nothing is left in the vault: not by channels that end, are replaced, are refused, or are forgotten, and not by primitives.
func TestNoSecretIsLeft(t *testing.T) {
	v, err := software.New(software.Config{MaxSecrets: 40})
	if err != nil {
		t.Fatal(err)
	}
	m, p := maker{v}, primitives{v}
	for i := range 100 {
		o := harness.Open{Profile: "v1", Role: harness.Initiator, Over: harness.Message, Static: count(0), Ephemeral: count(0x20)}
		ch, _, err := m.Open(o)
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		if _, err := ch.Feed(harness.Feed{Data: unhex(t, "01000004"+m2)}); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(ch.Close(), ch.Close()); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []harness.Open{
			{Profile: "v1", Static: count(0)[1:]}, {Profile: "v1", Static: count(0), Ephemeral: count(0)[1:]},
			{Profile: "v1", Static: count(0), Ephemeral: count(1), Window: 7}, {Profile: "v1", Static: count(0), Local: local(1)},
		} {
			if _, _, err := m.Open(bad); err == nil {
				t.Fatalf("%v is opened", bad)
			}
		}
		if _, err := p.HKDF(harness.HKDF{Salt: []byte{1}, IKM: []byte{2}, Blocks: 20}); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		if _, err := p.Agree(harness.Agree{Private: count(1), Public: make([]byte, 32)}); !errors.Is(err, harness.Refuse(harness.ClassWeakKey)) {
			t.Fatalf("%d: %v, want %s", i, err, harness.ClassWeakKey)
		}
		if _, err := p.AEAD(harness.AEAD{Key: count(0)[:20]}); !errors.Is(err, harness.Refuse(harness.ClassLength)) {
			t.Fatalf("%d: %v, want %s", i, err, harness.ClassLength)
		}
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
}

// Every kind of address is encoded and decoded as what it is.
func TestAddresses(t *testing.T) {
	c := serve(t)
	seen := 0
	for _, text := range []string{
		"local:0a0b0c0d", "tcp4:7f000001:4000", "udp4:7f000001:65535", "tcp6:20010db8000000000000000000000001:1",
		"udp6:20010db8000000000000000000000001:9000", "tcpn:6578616d706c652e636f6d:80", "udpn:6578616d706c652e636f6d:80",
	} {
		seen++
		a, err := harness.ParseAddress(text)
		if err != nil {
			t.Fatal(err)
		}
		data, err := c.Encode(t.Context(), harness.Encode{As: harness.AsAddress, Address: a})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		d, err := c.Decode(t.Context(), harness.Decode{As: harness.AsAddress, Data: [][]byte{append(data, 1, 2)}})
		if err != nil || d.Address.String() != text || d.Used != len(data) {
			t.Errorf("%s is decoded as %s, of %d bytes, %v", text, d.Address, d.Used, err)
		}
	}
	if seen != 7 {
		t.Errorf("%d addresses, want one of each kind", seen)
	}
	for _, text := range []string{"local:", "tcpn:31302e302e302e31:80", "tcpn::80", "tcpn:4558414d504c45:1"} {
		a, err := harness.ParseAddress(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Encode(t.Context(), harness.Encode{As: harness.AsAddress, Address: a})
		var refusal *harness.Refusal
		if !errors.As(err, &refusal) || refusal.Class.OfRequest() {
			t.Errorf("%s: %v, want a refusal", text, err)
		}
	}
}

// frames of a stream, each cut and each end.
func TestFrames(t *testing.T) {
	c := serve(t)
	for _, tc := range []struct {
		data   string
		limit  int
		frames string
		class  harness.Class
	}{
		{"", 0, "", ""}, {"0000", 0, ",", ""}, {"00,00", 0, ",", ""}, {"0001,aa0002,bb,cc", 0, "aa,bbcc,", ""},
		{"00", 0, "", harness.ClassTruncated}, {"0001", 0, "", harness.ClassTruncated}, {"0002aa,", 0, "", harness.ClassTruncated},
		{"0003aabbcc", 2, "", harness.ClassTooLong}, {"0002aabb", 2, "aabb,", ""},
	} {
		var pieces [][]byte
		for piece := range strings.SplitSeq(tc.data, ",") {
			pieces = append(pieces, unhex(t, piece))
		}
		got, err := c.Decode(t.Context(), harness.Decode{As: harness.AsFrames, Data: pieces, Limit: tc.limit})
		text := ""
		for _, f := range got.Frames {
			text += hex.EncodeToString(f) + ","
		}
		if tc.class != "" {
			if !errors.Is(err, harness.Refuse(tc.class)) {
				t.Errorf("%q: %q, %v; want %s", tc.data, text, err, tc.class)
			}
		} else if err != nil || text != tc.frames {
			t.Errorf("%q: %q, %v; want %q", tc.data, text, err, tc.frames)
		}
	}
}

// On real sockets: a responder that listens, and an initiator that connects, in every profile; reset ends them.
func TestSockets(t *testing.T) {
	v, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for _, p := range profile.All() {
		for _, kind := range []harness.AddressKind{harness.TCP4, harness.UDP4} {
			if kind == harness.TCP4 && len(p.Transports) == 1 {
				continue // it has UDP alone
			}
			t.Run(p.Name+"/"+string(kind), func(t *testing.T) {
				static, err := v.Generate(vault.Attributes{Type: keyType(p)})
				if err != nil {
					t.Fatal(err)
				}
				cfg := ref.Config{Profile: p, Vault: v, Policy: ref.AcceptAnyKey()}
				if p.StaticKey == profile.Configured {
					cfg.Static = static
				}
				c := serve(t)
				e := socketTest{kind: kind, cfg: cfg}
				if p.Listener == profile.ResponderOnly {
					e.listener, e.service = local([]byte("listener")...), local([]byte("echo")...)
				}
				e.listens(t, c)
				e.connects(t, c)
			})
		}
	}
}

// A socketTest is the reference that is not behind the adapter.
type socketTest struct {
	kind              harness.AddressKind
	cfg               ref.Config
	listener, service harness.Address // zero unless the profile needs them
}

// on is an address to listen on.
func (e socketTest) on() harness.Address {
	return harness.Address{Kind: e.kind, Value: []byte{127, 0, 0, 1}}
}

// behind is a route to the listener at an address.
func (e socketTest) behind(at harness.Address) harness.Route {
	if e.listener.IsZero() {
		return harness.Route{at}
	}
	return harness.Route{at, e.listener}
}

// listens lets the adapter listen.
func (e socketTest) listens(t *testing.T, c *harness.Client) {
	t.Helper()
	m := harness.Listen{On: e.on(), Profile: e.cfg.Profile.Name, Static: count(1), Deadline: 5000, Address: e.listener}
	at, err := c.Listen(t.Context(), m)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	conn, err := (&network{ctx: t.Context()}).dial(ToRoute(e.behind(at)), e.cfg)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	defer conn.Close()
	e.echoes(t, conn, "to a responder")
	if err := c.Reset(t.Context()); err != nil {
		t.Errorf("reset: %v", err)
	}
}

// connects lets the adapter connect.
func (e socketTest) connects(t *testing.T, c *harness.Client) {
	t.Helper()
	n := newNetwork(e.cfg.Vault)
	listener, at, err := n.bind(ToAddress(e.on()), ToAddress(e.listener), ref.ListenConfig{Config: e.cfg})
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	m := harness.Connect{To: FromAddress(at), Profile: e.cfg.Profile.Name, Static: count(0), Service: e.service}
	m.Route = e.behind(m.To)
	if err := c.Connect(t.Context(), m); err != nil {
		t.Fatalf("connect: %v", err)
	}
	conn, err := listener.Accept(t.Context())
	if err != nil {
		t.Fatalf("accept: %v", err)
	}
	defer conn.Close()
	buffer := make([]byte, wire.MaxMessage)
	length, routes, err := conn.ReadMessage(t.Context(), buffer)
	if err != nil || string(buffer[:length]) != greeting || (len(routes.Onward) == 0) != e.service.IsZero() {
		t.Errorf("first payload %q to %v, %v; want %q", buffer[:length], routes.Onward, err, greeting)
	}
	e.echoes(t, conn, "to an initiator")
	if err := errors.Join(c.Reset(t.Context()), n.Reset()); err != nil {
		t.Errorf("reset: %v", err)
	}
}

func (e socketTest) echoes(t *testing.T, conn *ref.Conn, text string) {
	t.Helper()
	buffer := make([]byte, wire.MaxMessage)
	var routes ref.Routes
	if !e.service.IsZero() {
		routes.Onward, routes.Return = wire.Route{ToAddress(e.service)}, wire.Route{ToAddress(e.service)}
	}
	if err := send(t.Context(), conn, []byte(text), routes); err != nil {
		t.Fatalf("write: %v", err)
	}
	length, got, err := conn.ReadMessage(t.Context(), buffer)
	if err != nil || string(buffer[:length]) != text || !got.Onward.Equal(routes.Return) {
		t.Errorf("echo %q to %v, %v; want %q to %v", buffer[:length], got.Onward, err, text, routes.Return)
	}
}
