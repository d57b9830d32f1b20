//go:build unix

package harness

import (
	"os"
	"syscall"
)

// inherited makes a file of a descriptor that the kit has left.
func inherited(fd uint64, name string) *os.File {
	// Else nothing ends a Read but the other side. A descriptor that is none tells so when it is read.
	_ = syscall.SetNonblock(int(fd), true)
	return os.NewFile(uintptr(fd), name)
}
