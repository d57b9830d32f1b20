package transport

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// The queue against a list of messages: the same bytes in the same order, whatever the sizes of messages and of buffers.
func FuzzQueue(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint16(100))
	f.Add(uint64(2), uint8(64), uint16(3000))
	f.Add(uint64(3), uint8(1), uint16(0xffff))
	f.Fuzz(func(t *testing.T, seed uint64, messages uint8, longest uint16) {
		random := rand.New(rand.NewPCG(seed, 0))
		bound := int(messages)%64 + 1
		q := newQueue(bound, queueHeader+MaxFrame+random.IntN(1<<16))
		var model [][]byte
		held, begun, read := 0, false, 0 // bytes as the queue counts them; whether the first message is being read, and how far
		for range 300 {
			if random.IntN(2) == 0 {
				msg := make([]byte, random.IntN(int(longest)+1))
				for i := range msg {
					msg[i] = byte(random.Uint32())
				}
				room := len(model) < bound && held+queueHeader+len(msg) <= q.bytes
				if got := q.push(msg); got != room {
					t.Fatalf("push of %d bytes to %d messages, %d bytes: got %v", len(msg), len(model), held, got)
				}
				if room {
					model = append(model, msg)
					held += queueHeader + len(msg)
				}
				continue
			}
			p := make([]byte, random.IntN(int(longest)+2))
			n, more, ok := q.pop(p)
			if ok != (len(model) > 0) {
				t.Fatalf("pop from %d messages: got %v", len(model), ok)
			}
			if !ok {
				continue
			}
			want := model[0][read:]
			if n != min(len(p), len(want)) || more != (n < len(want)) || !bytes.Equal(p[:n], want[:n]) {
				t.Fatalf("pop into %d of %d bytes: got %d, more %v", len(p), len(want), n, more)
			}
			if !begun {
				held -= queueHeader
			}
			held, begun, read = held-n, more, read+n
			if !more {
				model, read = model[1:], 0
			}
			if len(q.ring) > q.bytes || len(model) == 0 && len(q.ring) > queueAtRest {
				t.Fatalf("the ring of %d messages has %d bytes, bound %d", len(model), len(q.ring), q.bytes)
			}
		}
	})
}

// MEM-003: a queue that is not overrun allocates nothing.
func TestQueueAllocations(t *testing.T) {
	q := newQueue(4, 0)
	msg, p := make([]byte, 1000), make([]byte, 1000)
	exchange := func() {
		if !q.push(msg) || !q.push(nil) || !q.push(msg) {
			t.Fatal("no room")
		}
		for range 3 {
			if _, _, ok := q.pop(p); !ok {
				t.Fatal("no message")
			}
		}
	}
	exchange()
	if got := testing.AllocsPerRun(100, exchange); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}
