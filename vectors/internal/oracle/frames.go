package oracle

import (
	"encoding/binary"
	"slices"

	"ockamtest/vectors"
)

// Frames implements vectors.Subject. TRAN-001, TRAN-002: pieces do not matter, so they are put together first.
func (o Subject) Frames(in vectors.FramesInput) (out vectors.FramesOutput, err error) {
	stream := []byte(slices.Concat(in.Chunks...))
	for len(stream) >= 2 {
		n := int(binary.BigEndian.Uint16(o.value("frame/length", stream[:2])))
		if err := o.check("frame/too-long", n <= in.Limit); err != nil { // TRAN-008
			return out, err
		}
		if len(stream) < 2+n {
			break
		}
		out.Messages = append(out.Messages, o.value("frame/message", stream[2:2+n]))
		stream = stream[2+n:]
	}
	if in.End == "fin" { // TRAN-004
		if err := o.check("frame/ended-inside/length", len(stream) != 1); err != nil {
			return out, err
		}
		return out, o.check("frame/ended-inside/body", len(stream) < 2)
	}
	return out, nil
}
