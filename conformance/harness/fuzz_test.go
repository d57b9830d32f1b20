package harness_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
)

// Whatever lines an adapter gets it answers each with one line that the grammar has, under its ID if it has one, and serves on.
func FuzzServe(f *testing.F) {
	for _, lines := range []string{
		"1 hello versions=1\n2 capabilities\n3 sha256 data=616263\n",
		"1 reset\n\n0 reset\nx\n2147483648 reset\n1 hello versions=2\n1 hello versions=2,1\n",
		"1 open ch=0 role=initiator profile=v1 over=stream static=" + strings.Repeat("11", 32) + "\n2 feed ch=0 data=0001ff end=fin\n3 claims ch=0\n",
		"1 open ch=1 role=responder profile=c010 over=datagram static=" + strings.Repeat("22", 32) + " window=32 limit=9\n2 tick ch=1 ms=99999\n",
		"1 decode as=frames data=0001,ff\n2 encode as=route route=local:00,tcp4:7f000001:1\n3 x25519 private=00\n4 hkdf salt= n=9\n",
		"1 write ch=0 data= onward=local: return=\n2 close ch=0\n3 unseal key= nonce= ad= data=\n\xff\x00 x\n",
	} {
		f.Add(lines)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		if strings.Contains(lines, "listen") || strings.Contains(lines, "connect") || strings.Contains(lines, "quit") {
			t.Skip("a fuzzer opens no sockets and ends no adapter: TestServeEnds does, and TestSockets of refadapter")
		}
		a, closed, err := refadapter.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		kit, adapter := net.Pipe()
		served := make(chan error, 1)
		go func() { served <- errors.Join(harness.Serve(context.WithoutCancel(t.Context()), adapter, a), closed()) }()
		go func() { _, _ = io.WriteString(kit, "7 hello versions=1\n"+lines+"\n8 quit\n") }()

		answers, want := bufio.NewReaderSize(kit, harness.MaxLine), "7 hello versions=1\n"+lines+"\n8 quit\n"
		for line := range strings.Lines(want) {
			text, err := answers.ReadString('\n')
			if err != nil {
				t.Fatalf("to %q: %v", line, err)
			}
			answer, err := harness.ParseAnswer(strings.TrimSuffix(text, "\n"))
			if err != nil {
				t.Errorf("to %q: %q: %v", line, text, err)
			}
			if r, err := harness.ParseRequest(strings.TrimSuffix(line, "\n")); answer.ID != r.ID || err != nil && answer.Status == harness.StatusOK {
				t.Errorf("to %q: %q; want an answer to %d", line, text, r.ID)
			}
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// Whatever an adapter writes, each request ends with an answer or an error, and the Client can be closed.
func FuzzClient(f *testing.F) {
	for _, answers := range []string{
		"1 ok version=1 line=1024 name=x\n2 ok\n3 ok data=00\n",
		"1 ok version=1 line=1024 name=x\n3 ok data=00\n2 ok\n",
		"1 ok version=1 line=1024 name=x\n0 error class=syntax\n2 unsupported\n2 ok\n\n\xff",
		"1 error class=version\n", "1 ok version=1 line=1024 name=x\r\n", "1 ok version=1", strings.Repeat("0 ok\n", 2000),
		"1 ok version=1 line=1024 name=x\n2 error class=busy detail=y\n3 ok out=00 to=tcp4:7f000001:1 opened= got= return= then=closed class=short\n",
	} {
		f.Add(answers)
	}
	f.Fuzz(func(t *testing.T, answers string) {
		kit, adapter := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, adapter) }()
		go func() {
			_, _ = io.WriteString(adapter, answers)
			_ = adapter.Close()
		}()
		c, err := harness.NewClient(t.Context(), kit, harness.ClientConfig{})
		if err != nil {
			return // and nothing of it runs any more
		}
		reset, hash := c.Start(harness.Request{Verb: harness.VerbReset}), c.Start(harness.Hash{Data: []byte{1}}.Request())
		step := c.Start(harness.Feed{Data: []byte{1}}.Request())
		_, errReset := reset.Wait(t.Context())
		_, errHash := hash.Wait(t.Context())
		_, errStep := step.Step(t.Context())
		if lines := strings.Count(answers, "\n"); errReset == nil && errHash == nil && errStep == nil && lines < 4 {
			t.Errorf("four requests are answered by %d lines", lines)
		}
		if _, err := c.Start(harness.Request{Verb: harness.VerbReset}).Wait(t.Context()); err == nil && strings.Count(answers, "\n") < 5 {
			t.Error("a request is answered that nobody has read")
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}
