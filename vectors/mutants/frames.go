package mutants

import (
	"encoding/binary"
	"slices"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func frameMutants() []Mutant {
	k := one(vectors.KindFrames)
	return []Mutant{
		{"LengthLittleEndian", note("WRONG_ORDER", "TRAN-001", "The length of a frame is little-endian."), k, altered("frame/length", reverse)},
		{"LengthCountsItself", note("OFF_BY_N", "TRAN-001", "The length of a frame counts its own two bytes."), k, altered("frame/length", lengthPlus(-2))},
		{"LengthOffByOne", note("OFF_BY_N", "TRAN-001", "The length of a frame is one more than the message's."), k, altered("frame/length", lengthPlus(-1))},
		{"Length8Bits", note("INTEGER_OVERFLOW", "TRAN-001", "The high byte of a length is lost."), k, altered("frame/length", func(b []byte) []byte { return []byte{0, b[1]} })},
		{"LengthSigned", note("INTEGER_OVERFLOW", "TRAN-001", "A length of 32768 and more is taken for negative, and the stream is given up."), k, framesBy(lengthSigned)},
		{"SegmentIsFrame", note("FRAGMENTATION", "TRAN-002 TRAN-003", "What one read returns is taken for one frame."), k, framesBy(segmentIsFrame)},
		{"SplitLength", note("FRAGMENTATION", "TRAN-002", "A length whose two bytes come apart is lost: the first is thrown away."), k, framesBy(splitLength)},
		{"ShortRead", note("FRAGMENTATION", "TRAN-002", "What has come of a body when its first piece was read is delivered as the message."), k, framesBy(shortRead)},
		{"OneFrameASegment", note("FRAGMENTATION", "TRAN-003", "What follows the first frame in a segment is thrown away."), k, framesBy(oneFrameASegment)},
		{"FramesMerged", note("BOUNDARIES", "TRAN-003 IO-001", "All frames of a stream are delivered as one message."), k, delivered(func(m []vectors.Hex) []vectors.Hex {
			if len(m) < 2 {
				return m
			}
			return []vectors.Hex{slices.Concat(m...)}
		})},
		{"FramesReversed", note("WRONG_ORDER", "TRAN-003 IO-001", "Frames are delivered in the other order."), k, delivered(func(m []vectors.Hex) []vectors.Hex {
			slices.Reverse(m)
			return m
		})},
		{"BufferReused", note("STALE_BYTES", "IO-004 TRAN-003", "Messages share a buffer: earlier ones have become the last."), k, delivered(bufferReused)},
		{"DuplicateDropped", note("LEGAL_REFUSED", "TRAN-003", "A frame that is equal to the one before is dropped."), k, delivered(func(m []vectors.Hex) []vectors.Hex { return slices.CompactFunc(m, equal) })},
		{"EmptyDropped", note("LEGAL_REFUSED", "TRAN-006 IO-003", "A frame of length 0 is skipped."), k, delivered(func(m []vectors.Hex) []vectors.Hex {
			return slices.DeleteFunc(m, func(b vectors.Hex) bool { return len(b) == 0 })
		})},
		{"EmptyIsEnd", note("LEGAL_REFUSED", "TRAN-006 IO-003", "A frame of length 0 is taken for the end of the stream."), k, delivered(func(m []vectors.Hex) []vectors.Hex {
			if i := slices.IndexFunc(m, func(b vectors.Hex) bool { return len(b) == 0 }); i >= 0 {
				return m[:i]
			}
			return m
		})},
		{"EndInsideLength", note("MISSING_CHECK", "TRAN-004", "A stream that ends between the two bytes of a length ends well."), k, without("frame/ended-inside/length")},
		{"EndInsideBody", note("MISSING_CHECK", "TRAN-004", "A stream that ends inside a body ends well."), k, without("frame/ended-inside/body")},
		{"EndIsMessage", note("STALE_BYTES", "IO-003 TRAN-004", "The end of the stream is delivered as an empty message."), k, framesBy(endIsMessage)},
		{"OverLimitDelivered", note("MISSING_CHECK", "TRAN-008", "A frame above the limit is delivered."), k, without("frame/too-long")},
		{"OverLimitResynchronised", note("MISSING_CHECK", "TRAN-008", "A frame above the limit is cut, and its rest is read as frames."), k, framesBy(resynchronised)},
		{"LimitTooSmall", note("BUFFER_SIZE", "TRAN-001", "Frames above 16 kB are refused."), k, framesBy(func(in vectors.FramesInput) (vectors.FramesOutput, error) {
			in.Limit = min(in.Limit, 16384)
			return oracle.Subject{}.Frames(in)
		})},
		{"OpenIsError", note("LEGAL_REFUSED", "TRAN-002", "A frame that has begun and is not there yet is an error."), k, framesBy(func(in vectors.FramesInput) (vectors.FramesOutput, error) {
			in.End = "fin"
			return oracle.Subject{}.Frames(in)
		})},
	}
}

func equal(a, b vectors.Hex) bool { return slices.Equal(a, b) }

func lengthPlus(n int) func([]byte) []byte {
	return func(b []byte) []byte {
		return binary.BigEndian.AppendUint16(nil, uint16(max(0, int(binary.BigEndian.Uint16(b))+n)))
	}
}

// A framesMutant has its own way with a stream.
type framesMutant struct {
	oracle.Subject
	read func(vectors.FramesInput) (vectors.FramesOutput, error)
}

// Frames implements vectors.Subject.
func (m framesMutant) Frames(in vectors.FramesInput) (vectors.FramesOutput, error) { return m.read(in) }

func framesBy(read func(vectors.FramesInput) (vectors.FramesOutput, error)) vectors.Subject {
	return framesMutant{read: read}
}

// delivered changes what the oracle delivers.
func delivered(change func([]vectors.Hex) []vectors.Hex) vectors.Subject {
	return framesBy(func(in vectors.FramesInput) (vectors.FramesOutput, error) {
		out, err := oracle.Subject{}.Frames(in)
		out.Messages = change(out.Messages)
		return out, err
	})
}

func bufferReused(m []vectors.Hex) []vectors.Hex {
	for i := range m {
		end := m[len(m)-1]
		m[i] = append(slices.Clone(end[:min(len(end), len(m[i]))]), m[i][min(len(end), len(m[i])):]...)
	}
	return m
}

// chunked reads each chunk as a stream of its own.
func chunked(in vectors.FramesInput, read func(chunk []byte) (message []byte, ok bool)) (out vectors.FramesOutput, err error) {
	for _, c := range in.Chunks {
		if m, ok := read(c); ok {
			out.Messages = append(out.Messages, m)
		}
	}
	return out, nil
}

func segmentIsFrame(in vectors.FramesInput) (vectors.FramesOutput, error) {
	return chunked(in, func(c []byte) ([]byte, bool) { return c[min(2, len(c)):], len(c) >= 2 })
}

func shortRead(in vectors.FramesInput) (vectors.FramesOutput, error) {
	out, err := oracle.Subject{}.Frames(in)
	if len(in.Chunks) > 0 && len(out.Messages) > 0 {
		if c := in.Chunks[0]; len(c) > 2 && len(c) < 2+len(out.Messages[0]) {
			out.Messages[0] = c[2:]
		}
	}
	return out, err
}

func oneFrameASegment(in vectors.FramesInput) (vectors.FramesOutput, error) {
	for i, c := range in.Chunks {
		if len(c) > 2 {
			if n := 2 + int(binary.BigEndian.Uint16(c)); n < len(c) {
				in.Chunks = slices.Clone(in.Chunks)
				in.Chunks[i] = c[:n]
			}
		}
	}
	return oracle.Subject{}.Frames(in)
}

// splitLength throws away a chunk that is the first byte of a length.
func splitLength(in vectors.FramesInput) (vectors.FramesOutput, error) {
	var kept []vectors.Hex
	stream := 0 // bytes of the frame that is open
	for _, c := range in.Chunks {
		if stream == 0 && len(c) == 1 {
			continue
		}
		kept = append(kept, c)
		stream = rest(kept)
	}
	in.Chunks = kept
	return oracle.Subject{}.Frames(in)
}

// rest is the number of bytes behind the last whole frame.
func rest(chunks []vectors.Hex) int {
	stream := slices.Concat(chunks...)
	for len(stream) >= 2 {
		n := 2 + int(binary.BigEndian.Uint16(stream))
		if n > len(stream) {
			break
		}
		stream = stream[n:]
	}
	return len(stream)
}

func endIsMessage(in vectors.FramesInput) (vectors.FramesOutput, error) {
	out, err := oracle.Subject{}.Frames(in)
	if in.End == "fin" && err == nil {
		out.Messages = append(out.Messages, vectors.Hex{})
	}
	return out, err
}

func lengthSigned(in vectors.FramesInput) (vectors.FramesOutput, error) {
	in.Limit = min(in.Limit, 32767)
	return oracle.Subject{}.Frames(in)
}

func resynchronised(in vectors.FramesInput) (out vectors.FramesOutput, err error) {
	stream := []byte(slices.Concat(in.Chunks...))
	for len(stream) >= 2 {
		n := min(int(binary.BigEndian.Uint16(stream)), in.Limit)
		if len(stream) < 2+n {
			break
		}
		out.Messages, stream = append(out.Messages, stream[2:2+n]), stream[2+n:]
	}
	if in.End == "fin" && len(stream) > 0 {
		err = &vectors.RefusalError{Layer: "frame", Class: "ended-inside"}
	}
	return out, err
}
