package tcp

import (
	"io"
	"net"
	"time"
)

const (
	// lingerProbe is how long Close looks for bytes that nobody has read.
	lingerProbe = time.Millisecond
	// lingerLimit is how long Close reads on when there were some.
	lingerLimit = time.Second
)

// linger sends FIN after what was written, and gives what was written the time to leave. A system resets a connection that is closed with
// unread bytes, or that receives some later, and then drops what it has not sent yet (CHAN-013). So when the peer has been sending, linger
// reads on until the peer's own end, for a limited time.
func linger(nc net.Conn) {
	half, ok := nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	timer := time.AfterFunc(lingerProbe, func() { _ = nc.Close() })
	defer timer.Stop()
	var probe [512]byte
	if n, _ := nc.Read(probe[:]); n > 0 && timer.Stop() {
		timer.Reset(lingerLimit)
		_, _ = io.Copy(io.Discard, nc)
	}
}
