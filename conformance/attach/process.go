package attach

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// How a process is ended; not scaled, for a process that is told to end has nothing left to do.
const (
	stopGrace = 2 * time.Second        // from SIGTERM to SIGKILL
	pipeGrace = 250 * time.Millisecond // from the end of the process to the end of its pipes, if a child of it holds them
)

// A process is one run of a command, supervised: its output is drained into a journal of bounded size, its end is seen at once, and
// what it leaves in its process group is killed.
type process struct {
	journal journal
	ready   chan string   // the address of its first "listening ADDR" line
	doors   doors         // those of all such lines, of a router
	done    chan struct{} // closed when it has ended, was waited for, and its output was read

	cmd    *exec.Cmd
	byHand bool // somebody else has started it
	exit   exit // valid after done
}

// An exit is how a process ended.
type exit struct {
	text    string // "exit status 3", "signal: killed"
	clean   bool   // status 0
	crashed bool   // by a signal, or with a status or last words that only a crash has
	pipe    bool   // by SIGPIPE
}

// startProcess starts a command.
func startProcess(words []string) (*process, error) {
	return startCommand(exec.Command(words[0], words[1:]...))
}

// startCommand starts what was not started yet. It has no terminal and no input; on Unix it leads a process group of its own.
func startCommand(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, ready: make(chan string, 1), done: make(chan struct{})}
	p.cmd.WaitDelay = pipeGrace
	prepare(p.cmd)
	out := &lineWriter{line: p.readOutput}
	logged := &lineWriter{line: p.readLog}
	p.cmd.Stdout, p.cmd.Stderr = out, logged

	started := make(chan error)
	go func() {
		// The kernel ends the child with the thread that started it (prepare), so that thread must stay until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		defer close(p.done)
		_ = p.cmd.Wait() // ProcessState has it all
		killGroup(p.cmd.Process)
		out.flush()
		logged.flush()
		p.exit = describe(p.cmd.ProcessState, p.journal.hasPanicked())
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// readOutput looks for the line that tells where a responder listens. Everything else on stdout is log.
func (p *process) readOutput(line []byte, begins bool) {
	if !begins {
		return
	}
	p.journal.add(line)
	address, ok := strings.CutPrefix(string(line), "listening ")
	if !ok {
		return
	}
	p.doors.add(strings.TrimSpace(address))
	if address, ok = dialAddress(strings.TrimSpace(address)); ok {
		select {
		case p.ready <- address:
		default: // it has said so already
		}
	}
}

// readLog reads stderr.
func (p *process) readLog(line []byte, begins bool) {
	if begins {
		p.journal.add(line)
	}
	p.journal.scan(line)
}

// dialAddress reads the address of a "listening" line: HOST:PORT, also with tcp:// or udp:// before it. Wildcards become loopback.
func dialAddress(text string) (string, bool) {
	address := strings.TrimPrefix(strings.TrimPrefix(text, "tcp://"), "udp://")
	host, port, err := net.SplitHostPort(address)
	if err != nil || (checkAddress(address, false) != nil && host != "") {
		return "", false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() && ip.To4() != nil {
		host = "127.0.0.1"
	} else if ip != nil && ip.IsUnspecified() {
		host = "::1"
	}
	address = net.JoinHostPort(host, port)
	return address, checkAddress(address, false) == nil
}

// pid is its number.
func (p *process) pid() int { return p.cmd.Process.Pid }

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop ends the process and everything in its group, and waits for it.
func (p *process) stop() {
	if p.ended() {
		return
	}
	if p.byHand {
		close(p.done)
		return
	}
	terminate(p.cmd.Process)
	timer := time.NewTimer(stopGrace)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		killGroup(p.cmd.Process)
		<-p.done
	}
}

func describe(state *os.ProcessState, panicked bool) exit {
	e := exit{text: state.String(), clean: state.Success()}
	signaled, pipe := endedBySignal(state)
	e.pipe = pipe
	// 128 and above is how shells and runtimes pass on that a child was ended by a signal.
	e.crashed = signaled || state.ExitCode() >= 128 || panicked && !e.clean
	return e
}

// startHint says why a command could not be started.
func startHint(err error) string {
	var failed *exec.Error
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}
