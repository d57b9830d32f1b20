//go:build unix

package attach

import "syscall"

// listenAgain calls listen(2) on a socket that listens, for another length of its queue.
func listenAgain(fd uintptr, queue int) error { return syscall.Listen(int(fd), queue) }
