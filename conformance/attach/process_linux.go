package attach

import "syscall"

// endWithParent lets the kernel kill the process if the kit is killed and cannot.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
