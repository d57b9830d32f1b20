//go:build unix

package locked

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// lockLimit tells in words how much memory the system locks, for errors; empty if it does not say.
func lockLimit() string {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) != nil {
		return ""
	}
	return fmt.Sprintf(" (RLIMIT_MEMLOCK is %d bytes)", limit.Cur)
}
