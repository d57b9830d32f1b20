package subject

import (
	"errors"

	"ockamtest/conformance/harness"
	"ockamtest/ref/transport"
	"ockamtest/vectors"
)

// longestSearched is the longest stream in bytes of which prefixes are asked for.
const longestSearched = 2048

// Frames implements vectors.Subject. An adapter is asked about streams that end, and tells no messages beside an error: those before it
// are the ones of the longest prefix that it takes. About a stream that stays open inside a frame it cannot be asked.
func (a *Adapter) Frames(in vectors.FramesInput) (out vectors.FramesOutput, err error) {
	if err := a.codec(harness.VerbDecode, harness.AsFrames, ""); err != nil {
		return out, err
	}
	length := 0
	for _, c := range in.Chunks {
		length += len(c)
	}
	messages, err := a.frames(in, length)
	if err == nil {
		return vectors.FramesOutput{Messages: messages}, nil
	}
	var r refusal
	if !errors.As(err, &r) || r.class == harness.ClassTooLong {
		return out, err
	}
	if in.End != "fin" {
		return out, unsupported("a stream that stays open inside a frame")
	}
	for n := length - 1; n > 0 && length <= longestSearched; n-- {
		before, failed := a.frames(in, n)
		if failed == nil {
			out.Messages = before
			break
		}
		if !errors.As(failed, &r) {
			return out, failed
		}
	}
	return out, err
}

// frames asks about the first n bytes of a stream.
func (a *Adapter) frames(in vectors.FramesInput, n int) (messages []vectors.Hex, err error) {
	m := harness.Decode{As: harness.AsFrames}
	if in.Limit < transport.MaxFrame {
		m.Limit = in.Limit
	}
	for _, c := range in.Chunks {
		m.Data = append(m.Data, c[:min(len(c), n)])
		if n -= len(c); n <= 0 {
			break
		}
	}
	if len(m.Data) == 0 { // one chunk of nothing: a list cannot be empty
		m.Data = [][]byte{{}}
	}
	d, err := a.caller.Decode(a.ctx, m)
	for _, f := range d.Frames {
		messages = append(messages, f)
	}
	return messages, a.told(err)
}
