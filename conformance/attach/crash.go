package attach

import "strings"

// A CrashError tells why a peer died.
type CrashError struct {
	Peer   string   // the command, or the name of the program
	Reason string   // "exit status 3", "signal: segmentation fault", or the first line of a sanitizer's report
	Log    []string // the last lines of its output, cut, with unprintable bytes escaped
	Err    error    // conformance.ErrExhausting if the kit has ended it for that, else nil
}

// Error has the reason and the log, a line each.
func (c *CrashError) Error() string {
	return c.Peer + " died: " + c.Reason + indent(c.Log)
}

// Unwrap returns Err.
func (c *CrashError) Unwrap() error { return c.Err }

// indent puts each line on a line of its own, below what stands before.
func indent(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("\n\t" + line)
	}
	return b.String()
}
