//go:build unix && !linux

package attach

import "syscall"

// endWithParent does nothing: only Linux has it.
func endWithParent(*syscall.SysProcAttr) {}
