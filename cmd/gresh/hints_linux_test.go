package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// newHints is a terminal with hints at a router's console.
func newHints(t *testing.T) (*service, *desktop) {
	t.Helper()
	s := newService(t)
	d := newDesktopWith(t, "console", "-hints", "-socket", s.socket)
	d.must("Hub1>")
	return s, d
}

// What may follow is listed with its help, at once, for this mode and this
// privilege level.
func TestHintsAreListed(t *testing.T) {
	_, d := newHints(t)
	d.must("enable")
	d.must("Turn on privileged commands")
	d.send("show cl")
	d.must("clock")
	d.must("Display the system clock")
	d.send("\t")
	d.must("mclock\x1b") // in another colour
	d.send("\r")
	d.must("show clock\r\n")
	d.must(" UTC Fri Mar 1 2002\r\n")
	d.must("Hub1>")
	d.send("enable\r")
	d.must("Hub1#")
	d.send("configure terminal\r")
	d.must("End with CNTL/Z.")
	d.must("Hub1(config)#")
	d.send("interface tu")
	d.must("Tunnel")
	d.send("nnel 0\r")
	d.must("Hub1(config-if)#")
	d.send("tunnel pr")
	d.must("protection")
	d.send("\x03")
	d.must("^C\r\n")
	d.must("Hub1#")
	d.send("exit\r")
	d.end(0)
}

// A value's place is shown, and Tab does not put it into the line.
func TestHintsOfValuesAreNotTaken(t *testing.T) {
	_, d := newHints(t)
	d.send("ping ")
	d.must("WORD")
	d.must("Ping destination address")
	d.send("\t\t\t 10.0.0.1\r") // the first Tab takes "ip", which can be taken
	d.must("ping ip 10.0.0.1")
	d.must("Success rate is")
	d.must("Hub1>")
	d.send("exit\r")
	d.end(0)
}

// Tab and Enter in one read, a paste of several lines, "?", and keys of several
// octets: none of them wedges the editor, and nothing is lost.
func TestHintsTakeWhatComesTogether(t *testing.T) {
	_, d := newHints(t)
	d.send("ena\t\r")
	d.must("Hub1#")
	d.send("show priv\t\rshow priv\rshow privilege\r\n")
	for range 3 {
		d.must("Current privilege level is 15")
	}
	d.must("Hub1#")
	d.send("show pri?")
	d.must("privilege")
	d.must("show pri")
	d.send("v\x1b[17;5~\x1b[D\x1b[C\r") // F6 with Ctrl, which nobody knows; left and right
	d.must("Current privilege level is 15")
	d.must("Hub1#")
	d.send("\x1b[A\r") // the line before
	d.must("Current privilege level is 15")
	d.must("Hub1#")
	var paste strings.Builder
	for i := range 20 {
		fmt.Fprintf(&paste, "interface Loopback%d\r", i)
	}
	d.send("configure terminal\r" + paste.String() + "end\rshow privilege\r")
	d.must("Hub1(config)#")
	for i := range 20 {
		d.must(fmt.Sprintf("interface Loopback%d", i))
		d.must("Hub1(config-if)#")
	}
	d.must("Current privilege level is 15")
	d.must("Hub1#")
	d.send("show running-config | include ^interface Loopback\r")
	for i := range 20 {
		d.must(fmt.Sprintf("interface Loopback%d\r\n", i))
	}
	d.must("Hub1#")
	d.send("exit\r")
	d.end(0)
}

// Dialogues, the pager and the escape sequence are the plain shell's, and what
// is typed ahead of them answers them.
func TestHintsLeaveDialoguesAlone(t *testing.T) {
	_, d := newHints(t)
	d.send("enable\r")
	d.must("Hub1#")
	d.send("copy running-config startup-config\r\rshow privilege\r")
	d.must("Destination filename [startup-config]? ")
	d.must("[OK]")
	d.must("Current privilege level is 15")
	d.must("Hub1#")
	d.send("show running-config\r")
	d.must("--More--")
	d.send("q")
	d.must("Hub1#")
	d.send("ping 192.0.2.1 repeat 100000 timeout 3600\r")
	d.must("timeout is 3600 seconds")
	d.send("show privilege\r\x1e") // typed ahead, and then interrupted
	d.must("Success rate is 0 percent")
	d.must("Current privilege level is 15")
	d.must("Hub1#")
	d.send("exit\r")
	d.end(0)
}

// A password shows nowhere.
func TestHintsHidePasswords(t *testing.T) {
	const password = "Heim1ich"
	_, d := newHints(t)
	d.send("enable\r")
	d.must("Hub1#")
	d.send("configure terminal\renable secret " + password + "\rend\r")
	d.must("%SYS-5-CONFIG_I")
	d.must("Hub1#")
	d.send("disable\r")
	d.must("Hub1>")
	d.send("enable\r")
	d.must("Password: ")
	d.send(password + "\r")
	if shown := d.next("Hub1#"); strings.Contains(shown, password[:4]) {
		t.Errorf("shown after the question: %q", shown)
	}
	d.send("exit\r")
	d.end(0)
}

// The log stands above the line, which goes on.
func TestHintsShowTheLog(t *testing.T) {
	s, d := newHints(t)
	d.send("show priv")
	d.must("privilege")
	if status, _, log := s.gresh(nil, "-c", "enable", "-c", "configure terminal", "-c", "end"); status != 0 {
		t.Fatal(log)
	}
	d.must("%SYS-5-CONFIG_I: Configured from console by")
	d.must("show priv")
	d.send("\r")
	d.must("Current privilege level is 1")
	d.must("Hub1>")
	d.send("exit\r")
	d.end(0)
}

// However the front end ends, the terminal is as it was.
func TestHintsGiveTheTerminalBack(t *testing.T) {
	t.Run("router away", func(t *testing.T) {
		s, d := newHints(t)
		s.close()
		d.must("the router has gone away")
		d.end(3)
	})
	t.Run("no router", func(t *testing.T) {
		d := newDesktopWith(t, "console", "-hints", "-socket", filepath.Join(t.TempDir(), "none.sock"))
		d.must("no router is running")
		d.end(3)
	})
	t.Run("gresh is told to end", func(t *testing.T) {
		_, d := newHints(t)
		sendSignal(t, d.process.Process.Pid, syscall.SIGTERM)
		d.end(128 + int(syscall.SIGTERM))
	})
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run("the front end gets "+s.String(), func(t *testing.T) {
			_, d := newHints(t)
			if !d.raw() {
				t.Error("the terminal echoes by itself")
			}
			sendSignal(t, d.child(), s)
			d.end(128 + int(s))
		})
	}
}

// TestHintsOfALab goes from console to console by the lab's own prompt.
func TestHintsOfALab(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d := newDesktopWith(t, "lab", "dual-hub", "-hints", "-ssh", "off")
	d.sit("Spoke1>")
	d.must("Turn on privileged commands")
	d.send("show priv\t\r")
	d.must("Current privilege level is 1")
	d.must("Spoke1>")
	d.send("\x1ex")
	d.must("lab> ")
	d.send("connect Hub1\r")
	d.sit("Hub1>")
	sendSignal(t, d.child(), syscall.SIGKILL)
	d.must("lab> ")
	d.send("connect Spoke2\r")
	d.sit("Spoke2>")
	d.send("exit\r")
	d.must("lab> ")
	d.send("quit\r")
	d.end(0)
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Error("left behind: ", left, err)
	}
}

// sit answers a console that nobody was at.
func (d *desktop) sit(prompt string) {
	d.t.Helper()
	d.must("Press RETURN to get started.")
	d.send("\r")
	d.must(prompt)
}

func TestHintsNeedATerminal(t *testing.T) {
	for _, args := range [][]string{
		{"console", "-hints"}, {"console", "-hints", "-c", "show clock"}, {"hints"},
		{"lab", "dual-hub", "-hints"}, {"lab", "dual-hub", "-hints", "-c", "show clock"}, {"lab", "dual-hub", "-hints", "-serve"},
	} {
		if status, out, log := gresh("", args...); status != 2 || out != "" || !strings.Contains(log, "-hints is for a terminal") {
			t.Errorf("%q: exit %d, %q, %q", args, status, out, log)
		}
	}
}

func sendSignal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// child is the process that gresh has started.
func (d *desktop) child() int {
	d.t.Helper()
	pid := d.process.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		if children, err := os.ReadFile(task); err == nil {
			text = append(text, children...)
		}
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		d.t.Fatal("no child: ", err)
	}
	child, err := strconv.Atoi(fields[0])
	if err != nil {
		d.t.Fatal(err)
	}
	return child
}
