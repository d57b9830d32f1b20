package attach

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// watchable: what processes take is in /proc.
const watchable = true

// measure returns what a process and its descendants take. ok is false if it has ended.
func measure(pid int) (u usage, ok bool) {
	ok = true
	for _, p := range family(pid) {
		resident, err := residentOf(p)
		if err != nil {
			ok = ok && p != pid
			continue
		}
		u.resident += resident
		u.computing += computing(p)
		for _, thread := range threads(p) {
			u.waiting += waiting(thread)
			u.runnable = u.runnable || runnable(thread)
		}
	}
	return u, ok
}

// proportional is the memory of a process and its descendants, in bytes, with pages that several share counted once.
func proportional(pid int) (total int64, ok bool) {
	for _, p := range family(pid) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p))
		if err != nil {
			continue
		}
		for line := range bytes.Lines(data) {
			if rest, found := bytes.CutPrefix(line, []byte("Pss:")); found {
				kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte("kB")))), 10, 64)
				total, ok = total+kilobytes<<10, err == nil
			}
		}
	}
	return total, ok
}

// family are a process and its descendants.
func family(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all) && len(all) < maxFamily; i++ {
		for _, thread := range threads(all[i]) {
			data, err := os.ReadFile(thread + "/children")
			if err != nil {
				continue
			}
			for word := range strings.FieldsSeq(string(data)) {
				if child, err := strconv.Atoi(word); err == nil {
					all = append(all, child)
				}
			}
		}
	}
	return all
}

// maxFamily bounds what a fork bomb costs the kit.
const maxFamily = 256

// threads are the directories of a process's threads.
func threads(pid int) (all []string) {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		all = append(all, dir+"/"+e.Name())
	}
	return all
}

// residentOf is the resident set of a process in bytes.
func residentOf(pid int) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0, os.ErrInvalid
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// computing is how long the threads of a process have run, to the nanosecond: /proc tells it in ticks.
func computing(pid int) time.Duration {
	const processClock = 2 // the kernel's CPUCLOCK_SCHED, as clock_getcpuclockid has it
	var at unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|processClock), &at) != nil {
		return 0 // it has ended
	}
	return time.Duration(at.Nano())
}

// runnable tells whether a thread computes, or would if it had a processor.
func runnable(thread string) bool {
	data, err := os.ReadFile(thread + "/stat")
	if err != nil {
		return false
	}
	_, state, found := bytes.Cut(data, []byte(") "))
	return found && bytes.HasPrefix(state, []byte("R"))
}

// waiting is how long a thread has waited for a processor that others had.
func waiting(thread string) time.Duration {
	data, err := os.ReadFile(thread + "/schedstat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	waited, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(waited)
}
