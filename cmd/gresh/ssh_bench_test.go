package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/backend"
	"gresh/backend/sim"
)

const (
	crowdSessions = 1000
	crowdCommands = 100
	dialsAtOnce   = 64

	crowdVariable = "SSH_BENCH_ADDRESSES"
)

// BenchmarkSSH is a thousand sessions at once on the routers of a lab, each of
// which carries out a hundred commands. The clients are a process of their
// own, so that the memory is the routers'.
func BenchmarkSSH(b *testing.B) {
	w := crowded(b)
	runner := sim.NewRunner(w, 1)
	defer runner.Close()
	a := newAccess(w, func(n *sim.Node) backend.Loop { return runner.Loop(n) })
	if err := a.listen(w, labOptions{ssh: 1}); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = a.close() }()
	var addresses []string
	for _, n := range w.Nodes() {
		at, _ := a.addresses(n.Name())
		addresses = append(addresses, at)
	}
	before := occupied()
	for b.Loop() {
		crowd := newCrowd(b, addresses)
		crowd.expect(b, "open")
		b.ReportMetric(float64(occupied()-before)/crowdSessions/1024, "KiB/session")
		begun := time.Now()
		crowd.next(b)
		crowd.expect(b, "done")
		b.ReportMetric(crowdSessions*crowdCommands/time.Since(begun).Seconds(), "commands/s")
		crowd.next(b)
		if err := crowd.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(crowdSessions, "sessions")
}

// crowded is a lab with lines for all who come.
func crowded(b *testing.B) *sim.World {
	topology, err := readTopology("dual-hub")
	if err != nil {
		b.Fatal(err)
	}
	for i := range topology.Nodes {
		topology.Nodes[i].Startup += fmt.Sprintf("\nline vty 0 4\nline vty 5 %d\n", crowdSessions/len(topology.Nodes))
	}
	w, err := newNetwork(topology, 1, "")
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// occupied is what the process uses, in octets.
func occupied() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// A crowd is the process of the clients. It says how far it is, and goes on
// when it is told to.
type crowd struct {
	*exec.Cmd
	in  io.Writer
	out *bufio.Reader
}

func newCrowd(b *testing.B, addresses []string) *crowd {
	c := &crowd{Cmd: exec.Command(os.Args[0], "-test.run=^TestCrowd$")}
	c.Env = append(os.Environ(), crowdVariable+"="+strings.Join(addresses, " "))
	c.Stderr = os.Stderr
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	if err := errors.Join(err1, err2, c.Start()); err != nil {
		b.Fatal(err)
	}
	c.in, c.out = in, bufio.NewReader(out)
	return c
}

func (c *crowd) expect(b *testing.B, word string) {
	if line, err := c.out.ReadString('\n'); line != word+"\n" {
		b.Fatalf("the clients say %q, %v; want %q", line, err, word)
	}
}

func (c *crowd) next(b *testing.B) {
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		b.Fatal(err)
	}
}

// TestCrowd is the process of BenchmarkSSH's clients.
func TestCrowd(t *testing.T) {
	addresses := strings.Fields(os.Getenv(crowdVariable))
	if len(addresses) == 0 {
		t.Skip("only for BenchmarkSSH")
	}
	told := bufio.NewReader(os.Stdin)
	say := func(word string) {
		fmt.Println(word)
		_, _ = told.ReadString('\n')
	}
	members := make([]*member, crowdSessions)
	each := func(what string, atOnce int, f func(m *member) error) {
		var all sync.WaitGroup
		places := make(chan bool, atOnce)
		for i := range members {
			places <- true
			all.Add(1)
			go func() {
				defer func() { <-places; all.Done() }()
				if members[i] == nil {
					members[i] = &member{address: addresses[i%len(addresses)]}
				}
				if err := f(members[i]); err != nil {
					t.Errorf("session %d: %s: %v", i, what, err)
				}
			}()
		}
		all.Wait()
		if t.Failed() {
			os.Exit(1)
		}
	}
	each("open", dialsAtOnce, (*member).open)
	say("open")
	each("commands", crowdSessions, (*member).commands)
	say("done")
	each("exit", crowdSessions, (*member).exit)
}

// A member is one client of the crowd.
type member struct {
	address string
	session *ssh.Session
	in      io.Writer
	out     *bufio.Reader
}

func (m *member) open() error {
	c, err := ssh.Dial("tcp", m.address, loggingIn)
	if err != nil {
		return err
	}
	if m.session, err = c.NewSession(); err != nil {
		return err
	}
	in, err1 := m.session.StdinPipe()
	out, err2 := m.session.StdoutPipe()
	m.in, m.out = in, bufio.NewReader(out)
	return errors.Join(err1, err2, m.session.RequestPty("vt100", 24, 80, nil), m.session.Shell(), m.until(">"))
}

// until reads up to a prompt.
func (m *member) until(prompt string) error {
	text, err := m.out.ReadString(prompt[0])
	if err != nil {
		return fmt.Errorf("%w after %s", err, strconv.Quote(text))
	}
	return nil
}

func (m *member) commands() error {
	for range crowdCommands {
		if _, err := io.WriteString(m.in, "show privilege\r"); err != nil {
			return err
		}
		if err := m.until(">"); err != nil {
			return err
		}
	}
	return nil
}

func (m *member) exit() error {
	if _, err := io.WriteString(m.in, "exit\r"); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, m.out)
	return m.session.Wait()
}
