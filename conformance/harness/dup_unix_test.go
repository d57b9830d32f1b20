//go:build unix

package harness_test

import "syscall"

// dup makes a second descriptor, as a process that inherits one has.
func dup(fd int) (int, error) { return syscall.Dup(fd) }
