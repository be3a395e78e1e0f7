//go:build linux

package uml

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const runFor = 60 * time.Second // the longest a command of Run may take

// The main goroutine keeps the first thread, which stands for the whole process
// in /proc: no node may live on that one.
func init() { runtime.LockOSThread() }

// A Node is a machine: a network namespace with a loopback, a /run of its own,
// and a folder that it shares with the test.
type Node struct {
	Name string
	Dir  string // for files and sockets; the same path inside and outside

	t     testing.TB
	ports int         // interfaces that Attach has made
	work  chan func() // what In has to do, on the thread that lives in the node
}

func newNode(t testing.TB, name string) *Node {
	n := &Node{Name: name, Dir: filepath.Join(t.TempDir(), name), t: t, work: make(chan func())}
	if err := os.Mkdir(n.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ready := make(chan error)
	go n.live(ready)
	if err := <-ready; err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(n.remove)
	n.Must("ip", "link", "set", "lo", "up")
	return n
}

// live is the thread that is inside the node. It is never unlocked, so that it
// ends with its goroutine and nothing else ever runs in the node by mistake.
func (n *Node) live(ready chan<- error) {
	runtime.LockOSThread()
	ready <- n.enter()
	for f := range n.work {
		f()
	}
}

func (n *Node) handle() string { return filepath.Join("/run/netns", n.Name) }

// enter takes the thread into namespaces of its own, and leaves the network's
// name where ip(8) looks for it.
func (n *Node) enter() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	if err := os.WriteFile(n.handle(), nil, 0o444); err != nil {
		return err
	}
	if err := unix.Mount("/proc/thread-self/ns/net", n.handle(), "", unix.MS_BIND, ""); err != nil {
		return err
	}
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_SLAVE|unix.MS_REC, ""); err != nil {
		return err
	}
	if err := unix.Mount("sysfs", "/sys", "sysfs", 0, ""); err != nil {
		return err
	}
	return unix.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755")
}

// remove ends whatever still runs in the node, daemons that left their parent
// included, and lets its namespaces go.
func (n *Node) remove() {
	var ours string
	n.In(func() { ours, _ = os.Readlink("/proc/thread-self/ns/net") })
	links, _ := filepath.Glob("/proc/[0-9]*/ns/net")
	for _, l := range links {
		if theirs, err := os.Readlink(l); err == nil && theirs == ours {
			var pid int
			fmt.Sscanf(l, "/proc/%d", &pid)
			unix.Kill(pid, unix.SIGKILL)
		}
	}
	close(n.work)
	unix.Unmount(n.handle(), unix.MNT_DETACH)
	os.Remove(n.handle())
}

// In calls f inside the node and waits for it. A socket opened there stays
// there; a goroutine started there does not.
func (n *Node) In(f func()) {
	done := make(chan struct{})
	n.work <- func() { defer close(done); f() }
	<-done
}

// Run runs a command in the node to its end and returns all that it says. The
// error says it too.
func (n *Node) Run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), runFor)
	defer cancel()
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	var said strings.Builder
	c.Stdout, c.Stderr, c.WaitDelay = &said, &said, time.Second
	err := n.start(c)
	if err == nil {
		err = c.Wait()
	}
	if err != nil {
		err = fmt.Errorf("%s: %s: %w\n%s", n.Name, strings.Join(args, " "), err, said.String())
	}
	return said.String(), err
}

// Must is Run that fails the test if the command fails.
func (n *Node) Must(args ...string) string {
	n.t.Helper()
	said, err := n.Run(args...)
	if err != nil {
		n.t.Fatal(err)
	}
	return said
}

// IP runs ip(8) with the words of a line: n.IP("link set eth0 down").
func (n *Node) IP(line string) string {
	n.t.Helper()
	return n.Must(append([]string{"ip"}, strings.Fields(line)...)...)
}

// Pings reports whether the address answers within a second.
func (n *Node) Pings(address string) bool {
	_, err := n.Run("ping", "-n", "-c", "1", "-W", "1", address)
	return err == nil
}

func (n *Node) start(c *exec.Cmd) (err error) {
	c.Dir = n.Dir
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	}
	n.In(func() { err = c.Start() })
	return err
}
