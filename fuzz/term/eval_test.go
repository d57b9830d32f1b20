package term_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"ockamtest/fuzz/term"
	"ockamtest/fuzz/term/play"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// Section 12 of the specification: the keys, and what is known of them.
const (
	initiatorStatic    = "private(0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f)"
	initiatorEphemeral = "private(0x202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f)"
	responderStatic    = "private(0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20)"
	responderEphemeral = "private(0x4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60)"

	headM1 = "010101007f000001a00f0101007f00000131d403"
	headM2 = "010101007f00000131d40101007f000001a00f04"
	headM3 = "010101007f000001a00f0101007f00000131d405"
	head2  = "010101007f000001a00f0101007f00000131d402"

	m1 = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
	m2 = "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466" +
		"5393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8" +
		"767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"
	m3 = "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40" +
		"e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56"
	h = "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"
)

// known are the intermediate values.
func known() map[string]string {
	return map[string]string{
		"chain(0, start, h)": "5df72b67b965add1168f0a6c756df21c204f7e64fc682be6a3ab4b682c8db64b",
		"chain(0, m1, h)":    "5406b69e020ba02aaab23371b94629b11d165740796f9f350a51f90023724ddf",
		"chain(0, m2, h)":    "46270ab42fb50a4fc6b29f78c5d92d115d05cf0d64261e1db6ad5e3f4897baf9",
		"chain(0, ee, ck)":   "674afe9e8a30e6dbf073b32cad4d711d11edf32a4b83470583e6893bd40041f4",
		"chain(0, ee, k)":    "b85aa7e2e04a792d253b9598ed47601a5546881309478df8d70c5454328a74c7",
		"chain(0, es, ck)":   "130025cc0334817f13d5e426337f68b73a857a9f71c23d4c90cab62a85b6c453",
		"chain(0, es, k)":    "477bf6e316ee873dbb44e682a0556be220920dcadd274adad439c30f0bc7ec77",
		"chain(0, se, ck)":   "deede25eee0158a0fde982e8be1c799d395fd5baad408c6bec2ba2e90eb3c718",
		"chain(0, se, k)":    "8eb87dfe8a9af3388bfc334fd3263c4fdd7d4df339e56c62bd97b9f60e033a9d",
		"chain(0, m3, h)":    h,
		"chain(0, m3, k1)":   "b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb",
		"chain(0, m3, k2)":   "109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a",
		"hkdf(0, chain(0, es, ck), dh(" + initiatorStatic + ", public(" + responderEphemeral + ")))": "deede25eee0158a0fde982e8be1c799d395fd5baad408c6bec2ba2e90eb3c718",
		"hkdf(1, chain(0, es, ck), dh(" + responderEphemeral + ", public(" + initiatorStatic + ")))": "8eb87dfe8a9af3388bfc334fd3263c4fdd7d4df339e56c62bd97b9f60e033a9d",
		"hash(hash(concat(chain(0, start, h), 0x" + m1 + ")))":                                       "5406b69e020ba02aaab23371b94629b11d165740796f9f350a51f90023724ddf",
	}
}

// newEvaluator has session 0, between the addresses of section 12.
func newEvaluator(t testing.TB, p profile.Profile, peer term.Role) *term.Evaluator {
	t.Helper()
	e, err := term.New(term.Config{Crypto: play.NewCrypto(p.Suite), Profile: p, Peer: peer})
	if err != nil {
		t.Fatal(err)
	}
	initiator, responder := wire.TCPAddress4([4]byte{127, 0, 0, 1}, 54321), wire.TCPAddress4([4]byte{127, 0, 0, 1}, 4000)
	link := term.Link{Own: initiator, Peer: responder}
	if peer == term.Initiator {
		link = term.Link{Own: responder, Peer: initiator}
	}
	if err := e.Open(0, link); err != nil {
		t.Fatal(err)
	}
	return e
}

// eval evaluates the text of a term.
func eval(t testing.TB, e *term.Evaluator, text string) (string, error) {
	t.Helper()
	parsed, err := term.ParseTerm(text)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Eval(parsed)
	return hex.EncodeToString(out), err
}

func wantEval(t *testing.T, e *term.Evaluator, text, want string) {
	t.Helper()
	if got, err := eval(t, e, text); err != nil || got != want {
		t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
	}
}

func take(t *testing.T, e *term.Evaluator, message string, want term.Kind) term.Heard {
	t.Helper()
	b, err := hex.DecodeString(message)
	if err != nil {
		t.Fatal(err)
	}
	heard, err := e.Take(0, b)
	if err != nil || heard.Kind != want {
		t.Errorf("got %v, %v, want %v", heard.Kind, err, want)
	}
	return heard
}

// Known answers as initiator.
func TestKnownAnswersInitiator(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Responder)
	wantEval(t, e, "frame(message(0, 3, m1(0, "+initiatorEphemeral+", 0x)))", "0034"+headM1+m1)
	take(t, e, headM2+m2, term.IsM2)
	wantEval(t, e, "frame(message(0, 5, m3(0, "+initiatorStatic+", 0x)))", "0054"+headM3+m3)
	for text, want := range known() {
		wantEval(t, e, text, want)
	}
	const hello = "frame(message(0, 2, record(0, inner(0, \"hello\"))))"
	wantEval(t, e, hello, "002d"+head2+"5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639")
	wantEval(t, e, hello, "002d"+head2+"260bc6994207fd5bf31ac649573262faaa4f9743e1048d2cd8")
	wantEval(t, e, "record-at(0, 65535, inner(0, \"hello\"))", "0e2905aac9ef4158a22bf8dd93c0362660e4211270c305d952")
	wantEval(t, e, "aead(chain(0, m3, k2), 1, chain(0, m3, h), 0x0100000268656c6c6f)", "260bc6994207fd5bf31ac649573262faaa4f9743e1048d2cd8")
	heard := take(t, e, headM2[:len(headM2)-2]+"02"+"e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99", term.IsRecord)
	if string(heard.Payload) != "hello" {
		t.Errorf("payload of %d bytes", len(heard.Payload))
	}
	wantEval(t, e, "received(0, 1, plain)", "68656c6c6f")
	wantEval(t, e, "received(0, 0, e)", m2[:64])
	wantEval(t, e, "received(0, 0, s)", m2[64:160])
	wantEval(t, e, "received(0, 0, rest)", m2[160:])
	wantEval(t, e, "received(0, 0, return)", "0101007f000001a00f")
	wantEval(t, e, "received(0, 0, head)", headM2)
}

// Known answers as responder.
func TestKnownAnswersResponder(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Initiator)
	take(t, e, headM1+m1, term.IsM1)
	wantEval(t, e, "message(0, 4, m2(0, "+responderEphemeral+", "+responderStatic+", 0x))", headM2+m2)
	take(t, e, headM3+m3, term.IsM3)
	for _, value := range []string{"chain(0, m3, h)", "chain(0, m3, k1)", "chain(0, se, ck)"} {
		wantEval(t, e, value, known()[value])
	}
	wantEval(t, e, "record(0, inner(0, \"hello\"))", "e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99")
}

// An m1 with a payload is what the Noise core computes.
func TestKnownAnswerWithPayload(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Initiator)
	wantEval(t, e, "m1(0, "+initiatorEphemeral+", \"test_msg_0\")", m1+"746573745f6d73675f30")
}

// Known answers of profile c010: points of 65 bytes.
func TestKnownAnswersP256(t *testing.T) {
	e := newEvaluator(t, profile.C010(), term.Responder)
	wantEval(t, e, "m1(0, "+initiatorEphemeral+", 0x)", "04c6559d416dfb56af714f146d917c24abf818b2fb121604129649848230a2d2"+
		"58b2a6d82dc6c6734cf092ffaa9fc012f10f7008d3952a08d5797e85feaba5d977")
	if _, err := eval(t, e, "public(low-order(0))"); !errors.Is(err, term.ErrKey) {
		t.Errorf("a point of X25519: got %v, want ErrKey", err)
	}
}

// Every special point does with every private key what is said of it.
func TestSpecialPoints(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Responder)
	zeros := strings.Repeat("00", 32)
	var seen []string
	for n := range 12 {
		k := "low-order(" + string(rune('0'+n%10)) + ")"
		if n >= 10 {
			k = "low-order(1" + string(rune('0'+n-10)) + ")"
		}
		wantEval(t, e, "dh(ephemeral(0), public("+k+"))", zeros)
		wantEval(t, e, "dh("+k+", public(ephemeral(0)))", zeros)
		public, err := eval(t, e, "public("+k+")")
		if err != nil || slices.Contains(seen, public) {
			t.Errorf("%s: %v, seen before", k, err)
		}
		seen = append(seen, public)
	}
	for n := range 4 {
		k := "base-point(" + string(rune('0'+n)) + ")"
		public, err := eval(t, e, "public(ephemeral(0))")
		if err != nil {
			t.Fatal(err)
		}
		wantEval(t, e, "dh(ephemeral(0), public("+k+"))", public)
		wantEval(t, e, "dh("+k+", public(ephemeral(0)))", public)
	}
}

func TestBytes(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Responder)
	for text, want := range map[string]string{
		"slice(0x00112233, 1, 3)":                     "1122",
		"slice(0x00112233, -1, 1048576)":              "33",
		"slice(0x00112233, 3, 1)":                     "",
		"slice(0x00112233, -9, -3)":                   "00",
		"flip(0x0000, 0)":                             "8000",
		"flip(0x0000, -1)":                            "0001",
		"flip(0x0000, 17)":                            "4000",
		"flip(0x, 5)":                                 "",
		"repeat(0x0102, 3)":                           "010201020102",
		"concat(0x01, concat(), 0x02)":                "0102",
		"route(local(\"ab\"), tcp(0x7f000001, 4000))": "020002616201007f000001a00f",
		"route-of(9, udp(\"a.b\", 1))":                "09020203612e620100",
		"header(200, 0x00, 0x00, 7)":                  "c801000007",
		"frame-of(7, 0x01)":                           "000701",
		"onward(0)":                                   "0101007f000001a00f",
		"return(0)":                                   "0101007f00000131d4",
		"message(0, 0, 0x)":                           "010101007f000001a00f0101007f00000131d400",
		"slice(random(1, 70), 0, 0)":                  "",
		"aead(0x, 0, 0x, 0x)":                         "530f8afbc74536b9a963b4f1c4cb738b", // GCM test case 13
		"hash(0x)":                                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	} {
		wantEval(t, e, text, want)
	}
	a, _ := eval(t, e, "random(1, 70)")
	b, _ := eval(t, e, "random(2, 70)")
	if again, _ := eval(t, e, "random(1, 70)"); len(a) != 140 || a == b || a != again {
		t.Errorf("random: %d digits, the same for two numbers %v, for one %v", len(a), a == b, a == again)
	}
}

// What cannot be evaluated is an error with its kind and its place, and changes nothing.
func TestEvalErrors(t *testing.T) {
	for _, c := range []struct {
		text, place string
		want        error
	}{
		{"frame(message(1, 3, 0x))", "frame/1 message", term.ErrSession},
		{"concat(0x, m3(0, static, 0x))", "concat/2 m3", term.ErrAbsent},
		{"m2(0, static, static, 0x)", "m2", term.ErrAbsent},
		{"record(0, inner(0, 0x))", "record", term.ErrAbsent},
		{"hash(chain(0, ee, k))", "hash/1 chain", term.ErrAbsent},
		{"received(0, 0, whole)", "received", term.ErrAbsent},
		{"sent(0, 1, whole)", "sent", term.ErrAbsent},
		{"sent(0, 0, s)", "sent", term.ErrPart},
		{"dh(as(0x, private(0x00)), 0x)", "dh/1 as/2 private", term.ErrKey},
		{"frame(repeat(0x00, 65536))", "frame", term.ErrTooLong},
		{"repeat(0x0000, 131072)", "repeat", term.ErrTooLong},
		{"concat(repeat(0x00, 131072), 0x00)", "concat", term.ErrTooLong},
		{"concat(" + strings.Repeat("slice(random(0, 131072), 0, 0), ", 17) + "0x)", "concat/17 slice/1 random", term.ErrTooLong},
		{"concat(m1(0, ephemeral(1), 0x), record(0, 0x))", "concat/2 record", term.ErrAbsent},
	} {
		t.Run(c.text[:min(len(c.text), 30)], func(t *testing.T) {
			e := newEvaluator(t, profile.V1(), term.Responder)
			begin, err := term.ParseTerm("frame(message(0, 3, m1(0, ephemeral(0), 0x)))")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Send(0, begin); err != nil {
				t.Fatal(err)
			}
			before, _ := eval(t, e, "chain(0, m1, h)")
			_, err = eval(t, e, c.text)
			var place *term.EvalError
			if !errors.Is(err, c.want) || !errors.As(err, &place) {
				t.Fatalf("got %v, want an *EvalError that wraps %v", err, c.want)
			}
			if place.Place != c.place {
				t.Errorf("got place %q, want %q", place.Place, c.place)
			}
			if after, _ := eval(t, e, "chain(0, m1, h)"); after != before || len(after) != 64 {
				t.Error("the session has changed")
			}
		})
	}
}

// What does not verify moves nothing: what is genuine is taken afterwards.
func TestTakeRejects(t *testing.T) {
	e := newEvaluator(t, profile.V1(), term.Responder)
	take(t, e, headM2+m2, term.IsJunk) // before m1
	if _, err := eval(t, e, "m1(0, "+initiatorEphemeral+", 0x)"); err != nil {
		t.Fatal(err)
	}
	take(t, e, headM2+m2[:len(m2)-2]+"00", term.IsJunk)
	take(t, e, headM2+m2+"00", term.IsJunk)
	take(t, e, headM1+m1, term.IsJunk)
	take(t, e, "", term.IsJunk)
	take(t, e, headM2[:len(headM2)-2]+"00", term.IsPing)
	take(t, e, headM2[:len(headM2)-2]+"01", term.IsPong)
	take(t, e, headM2+m2, term.IsM2)
	if _, err := eval(t, e, "m3(0, "+initiatorStatic+", 0x)"); err != nil {
		t.Fatal(err)
	}
	record := headM2[:len(headM2)-2] + "02" + "e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99"
	take(t, e, record[:len(record)-2]+"00", term.IsJunk)
	take(t, e, record, term.IsRecord)
	take(t, e, record, term.IsJunk)
	if _, err := e.Take(9, nil); !errors.Is(err, term.ErrSession) {
		t.Errorf("got %v, want ErrSession", err)
	}
}

func TestNew(t *testing.T) {
	if _, err := term.New(term.Config{}); !errors.Is(err, term.ErrInvalid) {
		t.Errorf("nothing: got %v, want ErrInvalid", err)
	}
	p := profile.V1()
	if _, err := term.New(term.Config{Crypto: play.NewCrypto(p.Suite), Profile: p, Static: []byte{1}}); !errors.Is(err, term.ErrKey) {
		t.Errorf("a static key of one byte: got %v, want ErrKey", err)
	}
	e := newEvaluator(t, p, term.Responder)
	if err := e.Open(0, term.Link{}); !errors.Is(err, term.ErrSession) {
		t.Errorf("opened twice: got %v, want ErrSession", err)
	}
	if err := e.Open(1, term.Link{}); !errors.Is(err, term.ErrInvalid) {
		t.Errorf("no addresses: got %v, want ErrInvalid", err)
	}
}

// FuzzEval: what any bytes say is evaluated, or refused, without harm; each term is, on both sides, with what the other one has said.
func FuzzEval(f *testing.F) {
	for _, text := range texts(f) {
		parsed, err := term.Parse(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(term.Append(nil, parsed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		trace := term.Decode(b)
		own, other := newEvaluator(t, profile.V1(), term.Responder), newEvaluator(t, profile.V1(), term.Initiator)
		for _, s := range trace.Steps {
			send, ok := s.(*term.Send)
			if !ok {
				continue
			}
			out, err := own.Send(0, send.Data)
			var place *term.EvalError
			if err != nil && !errors.As(err, &place) || len(out) > term.MaxOutput {
				t.Fatalf("%d bytes, %v", len(out), err)
			}
			heard, err := other.Take(0, out[min(2, len(out)):])
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := term.ParseTerm("message(0, 4, m2(0, ephemeral(1), static, 0x))"); heard.Kind == term.IsM1 && err == nil {
				m2, err := other.Eval(answer)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := own.Take(0, m2); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
