package term_test

import (
	"errors"
	"strings"
	"testing"

	"ockamtest/fuzz/term"
	"ockamtest/fuzz/term/play"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// twoSides are the kit as initiator and as responder, each the other's peer, with an open channel on datagrams. The responder has a local
// address.
func twoSides(t *testing.T) (initiator, responder *term.Evaluator) {
	t.Helper()
	p := profile.V1()
	a, b := wire.UDPAddress4([4]byte{10, 0, 0, 1}, 4001), wire.UDPAddress4([4]byte{10, 0, 0, 3}, 4003)
	side := func(peer term.Role, link term.Link) *term.Evaluator {
		e, err := term.New(term.Config{Crypto: play.NewCrypto(p.Suite), Profile: p, Peer: peer, Datagrams: true, Seed: [32]byte{byte(peer)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Open(0, link); err != nil {
			t.Fatal(err)
		}
		return e
	}
	initiator = side(term.Responder, term.Link{Own: a, Peer: b})
	responder = side(term.Initiator, term.Link{Own: b, Peer: a, Local: wire.LocalAddress([]byte("resp"))})
	say(t, initiator, responder, "message(0, 3, m1(0, ephemeral(0), 0x))", term.IsM1)
	say(t, initiator, responder, "message(0, 3, m1(0, ephemeral(0), 0x))", term.IsM1) // TRAN-014
	say(t, responder, initiator, "message(0, 4, m2(0, ephemeral(0), static, 0x))", term.IsM2)
	say(t, responder, initiator, "sent(0, 0, whole)", term.IsM2)
	say(t, initiator, responder, "sent(0, 0, whole)", term.IsM1) // a repeat moves nothing
	say(t, initiator, responder, "flip(message(0, 5, m3(0, static, 0x)), -1)", term.IsJunk)
	say(t, initiator, responder, "message(0, 5, m3(0, static, 0x))", term.IsM3)
	return initiator, responder
}

// say evaluates a term on one side and hands it to the other.
func say(t *testing.T, from, to *term.Evaluator, text string, want term.Kind) term.Heard {
	t.Helper()
	parsed, err := term.ParseTerm(text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := from.Send(0, parsed)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	heard, err := to.Take(0, b)
	if err != nil || heard.Kind != want {
		t.Errorf("%s: got %v, %v, want %v", text, heard.Kind, err, want)
	}
	return heard
}

// Both sides end with the same values, whatever was repeated and rejected.
func TestTwoSides(t *testing.T) {
	initiator, responder := twoSides(t)
	for _, value := range []string{"h", "ck", "k1", "k2"} {
		a, err := eval(t, initiator, "chain(0, m3, "+value+")")
		if err != nil {
			t.Fatal(err)
		}
		wantEval(t, responder, "chain(0, m3, "+value+")", a)
	}
}

// On datagrams records may be lost, and none is taken twice (REC-008).
func TestCountersOnDatagrams(t *testing.T) {
	initiator, responder := twoSides(t)
	say(t, initiator, responder, "message(0, 2, record-at(0, 3, inner(0, \"ahead\")))", term.IsRecord)
	say(t, initiator, responder, "message(0, 2, record-at(0, 3, inner(0, \"again\")))", term.IsJunk)
	say(t, initiator, responder, "message(0, 2, record-at(0, 35, inner(0, \"far\")))", term.IsRecord)
	say(t, initiator, responder, "message(0, 2, record-at(0, 68, inner(0, \"beyond\")))", term.IsJunk)
	heard := say(t, responder, initiator, "message(0, 2, record(0, inner(0, \"answer\")))", term.IsRecord)
	if string(heard.Payload) != "answer" {
		t.Errorf("a payload of %d bytes", len(heard.Payload))
	}
	say(t, responder, initiator, "message(0, 2, record(0, 0x01000000))", term.IsJunk) // REC-009
	say(t, responder, initiator, "message(0, 2, record(0, inner(0, 0x)))", term.IsRecord)
}

// The local address stands in handshake messages alone (CHAN-010), and the peer learns it.
func TestLocalAddress(t *testing.T) {
	initiator, responder := twoSides(t)
	const own, local = "02000a000003a30f", "000472657370"
	wantEval(t, responder, "return(0)", "02"+own+local)
	wantEval(t, responder, "slice(message(0, 4, 0x), -16, 1048576)", "02"+own+local+"04")
	wantEval(t, responder, "slice(message(0, 2, 0x), -10, 1048576)", "01"+own+"02")
	wantEval(t, initiator, "onward(0)", "02"+own+local)
}

// Terms made by hand that no text says are refused, not evaluated.
func TestEvalByHand(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Responder)
	for name, c := range map[string]struct {
		bad  term.Term
		want error
	}{
		"nil":          {nil, term.ErrInvalid},
		"nil inside":   {&term.Hash{}, term.ErrInvalid},
		"nil key":      {&term.Public{}, term.ErrInvalid},
		"times":        {&term.Repeat{X: &term.Bytes{}, Times: 1 << 63}, term.ErrTooLong},
		"size":         {&term.Random{Size: 1 << 63}, term.ErrTooLong},
		"point":        {&term.Chain{At: 200}, term.ErrAbsent},
		"value":        {&term.Chain{Value: 200}, term.ErrInvalid},
		"low order":    {&term.Public{Key: &term.LowOrder{N: 12}}, term.ErrInvalid},
		"version":      {&term.Header{Version: 1 << 20, Onward: &term.Bytes{}, Return: &term.Bytes{}}, term.ErrInvalid},
		"frame-of":     {&term.FrameOf{X: &term.Repeat{X: &term.Bytes{Value: "x"}, Times: term.MaxOutput}}, term.ErrTooLong},
		"session":      {&term.Onward{Session: 99}, term.ErrSession},
		"literal":      {&term.Bytes{Value: strings.Repeat("x", term.MaxOutput+1)}, term.ErrTooLong},
		"part":         {&term.Received{Part: 200}, term.ErrAbsent},
		"private size": {&term.Public{Key: &term.Private{Key: &term.Bytes{Value: "x"}}}, term.ErrKey},
	} {
		if _, err := e.Eval(c.bad); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// What is not there yet is said so, in either role, and what was sent in two frames has no parts.
func TestAbsent(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Initiator)
	take(t, e, headM1+m1, term.IsM1)
	if _, err := eval(t, e, "m3(0, static, 0x)"); !errors.Is(err, term.ErrAbsent) {
		t.Errorf("m3 before m2: got %v, want ErrAbsent", err)
	}
	two, err := term.ParseTerm("concat(frame(message(0, 0, 0x)), frame(message(0, 2, 0x)))")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Send(0, two); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"message", "head", "body"} {
		if _, err := eval(t, e, "sent(0, 0, "+part+")"); !errors.Is(err, term.ErrPart) {
			t.Errorf("%s of two frames: got %v, want ErrPart", part, err)
		}
	}
	wantEval(t, e, "slice(sent(0, 0, whole), 0, 2)", "0014")
}
