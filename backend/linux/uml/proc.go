//go:build linux

package uml

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	stopFor    = 10 * time.Second // how long Stop waits for a process to end by itself
	clockTicks = 100              // a second, of what /proc counts
	logLines   = 200              // of a process, that a failed test prints
)

func threadID() int { return unix.Gettid() }

// A Proc is a process that runs in a node while the test goes on. It is killed
// when the test ends; what it said is printed if the test has failed.
type Proc struct {
	node *Node
	cmd  *exec.Cmd
	log  log
	done chan struct{}
	err  error // how it ended, once done is closed
}

// Start starts a command in the node.
func (n *Node) Start(args ...string) *Proc {
	n.t.Helper()
	p := &Proc{node: n, cmd: exec.Command(args[0], args[1:]...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.WaitDelay = &p.log, &p.log, time.Second
	if err := n.start(p.cmd); err != nil {
		n.t.Fatalf("%s: %v", n.Name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	n.t.Cleanup(p.cleanup)
	return p
}

func (p *Proc) cleanup() {
	p.Kill()
	if !p.node.t.Failed() {
		return
	}
	lines := strings.SplitAfter(p.Log(), "\n")
	p.node.t.Logf("%s: %s (%v):\n%s", p.node.Name, strings.Join(p.cmd.Args, " "), p.err,
		strings.Join(lines[max(0, len(lines)-logLines):], ""))
}

// Log is what the process has said so far, on both outputs.
func (p *Proc) Log() string { return p.log.String() }

// Says waits until the process has said the text.
func (p *Proc) Says(text string, within time.Duration) {
	p.node.t.Helper()
	Wait(p.node.t, p.node.Name+" to say "+text, within, func() bool {
		return strings.Contains(p.Log(), text)
	})
}

// Exited reports whether the process has ended.
func (p *Proc) Exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// CPU is how much processor time the process has used, its own and the
// kernel's on its behalf.
func (p *Proc) CPU() time.Duration {
	p.node.t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.node.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name may hold anything
	fields := strings.Fields(after)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * (time.Second / clockTicks)
}

// Signal sends the process a signal.
func (p *Proc) Signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// Interrupt asks the process to end, as a person at its terminal would.
func (p *Proc) Interrupt() { p.Signal(syscall.SIGINT) }

// Kill ends the process without a chance to tidy up, as kill -9 does.
func (p *Proc) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.done
}

// Stop asks the process to end and returns how it did.
func (p *Proc) Stop() error {
	p.node.t.Helper()
	p.Signal(syscall.SIGTERM)
	Wait(p.node.t, p.node.Name+" to end "+p.cmd.Args[0], stopFor, p.Exited)
	return p.err
}

// A log is a buffer that one goroutine fills and another reads.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
