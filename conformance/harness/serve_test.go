package harness_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
)

// TestMain makes the test's own program an adapter where a test starts it as one.
func TestMain(m *testing.M) {
	if os.Getenv("OCKAMTEST_TEST_ADAPTER") != "" {
		os.Exit(beAdapter())
	}
	os.Exit(m.Run())
}

// reference serves the reference over a pipe in memory, and returns the kit's end.
func reference(t *testing.T) *harness.Client {
	t.Helper()
	a, closed, err := refadapter.New(nil)
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
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := errors.Join(<-served, closed()); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("serve: %v", err)
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

// count returns n bytes that count up from first: the private keys of section 12.
func count(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// ends are the two ends of section 12.
func ends(over harness.Over, profile string) (initiator, responder harness.Open) {
	i := harness.Address{Kind: harness.TCP4, Value: []byte{127, 0, 0, 1}, Port: 54321}
	r := harness.Address{Kind: harness.TCP4, Value: []byte{127, 0, 0, 1}, Port: 4000}
	initiator = harness.Open{
		Channel: 0, Role: harness.Initiator, Profile: profile, Over: over, Static: count(0, 32), Ephemeral: count(0x20, 32),
		Local: i, Remote: r,
	}
	responder = harness.Open{
		Channel: 1, Role: harness.Responder, Profile: profile, Over: over, Static: count(1, 32), Ephemeral: count(0x41, 32),
		Local: r, Remote: i,
	}
	return initiator, responder
}

// The reference as an adapter makes the channel of section 12.
func TestReferenceHandshake(t *testing.T) {
	c, ctx := reference(t), t.Context()
	initiator, responder := ends(harness.Stream, "v1")
	first, err := c.Open(ctx, initiator)
	if err != nil {
		t.Fatal(err)
	}
	m1 := unhex(t, "0034 01 01 01007f000001a00f 01 01007f00000131d4 03"+
		"358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254")
	if got := first.Out(); len(got) != 1 || string(got[0]) != string(m1) || first.Closed {
		t.Fatalf("open = %x, want %x", got, m1)
	}
	if s, err := c.Open(ctx, responder); err != nil || len(s.Events) != 0 {
		t.Fatalf("open responder: %v, %v", s, err)
	}
	s, err := c.Feed(ctx, harness.Feed{Channel: 1, Data: m1[:1]})
	if err != nil || len(s.Events) != 0 || s.Closed {
		t.Fatalf("half a length: %v, %v", s, err)
	}
	m2, err := c.Feed(ctx, harness.Feed{Channel: 1, Data: m1[1:]})
	if err != nil || len(m2.Out()) != 1 {
		t.Fatalf("m1: %v, %v", m2, err)
	}
	m3, err := c.Feed(ctx, harness.Feed{Channel: 0, Data: m2.Out()[0]})
	if err != nil || len(m3.Out()) != 1 {
		t.Fatalf("m2: %v, %v", m3, err)
	}
	if peer, ok := m3.Opened(); !ok || len(peer) != 32 {
		t.Errorf("m2 has not opened the channel: %v", m3)
	}
	if s, err = c.Feed(ctx, harness.Feed{Channel: 1, Data: m3.Out()[0]}); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Opened(); !ok {
		t.Errorf("m3 has not opened the channel: %v", s)
	}
	s, err = c.Write(ctx, harness.Write{Channel: 0, Data: []byte("hello")})
	hello := unhex(t, "002d 01 01 01007f000001a00f 01 01007f00000131d4 02 5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639")
	if err != nil || len(s.Out()) != 1 || string(s.Out()[0]) != string(hello) {
		t.Fatalf("write = %x, %v; want %x", s.Out(), err, hello)
	}
	s, err = c.Feed(ctx, harness.Feed{Channel: 1, Data: hello})
	if got := s.Got(); err != nil || len(got) != 1 || string(got[0]) != "hello" {
		t.Errorf("record = %v, %v; want hello", s, err)
	}
	claims, err := c.Claims(ctx, 1)
	h := "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"
	if err != nil || claims.State != harness.IsOpen || hex.EncodeToString(claims.H) != h || claims.Received != 1 || claims.Sent != 0 {
		t.Errorf("claims = %+v, %v", claims, err)
	}
	s, err = c.Feed(ctx, harness.Feed{Channel: 1, Data: hello})
	if err != nil || !s.Closed || s.Class != harness.ClassAuthentication {
		t.Errorf("a replay on a stream: %+v, %v; want its end", s, err)
	}
	if _, err = c.Write(ctx, harness.Write{Channel: 1, Data: nil}); !errors.Is(err, harness.Refuse(harness.ClassClosed)) {
		t.Errorf("write after the end: %v", err)
	}
}

// The adapter answers with the highest version that both speak, whatever else is offered; before that there is nothing but hello.
func TestVersions(t *testing.T) {
	a, closed, err := refadapter.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	kit, adapter := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- errors.Join(harness.Serve(context.WithoutCancel(t.Context()), adapter, a), closed()) }()
	answers := bufio.NewReader(kit)
	for _, tc := range []struct{ request, answer string }{
		{"1 reset", "1 error class=sequence"},
		{"2 capabilities", "2 error class=sequence"},
		{"3 quit", "3 error class=sequence"},
		{"4 dance", "4 error class=sequence"},
		{"5 hello", "5 error class=argument detail=versions"},
		{"6 hello versions=", "6 error class=argument detail=versions"},
		{"7 hello versions=1,", "7 error class=argument detail=versions"},
		{"8 hello versions=01", "8 error class=argument detail=versions"},
		{"9 hello versions=2,3", "9 error class=version"},
		{"10 reset", "10 error class=sequence"},
		{"11 hello versions=3,1,2", "11 ok version=1 line=262144 name=ockamtest-reference"},
		{"12 hello versions=2", "12 error class=version"},
		{"13 reset", "13 ok"},
		{"14 hello versions=1", "14 ok version=1 line=262144 name=ockamtest-reference"},
		{"15 quit", "15 ok"},
	} {
		for i := range len(tc.request) { // byte by byte: a line is no packet
			if _, err := io.WriteString(kit, tc.request[i:i+1]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.WriteString(kit, "\n"); err != nil {
			t.Fatal(err)
		}
		if answer, err := answers.ReadString('\n'); err != nil || answer != tc.answer+"\n" {
			t.Errorf("to %q: got %q, %v; want %q", tc.request, answer, err, tc.answer)
		}
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
}

// The kit ends the connection between two lines, which is an end, or inside one, which is none.
func TestServeEnds(t *testing.T) {
	for text, want := range map[string]error{"": nil, "1 hello versions=1\n": nil, "1 hello versions=1\n2 reset\n3 res": harness.ErrTorn, "1": harness.ErrTorn} {
		a, closed, err := refadapter.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		kit, adapter := net.Pipe()
		go func() {
			_, _ = io.WriteString(kit, text)
			for answers := bufio.NewReader(kit); strings.Contains(text, "\n"); text = text[strings.Index(text, "\n")+1:] {
				_, _ = answers.ReadString('\n')
			}
			_ = kit.Close()
		}()
		if err := harness.Serve(t.Context(), adapter, a); !errors.Is(err, want) || (err != nil) != (want != nil) {
			t.Errorf("%q: got %v, want %v", text, err, want)
		}
		if err := closed(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A Client serves several goroutines at once; each gets the answers to its own requests.
func TestAtOnce(t *testing.T) {
	c := reference(t)
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for n := range 100 {
				data := []byte{byte(i), byte(n)}
				sum, err := c.Hash(t.Context(), harness.Hash{Data: data})
				if want := sha256.Sum256(data); err != nil || !bytes.Equal(sum, want[:]) {
					t.Errorf("hash of %x: %x, %v", data, sum, err)
				}
			}
		})
	}
	running.Wait()
	if n := c.Stray(); n != 0 {
		t.Errorf("%d stray lines", n)
	}
}
