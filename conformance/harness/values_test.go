package harness

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for _, tc := range []struct {
		text string
		want Address
	}{
		{"local:0a0b", Address{Local, []byte{10, 11}, 0}},
		{"local:", Address{Local, []byte{}, 0}},
		{"tcp4:7f000001:4000", Address{TCP4, []byte{127, 0, 0, 1}, 4000}},
		{"udp6:" + strings.Repeat("00", 16) + ":65535", Address{UDP6, make([]byte, 16), 65535}},
		{"tcpn:61:0", Address{TCPName, []byte("a"), 0}},
	} {
		got, err := ParseAddress(tc.text)
		if err != nil || !reflect.DeepEqual(got, tc.want) || got.String() != tc.text {
			t.Errorf("ParseAddress(%q) = %v, %v; want %v", tc.text, got, err, tc.want)
		}
	}
	for _, text := range []string{
		"", "local", "local:0", "local:0A", "local:00:1", "tcp4:7f000001", "tcp4:7f0000:1", "tcp4:7f000001:65536", "tcp4:7f000001:01",
		"tcp4:7f000001:", "tcp4:7f000001:-1", "tcp5:7f000001:1", "tcp://127.0.0.1:1", ":00:1", "udp6:7f000001:1", "tcp4:7f000001:1:",
	} {
		if got, err := ParseAddress(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("ParseAddress(%q) = %v, %v; want %v", text, got, err, ErrSyntax)
		}
	}
	for _, text := range []string{",", "local:00,", ",local:00", "local:00,,local:00"} {
		if got, err := ParseRoute(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("ParseRoute(%q) = %v, %v; want %v", text, got, err, ErrSyntax)
		}
	}
}

// A source makes random values; the seed is fixed, so a failure repeats.
type source struct{ *rand.Rand }

func (s source) bytes() []byte {
	b := make([]byte, s.IntN(4))
	for i := range b {
		b[i] = byte(s.Uint32())
	}
	return b
}

func (s source) optional() []byte {
	if s.IntN(2) == 0 {
		return nil
	}
	return s.bytes()
}

func (s source) address() Address {
	switch s.IntN(4) {
	case 0:
		return Address{Local, s.bytes(), 0}
	case 1:
		return Address{TCP4, []byte{1, 2, 3, byte(s.IntN(256))}, uint16(s.IntN(65536))}
	case 2:
		return Address{UDP6, bytes.Repeat([]byte{byte(s.IntN(256))}, 16), uint16(s.IntN(65536))}
	}
	return Address{UDPName, s.bytes(), uint16(s.IntN(65536))}
}

func (s source) route() Route {
	r := Route{}
	for range s.IntN(4) {
		r = append(r, s.address())
	}
	return r
}

func (s source) number() int { return s.IntN(70000) }

func (s source) open() Open {
	o := Open{
		Channel: s.IntN(MaxChannels), Role: []Role{Initiator, Responder}[s.IntN(2)], Profile: "v1",
		Over: []Over{Stream, Message, Datagram}[s.IntN(3)], Static: s.bytes(), Ephemeral: s.optional(), Peer: s.optional(),
		Window: s.number(), Limit: s.number(), Deadline: s.number(),
	}
	if s.IntN(2) == 0 {
		o.Local, o.Remote, o.Route = s.address(), s.address(), s.route()
	}
	return o
}

func (s source) step() Step {
	var out Step
	for range s.IntN(4) {
		switch s.IntN(4) {
		case 0:
			e := Event{Kind: Out, Data: s.bytes()}
			if s.IntN(2) == 0 {
				e.To = s.address()
			}
			out.Events = append(out.Events, e)
		case 1:
			out.Events = append(out.Events, Event{Kind: Opened, Data: s.bytes()})
		case 2:
			e := Event{Kind: Got, Data: s.bytes()}
			if s.IntN(2) == 0 {
				e.Onward = s.route()
			}
			if s.IntN(2) == 0 {
				e.Return = s.route()
			}
			out.Events = append(out.Events, e)
		case 3:
			out.Events = append(out.Events, Event{Kind: Rejected, Class: ClassShort})
		}
	}
	if out.Closed = s.IntN(2) == 0; out.Closed && s.IntN(2) == 0 {
		out.Class = ClassDeadline
	}
	return out
}

// chunks are at least one: none at all is no field.
func (s source) chunks() [][]byte {
	var out [][]byte
	for range 1 + s.IntN(3) {
		out = append(out, s.bytes())
	}
	return out
}

// parse(print(x)) = x, through whole lines, for everything that the two ends say to each other.
func TestRoundTrip(t *testing.T) {
	const rounds = 500
	checks := 0
	for seed := range uint64(rounds) {
		s := source{rand.New(rand.NewPCG(seed, 4))}
		message := Encode{As: AsInner, Profile: "v1", Onward: s.route(), Return: s.route(), Type: s.IntN(257) - 1, Body: s.bytes()}
		decoded := Decoded{Onward: s.route(), Return: s.route(), Type: s.IntN(257) - 1, Body: s.bytes()}
		claims := Claims{State: IsOpen, H: s.optional(), Peer: s.optional(), Limit: s.number()}
		if claims.Counters = s.IntN(2) == 0; claims.Counters {
			claims.Sent, claims.Received = uint64(s.number()), uint64(s.number())
		}
		for _, same := range []bool{
			again(t, s.open(), (*decoder).open),
			again(t, Feed{s.IntN(9), s.bytes(), s.address(), FIN}, (*decoder).feed),
			again(t, Feed{Channel: 1, End: RST}, (*decoder).feed),
			again(t, Write{s.IntN(9), s.bytes(), s.route(), nil}, (*decoder).write),
			again(t, Tick{s.IntN(9), s.number()}, (*decoder).tick),
			again(t, Decode{As: AsFrames, Data: s.chunks(), Limit: s.number()}, (*decoder).decode),
			again(t, Decode{As: AsRoute, Profile: "e09", Data: [][]byte{s.bytes()}}, (*decoder).decode),
			again(t, message, (*decoder).encode),
			again(t, Encode{As: AsFrames, Type: -1, Frames: s.chunks()}, (*decoder).encode),
			again(t, Encode{As: AsAddress, Type: -1, Address: s.address()}, (*decoder).encode),
			again(t, Encode{As: AsRoute, Type: -1, Route: s.route()}, (*decoder).encode),
			again(t, Encode{As: AsU2LE, Type: -1, Value: s.IntN(65536)}, (*decoder).encode),
			again(t, Agree{true, s.bytes(), s.optional()}, func(d *decoder) Agree { return d.agree(true) }),
			again(t, AEAD{true, s.bytes(), s.bytes(), s.bytes(), s.bytes()}, func(d *decoder) AEAD { return d.aead(true) }),
			again(t, HKDF{s.bytes(), s.optional(), s.number()}, (*decoder).hkdf),
			again(t, Hash{s.bytes()}, (*decoder).hash),
			again(t, Listen{s.address(), "v1", s.bytes(), s.optional(), s.address(), s.number(), s.number(), s.number()}, (*decoder).listen),
			again(t, Connect{s.address(), "v1", s.bytes(), s.optional(), s.route(), s.address(), s.number(), s.number(), s.number()}, (*decoder).connect),
			again(t, Operation{"make", s.number() % 256, 3, 4, "p256", s.number(), s.optional(), true, "kit", s.optional(), s.bytes(), s.bytes(), s.bytes()}, (*decoder).operation),
			same(t, Operated{Type: "buffer", Length: s.number(), Exportable: true, Label: "kit"}, func(v Operated) Fields { return v.fields("attributes") },
				func(d *decoder) Operated { return d.operated("attributes") }),
			same(t, s.step(), Step.fields, (*decoder).step),
			same(t, claims, Claims.fields, (*decoder).claims),
			same(t, Hello{1, MinLine + s.number(), "x-1.0"}, Hello.fields, (*decoder).hello),
			same(t, decoded, func(v Decoded) Fields { return v.fields(AsHandshake) },
				func(d *decoder) Decoded { return d.decoded(AsHandshake) }),
			same(t, Decoded{Frames: s.chunks()}, func(v Decoded) Fields { return v.fields(AsFrames) },
				func(d *decoder) Decoded { return d.decoded(AsFrames) }),
		} {
			if checks++; !same {
				t.Fatalf("seed %d", seed)
			}
		}
	}
	if want := rounds * 25; checks != want {
		t.Errorf("%d checks, want %d", checks, want)
	}
}

// again prints a request as a line and reads it.
func again[T interface{ Request() Request }](t *testing.T, v T, read func(*decoder) T) bool {
	t.Helper()
	r := v.Request()
	r.ID = 5
	line, err := r.Append(nil)
	if err != nil {
		t.Errorf("%v: %v", v, err)
		return false
	}
	parsed, err := ParseRequest(strings.TrimSuffix(string(line), "\n"))
	if err != nil {
		t.Errorf("%q: %v", line, err)
		return false
	}
	return readBack(t, v, parsed.Fields, read)
}

// same prints an answer as a line and reads it.
func same[T any](t *testing.T, v T, fields func(T) Fields, read func(*decoder) T) bool {
	t.Helper()
	line, err := Answer{7, StatusOK, fields(v)}.Append(nil)
	if err != nil {
		t.Errorf("%v: %v", v, err)
		return false
	}
	parsed, err := ParseAnswer(strings.TrimSuffix(string(line), "\n"))
	if err != nil {
		t.Errorf("%q: %v", line, err)
		return false
	}
	return readBack(t, v, parsed.Fields, read)
}

func readBack[T any](t *testing.T, v T, fields Fields, read func(*decoder) T) bool {
	t.Helper()
	d := decoder{fields: fields}
	if got := read(&d); d.wrong != "" || !reflect.DeepEqual(got, v) {
		t.Errorf("got  %#v\nwant %#v\nwrong %q, fields %v", got, v, d.wrong, fields)
		return false
	}
	return true
}

// What is missing, malformed, or out of place is told by its key.
func TestDecoderRefuses(t *testing.T) {
	step := func(d *decoder) { d.step() }
	for _, tc := range []struct {
		fields string
		read   func(*decoder)
		want   string
	}{
		{"", step, "then"},
		{"out=0 then=quiet", step, "out"},
		{"then=maybe", step, "then"},
		{"then=quiet out=00", step, "then"},
		{"then=quiet class=short", step, "then"},
		{"then=closed class=nonsense", step, "class"},
		{"to=local:00 then=quiet", step, "to"},
		{"out=00 to=local:00 to=local:00 then=quiet", step, "to"},
		{"got=00 return= onward= then=quiet", step, "onward"},
		{"got=00 out=00 return= then=quiet", step, "return"},
		{"rejected=1 then=quiet", step, "rejected"},
		{"ch=65536 data=", func(d *decoder) { d.feed() }, "ch"},
		{"ch=0", func(d *decoder) { d.feed() }, "data"},
		{"ch=0 data= end=fine", func(d *decoder) { d.feed() }, "end"},
		{"versions=", func(d *decoder) { d.versions() }, "versions"},
		{"versions=1,", func(d *decoder) { d.versions() }, "versions"},
		{"version=1 line=1023 name=x", func(d *decoder) { d.hello() }, "line"},
		{"as=route data=00,00", func(d *decoder) { d.decode() }, "data"},
		{"state=sleepy", func(d *decoder) { d.claims() }, "state"},
		{"state=open sent=1", func(d *decoder) { d.claims() }, "received"},
	} {
		line := "1 ok"
		if tc.fields != "" {
			line += " " + tc.fields
		}
		a, err := ParseAnswer(line)
		if err != nil {
			t.Fatal(err)
		}
		d := &decoder{fields: a.Fields}
		if tc.read(d); d.wrong != tc.want {
			t.Errorf("%q: wrong is %q, want %q", tc.fields, d.wrong, tc.want)
		}
	}
}
