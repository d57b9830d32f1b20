package harness

import "os"

// inherited makes a file of a descriptor that the kit has left.
func inherited(fd uint64, name string) *os.File { return os.NewFile(uintptr(fd), name) }
