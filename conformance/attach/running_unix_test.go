//go:build unix

package attach

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// running reports whether a process exists. One that has ended and that nobody has waited for yet does not.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}
