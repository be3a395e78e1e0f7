package commands

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gresh/backend/config"
	"gresh/shell"
)

const guarded = `hostname R1
login block-for 120 attempts 3 within 60
login delay 2
login quiet-mode access-class 10
login on-failure log
login on-success log every 2
username bob privilege 15 secret cisco
access-list 10 permit 192.0.2.9
line vty 0 1
 login local
line vty 2 4
 access-class 20 in
 login local
access-list 20 permit 198.51.100.0 0.0.0.255
`

func from(address string) Origin {
	return Origin{Way: SSH, User: "bob", Remote: netip.AddrPortFrom(netip.MustParseAddr(address), 40000)}
}

// TestBlockFor: three failures within a minute close the lines for two, to all
// but those of the access list.
func TestBlockFor(t *testing.T) {
	b := newBox(t, false, guarded)
	try := func(who Origin, password string, want error) {
		t.Helper()
		if err := b.Authenticate(who, password); !errors.Is(err, want) {
			t.Errorf("at %v: %v, want %v", b.now, err, want)
		}
	}
	stranger, operator := from("203.0.113.7"), from("192.0.2.9")
	try(stranger, "a", errLogin)
	b.pass(50 * time.Second)
	try(stranger, "b", errLogin)
	b.pass(11 * time.Second) // the first is forgotten
	try(stranger, "c", errLogin)
	try(stranger, "cisco", nil)
	if quiet := b.logged("QUIET_MODE"); quiet != nil {
		t.Errorf("too soon: %q", quiet)
	}
	try(stranger, "d", errLogin)
	try(stranger, "cisco", errQuiet)
	try(operator, "cisco", nil)
	if _, err := b.Take(stranger); !errors.Is(err, errQuiet) {
		t.Errorf("a line is taken in quiet mode: %v", err)
	}
	b.pass(121 * time.Second)
	try(stranger, "cisco", nil)
	if got := b.slept; got != 4*2*time.Second {
		t.Errorf("who failed was made to wait %v in all, want 8 s", got)
	}
	for of, n := range map[string]int{"LOGIN_FAILED": 4, "LOGIN_SUCCESS": 1, "QUIET_MODE_ON": 1, "QUIET_MODE_OFF": 1} {
		if got := b.logged(of); len(got) != n {
			t.Errorf("%d × %s, want %d: %q", len(got), of, n, got)
		}
	}
	if on := b.logged("QUIET_MODE_ON"); len(on) == 1 && !strings.Contains(on[0],
		"Still timeleft for watching failures is 49 secs, [user: bob] [Source: 203.0.113.7] [localport: 22]") {
		t.Errorf("%q", on)
	}
}

// TestTake: a line is given to who may have it, and no other.
func TestTake(t *testing.T) {
	b := newBox(t, false, guarded)
	taken := func(o Origin) int {
		i, err := b.Take(o)
		if err != nil {
			return -100
		}
		return i.number
	}
	near, far := from("198.51.100.1"), from("192.0.2.1")
	for n, o := range []Origin{far, far, near, near, near, near} {
		if got := taken(o); got != n {
			t.Errorf("%v has line %d, want %d", o.Remote, got, n)
		}
	}
	telnet := far
	telnet.Way = Telnet
	if _, err := b.Take(telnet); !errors.Is(err, errTransport) {
		t.Errorf("telnet: %v", err)
	}
	for range 10 {
		taken(near)
	}
	for _, o := range []Origin{near, far} {
		if _, err := b.Take(o); !errors.Is(err, errNoLine) {
			t.Errorf("all lines are taken: %v", err)
		}
	}
}

// TestAuthenticate: who may come in over the network, with which password.
func TestAuthenticate(t *testing.T) {
	const bob = "username bob secret cisco\n"
	for _, test := range []struct {
		what, startup  string
		open           bool
		user, password string
		want           bool
	}{
		{"a user", bob + "line vty 0 4\nlogin local\n", false, "bob", "cisco", true},
		{"in another case", bob + "line vty 0 4\nlogin local\n", false, "BOB", "cisco", true},
		{"a wrong password", bob + "line vty 0 4\nlogin local\n", false, "bob", "Cisco", false},
		{"no password", bob + "line vty 0 4\nlogin local\n", false, "bob", "", false},
		{"nobody", bob + "line vty 0 4\nlogin local\n", false, "eve", "cisco", false},
		{"lines that are not configured", bob, false, "bob", "cisco", true},
		{"a line's password", "line vty 0 4\npassword letmein\nlogin\n", false, "anybody", "letmein", true},
		{"not a line's password", "line vty 0 4\npassword letmein\nlogin\n", false, "anybody", "cisco", false},
		{"a line without", "line vty 0 4\nlogin\n", false, "bob", "", false},
		{"no login", bob + "line vty 0 4\nno login\n", false, "bob", "cisco", true},
		{"no login, wrong", bob + "line vty 0 4\nno login\n", false, "bob", "x", false},
		{"an empty configuration", "hostname R1\n", false, "", "", false},
		{"a lab", "hostname R1\n", true, "anybody", "anything", true},
		{"a lab with users", bob, true, "bob", "x", false},
		{"a lab with users, right", bob, true, "bob", "cisco", true},
		{"nopassword", "username open nopassword\nline vty 0 4\nlogin local\n", false, "open", "", false},
		{"no credential", "username bob privilege 15\nline vty 0 4\nlogin local\n", false, "bob", "", false},
		{"nopassword in a lab", "username open nopassword\nline vty 0 4\nlogin local\n", true, "open", "", true},
		{"AAA", bob + "aaa new-model\n", false, "bob", "cisco", true},
		{"AAA by case", bob + "aaa new-model\naaa authentication login default local-case\n", false, "BOB", "cisco", false},
		{"AAA by a list", "aaa new-model\naaa authentication login V line\nline vty 0 4\npassword letmein\nlogin authentication V\n", false, "x", "letmein", true},
		{"AAA by enable", "aaa new-model\naaa authentication login default enable\nenable secret one\n", false, "x", "one", true},
		{"AAA none", "aaa new-model\naaa authentication login default none\n", false, "x", "", false},
		{"AAA that falls through", "aaa new-model\naaa authentication login default line local none\n" + bob, false, "bob", "x", false},
	} {
		b := newBox(t, test.open, test.startup)
		o := from("192.0.2.1")
		o.User = test.user
		if err := b.Authenticate(o, test.password); (err == nil) != test.want {
			t.Errorf("%s: %v", test.what, err)
		}
	}
}

// TestClearLine: one session ends another, and is asked before.
func TestClearLine(t *testing.T) {
	b := newBox(t, true, "hostname R1\n")
	operator, victim := b.enter(Origin{Way: Script}), b.enter(from("192.0.2.1"))
	operator.Type("enable\rclear line 2\rn")
	operator.Type("clear line vty 0\r\r")
	<-victim.over
	victim.Release()
	operator.Type("show users\rclear line 99\r")
	got := operator.shown()
	for _, want := range []string{"[confirm]\nR1#", "[confirm]\n [OK]\nR1#", "% No such line"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if strings.Contains(got, "vty 0  ") {
		t.Errorf("still there: %s", got)
	}
	operator.leave()
}

// TestSend: what is sent is seen at every terminal, and does nothing to it.
func TestSend(t *testing.T) {
	b := newBox(t, true, "hostname R1\n")
	one, two := b.enter(Origin{Way: Script}), b.enter(from("192.0.2.1"))
	two.Type("show ")
	two.shown()
	one.Type("enable\rsend *\rback in\rfive\x1a\r")
	want := "\n\n\n***\n***\n*** Message from tty0 to all terminals:\n***\nback in\nfive\n\n***\nR1>show "
	if got := two.shown(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	one.Type("send vty 0\rno\x03")
	one.Type("send 2\ronly you\x1ay")
	if got := two.shown(); !strings.Contains(got, "from tty0 to tty2:\n***\nonly you\n") || strings.Contains(got, "no\n") {
		t.Errorf("got %q", got)
	}
	one.leave()
	two.leave()
}

// TestExecTimeout: who types nothing is gone after as long as his line says, but
// not while a command runs.
func TestExecTimeout(t *testing.T) {
	for startup, want := range map[string]time.Duration{
		"hostname R1\n": 10 * time.Minute,
		"line vty 0 4\nno login\nexec-timeout 1 30\n": 90 * time.Second,
		"line vty 0 4\nno login\nexec-timeout 0 0\n":  0,
		"line con 0\nexec-timeout 0 1\nhostname R1\n": 10 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBox(t, true, startup)
			g, begun := b.enter(from("192.0.2.1")), time.Now()
			time.Sleep(40 * time.Second)
			g.Type("show clock\r")
			since := time.Now()
			if want == 0 {
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				g.leave()
				return
			}
			if err := <-g.over; !errors.Is(err, shell.ErrIdle) || time.Since(since) != want {
				t.Errorf("%q: %v after %v (%v in all), want %v", startup, err, time.Since(since), time.Since(begun), want)
			}
			g.Release()
		})
	}
}

// TestLinesTogether has many come, look around, fail and go at once.
func TestLinesTogether(t *testing.T) {
	b := newBox(t, false, "username bob privilege 15 secret cisco\nlogin on-failure log\nline vty 0 63\nlogin local\n")
	var all sync.WaitGroup
	for n := range 32 {
		all.Add(1)
		go func() {
			defer all.Done()
			o := from(fmt.Sprintf("192.0.2.%d", n+1))
			if err := b.Authenticate(o, "wrong"); err == nil {
				t.Error("a wrong password is right")
			}
			if err := b.Authenticate(o, "cisco"); err != nil {
				t.Error(err)
			}
			o.Authenticated = true
			g := b.enter(o)
			g.Type("show users\rshow line\rshow login failures\rsend *\rhello\x1a\r")
			if n%2 == 0 {
				g.Type(fmt.Sprintf("clear line vty %d\r\r", n))
			}
			g.leave()
		}()
	}
	all.Wait()
	if len(b.on) != 0 {
		t.Errorf("%d are still there", len(b.on))
	}
	if got := len(b.logged("LOGIN_FAILED")); got != 32 {
		t.Errorf("%d failures are logged", got)
	}
}

// TestVerifierRemembers: once the right password is known, neither it nor a
// wrong one costs a hash.
func TestVerifierRemembers(t *testing.T) {
	b := newBox(t, false, "version 15.7\nusername bob secret cisco\n")
	s, v := b.router.Running().Users[0].Secret, &b.verifier
	if v.right(s, "wrong") || !v.right(s, "cisco") {
		t.Fatal("wrong is right")
	}
	v.one.Lock() // whoever computes a hash now waits for ever
	if v.right(s, "wrong") || !v.right(s, "cisco") {
		t.Error("what is remembered is wrong")
	}
	v.one.Unlock()
	if v.right(config.Secret{Type: s.Type, Text: s.Text + "x"}, "cisco") {
		t.Error("another secret is right")
	}
}

// BenchmarkWrongPassword is what a guess costs the router once the right
// password is known, and before.
func BenchmarkWrongPassword(b *testing.B) {
	box := newBox(new(testing.T), false, "version 15.7\nusername bob secret cisco\n")
	s := box.router.Running().Users[0].Secret
	b.Run("before", func(b *testing.B) {
		for b.Loop() {
			box.verifier.right(s, "wrong")
		}
	})
	box.verifier.right(s, "cisco")
	b.Run("after", func(b *testing.B) {
		for b.Loop() {
			box.verifier.right(s, "wrong")
		}
	})
}
