//go:build unix

package attach

import (
	"os"
	"os/exec"
	"syscall"
)

// prepare makes the process the leader of a group of its own, which is killed as a whole.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(cmd.SysProcAttr)
}

// terminate asks the whole group to end.
func terminate(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }

// killGroup kills what is left of the group. As long as one of its members lives its number is not used again; afterwards nobody has it
// for a while, for numbers are given out in turn.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

func endedBySignal(state *os.ProcessState) (signaled, pipe bool) {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false, false
	}
	return true, status.Signal() == syscall.SIGPIPE
}
