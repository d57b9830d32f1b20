package channel

// An Instant is a point on the shell's clock, in nanoseconds. Only differences matter, and the clock must not go back.
type Instant int64

// Deadlines of NOISE-013, counted from Start.
const (
	DefaultDeadline Instant = 10e9
	MaxDeadline     Instant = 30e9
)
