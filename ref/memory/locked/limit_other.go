//go:build !unix

package locked

// lockLimit tells in words how much memory the system locks, for errors; empty if it does not say.
func lockLimit() string { return "" }
