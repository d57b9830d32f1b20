package generate

import (
	"encoding/binary"
	"fmt"
	"slices"

	"ockamtest/vectors"
)

func framesScenarios() []func(*builder) {
	return []func(*builder){wholeFrames, byteByByte, splitAnywhere, manyInOneSegment, boundariesAcross, zeroLength, frameLengths, endInside, overLimit, stillOpen}
}

// frame is the length and the body.
func frame(body []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(body))), body...)
}

func stream(end string, limit int, chunks ...[]byte) *vectors.Frames {
	in := vectors.FramesInput{Chunks: []vectors.Hex{}, End: end, Limit: limit}
	for _, c := range chunks {
		if len(c) > 0 {
			in.Chunks = append(in.Chunks, c)
		}
	}
	return &vectors.Frames{FramesInput: in}
}

// single are the bytes of a stream, one by one.
func single(b []byte) (chunks [][]byte) {
	for _, c := range b {
		chunks = append(chunks, []byte{c})
	}
	return chunks
}

const limit = 65535

func wholeFrames(b *builder) {
	b.group(vectors.KindFrames, "one frame in one piece")
	for _, n := range []int{1, 2, 3, 4, 15, 16, 52, 127, 128, 255, 256, 257, 1024} {
		b.accept("TRAN-001", fmt.Sprintf("%d bytes", n), stream("fin", limit, frame(pattern(n))))
	}
}

func byteByByte(b *builder) {
	b.group(vectors.KindFrames, "byte by byte")
	for _, n := range []int{1, 2, 16, 52, 256} {
		b.accept("TRAN-002", fmt.Sprintf("a frame of %d bytes", n), stream("fin", limit, single(frame(pattern(n)))...))
	}
	b.accept("TRAN-002 TRAN-003", "three frames", stream("fin", limit, single(slices.Concat(frame(pattern(3)), frame(pattern(1)), frame(pattern(4))))...))
}

func splitAnywhere(b *builder) {
	b.group(vectors.KindFrames, "one frame in two pieces, split at each place")
	whole := frame(bytesOf("0100000268656c6c6f"))
	for at := 1; at < len(whole); at++ {
		b.accept("TRAN-002", fmt.Sprintf("after %d bytes", at), stream("fin", limit, whole[:at], whole[at:]))
	}
	b.group(vectors.KindFrames, "one frame in three pieces")
	for at := 1; at < len(whole)-1; at++ {
		b.accept("TRAN-002", fmt.Sprintf("after %d bytes and one more", at), stream("fin", limit, whole[:at], whole[at:at+1], whole[at+1:]))
	}
}

func manyInOneSegment(b *builder) {
	b.group(vectors.KindFrames, "several frames in one piece")
	for n := 2; n <= 8; n++ {
		var all []byte
		for i := range n {
			all = append(all, frame(pattern(i+1))...)
		}
		b.accept("TRAN-003", fmt.Sprintf("%d frames", n), stream("fin", limit, all))
	}
	b.accept("TRAN-003", "equal ones are all delivered", stream("fin", limit, slices.Concat(frame([]byte("x")), frame([]byte("x")), frame([]byte("x")))))
}

func boundariesAcross(b *builder) {
	b.group(vectors.KindFrames, "two frames, split at each place")
	both := slices.Concat(frame(pattern(4)), frame(pattern(5)))
	for at := 1; at < len(both); at++ {
		b.accept("TRAN-002 TRAN-003", fmt.Sprintf("after %d bytes", at), stream("fin", limit, both[:at], both[at:]))
	}
}

func zeroLength(b *builder) {
	b.group(vectors.KindFrames, "a frame of length 0 is an empty message, not the end")
	empty, x := frame(nil), frame([]byte("x"))
	for _, s := range []struct {
		name   string
		chunks [][]byte
	}{
		{"alone", [][]byte{empty}}, {"split", [][]byte{{0}, {0}}}, {"before another", [][]byte{empty, x}}, {"after another", [][]byte{x, empty}},
		{"between, in one piece", [][]byte{slices.Concat(x, empty, x)}}, {"three of them", [][]byte{slices.Concat(empty, empty, empty)}},
	} {
		b.accept("TRAN-006", s.name, stream("fin", limit, s.chunks...))
		b.accept("TRAN-006", s.name+", the stream stays open", stream("open", limit, s.chunks...))
	}
}

func frameLengths(b *builder) {
	b.group(vectors.KindFrames, "lengths at the limits of what a length can say")
	for _, n := range []int{32767, 32768, 65279, 65534, 65535} {
		whole := frame(pattern(n))
		b.accept("TRAN-001", fmt.Sprintf("%d bytes", n), stream("fin", limit, whole[:1], whole[1:n/2], whole[n/2:]))
	}
}

func endInside(b *builder) {
	b.group(vectors.KindFrames, "streams that end inside a frame")
	whole := frame(bytesOf("0100000268656c6c6f"))
	first := frame([]byte("first"))
	control := b.accept("TRAN-004", "the whole frame", stream("fin", limit, first, whole))
	for n := 1; n < len(whole); n++ {
		b.refuse(control, "frame/ended-inside", "TRAN-004", fmt.Sprintf("after %d bytes", n), stream("fin", limit, whole[:n]))
		b.refuse(control, "frame/ended-inside", "TRAN-004", fmt.Sprintf("after another frame and %d bytes", n), stream("fin", limit, first, whole[:n]))
	}
	for _, n := range []int{1, 2, 3, 5} {
		b.refuse(control, "frame/ended-inside", "TRAN-004", fmt.Sprintf("byte by byte, after %d", n), stream("fin", limit, single(whole[:n])...))
	}
	b.refuse(control, "frame/ended-inside", "TRAN-004", "one byte short of a long frame", stream("fin", limit, frame(pattern(1024))[:1025]))
	b.accept("TRAN-004", "nothing at all is the end of the stream", stream("fin", limit))
}

func overLimit(b *builder) {
	b.group(vectors.KindFrames, "frames above the receiver's limit: an error, or consumed whole; what is in them is never a frame")
	for _, most := range []int{1, 16, 1024, 8192} {
		b.accept("TRAN-008", fmt.Sprintf("exactly the limit, %d", most), stream("fin", most, frame(pattern(most)), frame([]byte("x"))))
		for _, more := range []int{1, 2, 300} {
			// The body is frames itself, for a receiver that goes on inside it.
			body := []byte{}
			for len(body) < most+more {
				body = append(body, 0, 1, 'y')
			}
			b.consumed(fmt.Sprintf("%d above the limit %d", more, most), stream("fin", most, frame([]byte("a")), frame(body[:most+more]), frame([]byte("b"))))
		}
	}
}

// consumed adds a stream of three frames, the second of which is too long.
func (b *builder) consumed(comment string, v *vectors.Frames) {
	id := b.allow("frame/too-long", "TRAN-008", comment, v)
	if id > 0 && len(v.Messages) == 3 { // of whoever consumes it whole
		v.Messages = []vectors.Hex{v.Messages[0], v.Messages[2]}
	}
}

func stillOpen(b *builder) {
	b.group(vectors.KindFrames, "a stream that is open, with a frame that has begun: no error yet, and no short message")
	whole := frame(bytesOf("0100000268656c6c6f"))
	for n := range whole {
		b.accept("TRAN-002", fmt.Sprintf("%d bytes of the frame", n), stream("open", limit, frame([]byte("a")), whole[:n]))
	}
}
