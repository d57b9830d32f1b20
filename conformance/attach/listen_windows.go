package attach

import "syscall"

// listenAgain calls listen on a socket that listens, for another length of its queue.
func listenAgain(fd uintptr, queue int) error { return syscall.Listen(syscall.Handle(fd), queue) }
