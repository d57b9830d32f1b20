package attach

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
)

// TestMain makes the test binary a peer when it is called as one: PROGRAM peer MODE ROLE ADDR PROFILE [MORE…].
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "peer" {
		os.Exit(puppetMain(os.Args[2], os.Args[3:]))
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // peers of a test with the race detector end at once, too
	os.Exit(m.Run())
}

// puppet is the --peer of this binary in a mode.
func puppet(t *testing.T, mode, more string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("exec:'%s' peer %s {role} {addr} {profile} %s", self, mode, more)
}

func puppetMain(mode string, args []string) (status int) {
	p := &puppetPeer{mode: mode, args: args}
	if len(args) >= 3 {
		p.role, p.address, p.profile = conformance.Role(args[0]), args[1], args[2]
	}
	if script, ok := strings.CutPrefix(mode, "adapter-"); ok {
		return adapterPuppet(script)
	}
	switch mode {
	case "flynn": // a real peer that lives on
		return p.flynn()
	case "router": // a real router, whose name is in the arguments
		return p.router()
	case "once", "once-strict": // a real peer that serves one session; the strict one tells with its status how that went
		return p.once()
	case "reset": // of a board that needs nothing
	case "exit": // never gets anywhere
		fmt.Fprintln(os.Stderr, "cannot\x07 start")
		return 9
	case "mute": // never says where it listens, never dials
		fmt.Println("starting up")
		untilTold()
	case "packets": // over UDP
		p.obeyPackets()
	case "sleep":
		untilTold()
	case "greedy", "restless":
		p.words = p.greedyWords()
		p.obey()
	case "compute":
		compute(time.Hour)
	case "stubborn":
		signal.Ignore(os.Interrupt, terminateSignal())
		p.obey()
	case "noisy":
		fmt.Printf("\x1b[31mwelcome\xff\r\nlistening on all ports\n%s\nno newline ", strings.Repeat("x", 1<<20))
		fmt.Println()
		p.obey()
	case "flood":
		for _, w := range []io.Writer{os.Stdout, os.Stderr} {
			go func() {
				for line := bytes.Repeat([]byte("flood "), 200); ; {
					_, _ = w.Write(line)
				}
			}()
		}
		p.obey()
	default:
		p.obey()
	}
	return 0
}

func untilTold() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, terminateSignal())
	<-told
}

type puppetPeer struct {
	mode, address, profile string
	role                   conformance.Role
	args                   []string
	words                  map[string]func() // what else it does before it answers
}

// compute keeps a processor busy.
func compute(d time.Duration) {
	for until := time.Now().Add(d); time.Now().Before(until); {
	}
}

func announce(address string) { fmt.Println("\nlistening " + address) }

func (p *puppetPeer) flynn() int {
	err := ServeProgram(context.Background(), Flynn(), ServeConfig{Role: p.role, Profile: p.profile, Address: p.address, Listening: announce})
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// once leaves its listener open until it ends: what dials meanwhile is connected and never served.
func (p *puppetPeer) once() int {
	conn := p.connect()
	need := conformance.Need{Role: p.role, Transport: conformance.TCP, Profile: p.profile}
	node := &witness{Node: Flynn().Start(need, uint64(os.Getpid()))}
	n := &realNode{node: node, began: time.Now(), crash: func(error) {}}
	n.serve(context.Background(), conn)
	if m := node.last; p.mode == "once-strict" && m.receive == nil {
		return 1
	}
	return 0
}

// A witness keeps the last machine of a node.
type witness struct {
	conformance.Node
	last *flynnMachine
}

func (w *witness) Connect(local, remote string) conformance.Machine {
	m := w.Node.Connect(local, remote)
	w.last = m.(*flynnMachine)
	return m
}

// connect makes the first connection.
func (p *puppetPeer) connect() *net.TCPConn {
	if p.role == conformance.Initiator {
		return check(net.Dial("tcp", p.address)).(*net.TCPConn)
	}
	listener := check(net.Listen("tcp", p.address))
	announce("tcp://" + listener.Addr().String())
	return check(listener.Accept()).(*net.TCPConn)
}

func check[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(7)
	}
	return v
}

// obey does what words from the kit say, on one connection after the other.
func (p *puppetPeer) obey() {
	if p.role == conformance.Initiator {
		for {
			p.obeyOn(check(net.Dial("tcp", p.address)))
		}
	}
	listener := check(net.Listen("tcp", p.address))
	announce(strings.Replace(listener.Addr().String(), "127.0.0.1", "0.0.0.0", 1))
	for {
		p.obeyOn(check(listener.Accept()))
	}
}

func (p *puppetPeer) obeyOn(conn net.Conn) {
	defer shut(conn)
	word := make([]byte, 64)
	for {
		n, err := conn.Read(word)
		if err != nil {
			return
		}
		switch w := string(word[:n]); w {
		case "panic":
			panic("at the disco")
		case "exit 0":
			os.Exit(0)
		case "exit 3":
			fmt.Fprintln(os.Stderr, "last words")
			os.Exit(3)
		case "exit 139":
			os.Exit(139)
		case "kill":
			killSelf()
		case "asan":
			fmt.Fprintln(os.Stderr, "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020000000f1")
			os.Exit(1)
		case "ubsan":
			fmt.Fprintln(os.Stderr, "wire.c:10:7: runtime error: shift exponent 64 is too large")
			_, _ = io.WriteString(conn, "reported")
		case "talk":
			fmt.Fprintln(os.Stderr, "built with AddressSanitizer\nrecovered: runtime error: index out of range")
			_, _ = io.WriteString(conn, "talked")
		case "hang":
			untilTold()
		case "close":
			return
		case "args":
			_, _ = fmt.Fprintf(conn, "%q", p.args)
		case "child":
			_, _ = io.WriteString(conn, p.child("sleep"))
		default:
			if does := p.words[w]; does != nil {
				does()
			}
			_, _ = io.WriteString(conn, w)
		}
	}
}

// child starts a process that holds the puppet's stdout and stderr, and returns its number.
func (p *puppetPeer) child(mode string) string {
	c := exec.Command(check(os.Executable()), "peer", mode)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Start(); err != nil {
		return err.Error()
	}
	return strconv.Itoa(c.Process.Pid)
}
