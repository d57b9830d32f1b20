package interop

import (
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A script is a session as a referee sees it: what is sent, delivered, and lost.
type script struct {
	t       *testing.T
	referee *referee
	flying  map[string]*flying
	bodies  map[string][]byte
}

func newScript(t *testing.T, p profile.Profile, packets bool) *script {
	t.Helper()
	r := &referee{profile: p, packets: packets, keys: &ephemerals{}, secrets: [][]byte{[]byte("hello")}}
	kind := wire.TCP
	if packets {
		kind = wire.UDP
	}
	for s, port := range []string{"1", "2"} {
		own, err := adversary.TransportAddress(kind, "127.0.0.1:400"+port)
		if err != nil {
			t.Fatal(err)
		}
		r.ends[s] = end{kind: kind, own: own}
	}
	return &script{t, r, map[string]*flying{}, map[string][]byte{}}
}

// bytes makes a message: m1, m2, m3, or a record with any name.
func (s *script) bytes(from side, name string) []byte {
	p := s.referee.profile
	sizes := map[string]int{"m1": 0, "m2": 1, "m3": 2}
	types := map[string]wire.Type{"m1": wire.M1, "m2": wire.M2, "m3": wire.M3}
	body := s.bodies[name]
	i, handshake := sizes[name]
	if body == nil {
		body = random(25)
		if handshake {
			body = random(p.Suite.MessageSizes()[i])
		}
		s.bodies[name] = body
	}
	m := adversary.Message{Type: wire.Payload, Body: body, Untagged: !p.HandshakeTypeByte}
	if handshake {
		m.Type = types[name]
	} else if !p.TransportHeader {
		return body
	}
	if p.Routes {
		m.Onward = adversary.Route{s.referee.ends[from].own}
	}
	return m.Bytes()
}

// do carries out steps: "i:m1" is sent by the initiator and delivered, "i:m1-" sent and lost, "i:m1?" sent and kept, "+m1" delivered now.
func (s *script) do(steps string) *Fault {
	s.t.Helper()
	for step := range strings.FieldsSeq(steps) {
		if name, ok := strings.CutPrefix(step, "+"); ok {
			s.referee.deliver(s.flying[name])
			continue
		}
		who, name, _ := strings.Cut(step, ":")
		from := initiator
		if who == "r" {
			from = responder
		}
		plain := strings.TrimRight(name, "-?")
		f, flaw := s.referee.sent(from, s.bytes(from, plain))
		if flaw != nil {
			return flaw
		}
		s.flying[plain] = f
		if strings.HasSuffix(name, "-") {
			continue
		}
		s.referee.queue(f, 1)
		if !strings.HasSuffix(name, "?") {
			s.referee.deliver(f)
		}
	}
	return nil
}

// Who owes what after which steps, in a profile that repeats and in one that does not.
func TestOwes(t *testing.T) {
	for _, tt := range []struct {
		name, steps string
		v1, c09     string // who owes, and what of; empty: nobody owes anything
	}{
		{"nothing was sent", "", "initiator m1", "initiator m1"},
		{"m1 is lost", "i:m1-", "initiator m1 once more", ""},
		{"m1 is lost twice", "i:m1- i:m1-", "initiator m1 once more", ""},
		{"m1 is on its way", "i:m1?", "", ""},
		{"m1 has arrived", "i:m1", "responder m2", "responder m2"},
		{"m1 is lost, then arrives", "i:m1- i:m1", "responder m2", "responder m2"},
		{"m2 is lost", "i:m1 r:m2-", "initiator m1 once more", ""},
		{"m2 is lost, m1 has arrived once more", "i:m1 r:m2- i:m1", "responder m2", "responder m2"},
		{"m2 is on its way", "i:m1 r:m2?", "", ""},
		{"m2 has arrived", "i:m1 r:m2", "initiator m3", "initiator m3"},
		{"m2 has arrived the second time", "i:m1 r:m2- i:m1 r:m2", "initiator m3", "initiator m3"},
		{"m3 is on its way", "i:m1 r:m2 i:m3?", "initiator first payload", "initiator first payload"},
		{"m3 has arrived", "i:m1 r:m2 i:m3", "initiator first payload", "initiator first payload"},
		{"a record has arrived", "i:m1 r:m2 i:m3 i:a", "responder echo", "responder echo"},
		{"a record is lost", "i:m1 r:m2 i:m3 i:a-", "", ""},
		{"m3 is lost", "i:m1 r:m2 i:m3- i:a", "initiator m3 once more", ""},
		{"m3 and a record are lost", "i:m1 r:m2 i:m3- i:a-", "initiator m3 once more", ""},
		{"m3 arrives the second time, behind the record", "i:m1 r:m2 i:m3- i:a i:m3", "", ""},
		{"m3 is overtaken", "i:m1 r:m2 i:m3? i:a +m3", "", ""},
		{"the record arrives behind a repeated m3", "i:m1 r:m2 i:m3- i:a? i:m3 +a", "responder echo", "responder echo"},
		{"an echo has arrived", "i:m1 r:m2 i:m3 i:a r:b", "initiator echo", "initiator echo"},
		{"an echo is on its way", "i:m1 r:m2 i:m3 i:a r:b?", "", ""},
		{"an echo is lost", "i:m1 r:m2 i:m3 i:a r:b-", "", ""},
		{"a later record is lost", "i:m1 r:m2 i:m3 i:a r:b i:c-", "", ""},
		{"m3 once more behind an echo", "i:m1 r:m2 i:m3 i:a r:b? i:m3 +b", "initiator echo", "initiator echo"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, in := range []struct {
				profile profile.Profile
				want    string
			}{{profile.V1(), tt.v1}, {profile.C09(), tt.c09}} {
				s := newScript(t, in.profile, true)
				if f := s.do(tt.steps); f != nil {
					t.Fatalf("%s: %v", in.profile.Name, f)
				}
				d := s.referee.owes()
				got := string(d.by.role()) + " " + d.what
				who, what, _ := strings.Cut(in.want, " ")
				if d.none() != (in.want == "") || !d.none() && (!strings.HasPrefix(got, who) || !strings.Contains(got, what)) {
					t.Errorf("%s: %q is owed, want %q", in.profile.Name, got, in.want)
				}
			}
		})
	}
}

// What a side must not send, over either transport.
func TestFaults(t *testing.T) {
	const open = "i:m1 r:m2 i:m3 i:a r:b "
	for _, tt := range []struct {
		name, steps string
		stream      bool
		by          conformance.Role
		requirement string
	}{
		{"m2 before m1 has arrived", "i:m1- r:m2", false, "responder", "CHAN-001"},
		{"m3 before m2 has arrived", "i:m1 r:m2- i:m3", false, "initiator", "CHAN-001"},
		{"m2 twice for one m1", "i:m1 r:m2 r:m2", false, "responder", "TRAN-015"},
		{"a record before m3", "i:m1 r:m2 i:a", false, "initiator", "CHAN-002"},
		{"a record before m3 has arrived", "i:m1 r:m2 i:m3- i:a r:b", false, "responder", "CHAN-002"},
		{"an answer to a lost record", "i:m1 r:m2 i:m3 i:a- r:b", false, "responder", ""},
		{"two answers", open + "r:c", false, "responder", ""},
		{"two answers to a record that has come twice", "i:m1 r:m2 i:m3 i:a +a r:b r:c", false, "responder", ""},
		{"two first payloads", "i:m1 r:m2 i:m3 i:a i:b", false, "initiator", ""},
		{"a record again", open + "i:a", false, "initiator", "REC-003"},
		{"the other's record", "i:m1 r:m2 i:m3 i:a r:a", false, "responder", "REC-003"},
		{"m1 of the responder", "i:m1 r:m1", false, "responder", "CHAN-001"},
		{"m1 again on a stream", "i:m1 i:m1", true, "initiator", "CHAN-001"},
		{"m3 again on a stream", open + "i:m3", true, "initiator", "CHAN-001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(t, profile.V1(), !tt.stream)
			f := s.do(tt.steps)
			if f == nil || f.By != tt.by || f.Requirement != tt.requirement {
				t.Errorf("got %v, want a fault of the %s, requirement %q", f, tt.by, tt.requirement)
			}
		})
	}
}

// On datagrams a repeat has the same Noise bytes (TRAN-014, TRAN-015).
func TestRepeats(t *testing.T) {
	for _, tt := range []struct{ steps, renew, then, requirement string }{
		{"i:m1- ", "m1", "i:m1", "TRAN-014"},
		{"i:m1 r:m2- i:m1 ", "m2", "r:m2", "TRAN-015"},
		{"i:m1 r:m2 i:m3- i:a- ", "m3", "i:m3", "TRAN-014"},
	} {
		s := newScript(t, profile.V1(), true)
		if f := s.do(tt.steps + tt.then); f != nil {
			t.Errorf("%s: %v for the same bytes", tt.renew, f)
		}
		s = newScript(t, profile.V1(), true)
		f := s.do(tt.steps)
		delete(s.bodies, tt.renew)
		if f == nil {
			f = s.do(tt.then)
		}
		if f == nil || f.Requirement != tt.requirement {
			t.Errorf("another %s: got %v, want a fault of %s", tt.renew, f, tt.requirement)
		}
	}
}

// A whole session in each profile, over each transport: nobody is accused, and both are held to have opened.
func TestSessionInProfiles(t *testing.T) {
	n := 0
	for _, p := range profile.All() {
		for _, packets := range []bool{false, true} {
			s := newScript(t, p, packets)
			if f := s.do("i:m1 r:m2 i:m3 i:a r:b i:c r:d i:e r:f"); f != nil {
				t.Errorf("%s, on datagrams %v: %v", p.Name, packets, f)
			}
			if !s.referee.open() || s.referee.pairs() != 3 {
				t.Errorf("%s, on datagrams %v: open %v, %d pairs", p.Name, packets, s.referee.open(), s.referee.pairs())
			}
			n++
		}
	}
	if n != 8 {
		t.Errorf("%d sessions, want 8", n)
	}
}

// A side that has repeated and then fallen silent has given up; one that never repeats has not, nor has a responder.
func TestGaveUp(t *testing.T) {
	for _, tt := range []struct {
		steps string
		want  bool
	}{
		{"i:m1-", false},
		{"i:m1- i:m1-", true},
		{"i:m1 r:m2- i:m1", false},
		{"i:m1 r:m2 i:m3- i:a-", false},
		{"i:m1 r:m2 i:m3- i:a- i:m3-", true},
		{"i:m1- i:m1 r:m2 i:m3- i:a-", false},
		{"i:m1- i:m1 r:m2 i:m3 i:a", false},
	} {
		s := newScript(t, profile.V1(), true)
		if f := s.do(tt.steps); f != nil {
			t.Fatal(f)
		}
		if got := s.referee.gaveUp(s.referee.owes()); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.steps, got, tt.want)
		}
	}
}
