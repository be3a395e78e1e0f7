package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
)

// typedAt types pieces at the console of Spoke1, one after another, and returns
// what it shows, the configuration that it comes to, and what is logged.
func typedAt(t *testing.T, pieces ...string) (shown, running string, events []string) {
	t.Helper()
	w := newBench(t, 1, nil).World
	n := w.Node("Spoke1")
	n.OnLog(func(e backend.Event) { events = append(events, fmt.Sprintf("%T %+v", e.Value, e.Value)) })
	var out bytes.Buffer
	s := shell.New(shell.Options{Out: &out, Length: -1,
		Interpreter: atConsole(sim.Stepped{World: w}.Loop(n), commands.Script)})
	go func() { _ = s.Run() }()
	for _, p := range pieces {
		s.Type(p)
	}
	s.Hangup()
	n.With(func(r *backend.Router, _ time.Time) { running = strings.Join(commands.Write(r.Running()), "\n") })
	return out.String(), running, events
}

// pasted has all that can go wrong with lines that go together: some that are
// refused, a block that is not there, a name that is in the next prompt, a text,
// an exec command, remarks, and the way out of a block.
const pasted = `enable
configure terminal
! a remark
ip route 10.9.0.0 255.255.0.0 172.17.0.2
ip route 10.9.0.1 255.255.0.0 172.17.0.2
ip frob

interface Tunnel7
 tunnel protection ipsec profile none
 description after
!
interface Ethernet9
 description of Tunnel7
 exit
crypto ipsec profile none
 set transform-set nothing
interface Tunnel7
 tunnel protection ipsec profile none
hostname 1
hostname R7
alias interface d description
do show privilege
interface Tunnel7
d by an alias
no alias interface d
interface Tunnel7
d by none
banner motd #
two
lines #
do show privilege
ip route 10.8.0.0 255.255.0.0 172.17.0.2
no ip route 10.9.0.0 255.255.0.0 172.17.0.2
ip route 10.9.0.0 255.255.0.0 172.17.0.2
end
`

// TestPasteIsAsIfTyped pastes it, and types it line by line.
func TestPasteIsAsIfTyped(t *testing.T) {
	slow, want, _ := typedAt(t, strings.SplitAfter(pasted, "\n")...)
	quick, got, _ := typedAt(t, pasted)
	if quick != slow || got != want {
		t.Errorf("pasted:\n%s\n%s\nwant:\n%s\n%s", quick, got, slow, want)
	}
	for _, line := range []string{"hostname R7", "ip route 10.8.0.0 255.255.0.0 172.17.0.2", " description by an alias"} {
		if !strings.Contains(got, "\n"+line+"\n") {
			t.Errorf("there is no %q:\n%s", line, got)
		}
	}
}

// TestPasteTakesBack pastes what shuts an interface down and opens it again: it
// goes down.
func TestPasteTakesBack(t *testing.T) {
	const opened, bounced = "enable\nconfigure terminal\ninterface Loopback7\n", "description x\nshutdown\nno shutdown\n"
	_, _, want := typedAt(t, append([]string{opened}, strings.SplitAfter(bounced, "\n")...)...)
	_, _, got := typedAt(t, opened, bounced)
	if strings.Join(got, "\n") != strings.Join(want, "\n") || strings.Count(strings.Join(got, "\n"), "Loopback7 Up:true") != 2 {
		t.Errorf("pasted it logs\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
