package router_test

import (
	"testing"

	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// BenchmarkForward is what a hop adds to receiving and sending a record of 1 KiB, with what a node would do without routing, a
// copy, beside it.
func BenchmarkForward(b *testing.B) {
	link := wire.Link{Local: udpH(), Remote: udpI()}
	msg, err := wire.AppendMessage(nil, wire.Dialect{}, &wire.Message{
		Onward: wire.Route{udpH(), udpR(), locR()}, Return: wire.Route{udpI()}, Type: wire.Payload, Body: make([]byte, 1024),
	})
	must(b, err)
	b.Run("router", func(b *testing.B) {
		r := newRouter(b, router.Config{Allow: anyone})
		dst := make([]byte, 0, 2048)
		b.SetBytes(int64(len(msg)))
		b.ReportAllocs()
		for b.Loop() {
			out, err := r.AppendForward(dst, r.Decide(link, msg), udpH())
			if err != nil || len(out) != len(msg) {
				b.Fatal(len(out), err)
			}
		}
	})
	b.Run("copy", func(b *testing.B) {
		dst := make([]byte, 2048)
		b.SetBytes(int64(len(msg)))
		for b.Loop() {
			if copy(dst, msg) != len(msg) {
				b.Fatal("short")
			}
		}
	})
}
