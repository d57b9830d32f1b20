package wire

import "fmt"

// String describes the message in one line, for transcripts: "v1 m1 onward=[tcp://127.0.0.1:4000] return=[] body=32 bytes".
func (m Message) String() string {
	return fmt.Sprintf("v%d %v onward=%v return=%v body=%d bytes", Version, m.Type, m.Onward, m.Return, len(m.Body))
}

// Describe decodes b in dialect d and describes it in one line; for a message that does not parse it is the error.
func Describe(d Dialect, b []byte) string {
	m, err := Parse(d, b)
	switch {
	case err != nil:
		return fmt.Sprintf("malformed, %d bytes: %v", len(b), err)
	case d.Bare:
		return fmt.Sprintf("bare body=%d bytes", len(m.Body))
	}
	return m.String()
}
