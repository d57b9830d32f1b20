package harness_test

import (
	"os"
	"testing"

	"ockamtest/conformance/harness"
)

// benchClient starts the reference as a process, over a control connection of a kind.
func benchClient(b *testing.B, kind string) *harness.Client {
	b.Helper()
	conn, p := startIn(b, "", kind, "OCKAMTEST_TEST_ADAPTER=reference", os.Args[0])
	c, err := harness.NewClient(b.Context(), conn, harness.ClientConfig{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Close()
		_ = p.cmd.Wait()
	})
	return c
}

// One request after the other, and 32 at once: claims of a channel, the cheapest that an implementation does.
func BenchmarkRequests(b *testing.B) {
	for _, kind := range kinds() {
		for _, width := range []int{1, 32} {
			b.Run(kind+"/"+map[int]string{1: "single", 32: "batch"}[width], func(b *testing.B) {
				c := benchClient(b, kind)
				o, _ := ends(harness.Message, "v1")
				if _, err := c.Open(b.Context(), o); err != nil {
					b.Fatal(err)
				}
				tick := harness.Tick{Channel: o.Channel}.Request()
				calls := make([]*harness.Call, width)
				b.ReportAllocs()
				for b.Loop() {
					for i := range calls {
						calls[i] = c.Start(tick)
					}
					for _, call := range calls {
						if _, err := call.Step(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.N*width)/b.Elapsed().Seconds(), "requests/s")
			})
		}
	}
}

// A responder's handshake and one record: what a fuzzer does for each input. The messages are sent before the first answer is read.
func BenchmarkHandshake(b *testing.B) {
	c := benchClient(b, kinds()[len(kinds())-1])
	initiator, responder := ends(harness.Message, "v1")
	initiator.Channel, responder.Channel = 0, 1
	s, err := c.Open(b.Context(), initiator)
	if err != nil {
		b.Fatal(err)
	}
	m1 := s.Out()[0]
	if _, err = c.Open(b.Context(), responder); err != nil {
		b.Fatal(err)
	}
	s, _ = c.Feed(b.Context(), harness.Feed{Channel: 1, Data: m1})
	s, _ = c.Feed(b.Context(), harness.Feed{Channel: 0, Data: s.Out()[0]})
	m3 := s.Out()[0]
	s, err = c.Write(b.Context(), harness.Write{Channel: 0, Data: []byte("hello")})
	if err != nil {
		b.Fatal(err)
	}
	record := s.Out()[0]
	b.ReportAllocs()
	for b.Loop() {
		calls := []*harness.Call{c.Start(responder.Request())}
		for _, message := range [][]byte{m1, m3, record} {
			calls = append(calls, c.Start(harness.Feed{Channel: 1, Data: message}.Request()))
		}
		for _, call := range calls {
			if s, err = call.Step(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		if len(s.Got()) != 1 {
			b.Fatal("nothing arrives")
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "handshakes/s")
}
