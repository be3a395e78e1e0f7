package commands

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/event"
	"gresh/backend/forward"
	"gresh/backend/nvram"
	"gresh/shell"
	"gresh/show"
)

// A box is a router on nothing, with a clock that only moves when it is told
// to, and its lines.
type box struct {
	t *testing.T
	*Lines
	router *backend.Router

	mu    sync.Mutex
	now   time.Time
	log   []string
	slept time.Duration
}

func newBox(t *testing.T, open bool, startup string) *box {
	t.Helper()
	b := &box{t: t, now: time.Date(2002, 3, 1, 0, 0, 0, 0, time.UTC)}
	b.router = backend.New(b, backend.Options{Rand: zeros{}, Store: nvram.NewMemory([]byte(startup)),
		Load: func(text string) (*config.Config, []event.LineRefused) {
			c, refused, _ := Load("startup-config", text)
			for _, r := range refused {
				t.Errorf("%v", r)
			}
			return c, nil
		}})
	b.router.Boot(b.now)
	b.Lines = NewLines(b, LinesOptions{Open: open, Rand: zeros{}, Sleep: func(d time.Duration) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.slept += d
	}})
	return b
}

// zeros are as random as a test needs.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func (b *box) Do(f func(r *backend.Router, now time.Time)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b.router, b.now)
}

func (b *box) Wait(<-chan struct{}, <-chan struct{}) {}
func (b *box) Ports() []backend.Port                 { return []backend.Port{{Name: "Ethernet0"}} }
func (b *box) Sync(time.Time, forward.Table) error   { return nil }
func (b *box) Send(time.Time, forward.Packet)        {}
func (b *box) Compute(id uint64, run func() []byte)  {}
func (b *box) Counters() (c forward.Counters)        { return c }
func (b *box) Log(e backend.Event) {
	b.log = append(b.log, show.LogTexts(e.At, e.Value, show.Release15)...)
}

// pass lets time pass.
func (b *box) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// logged are the lines of the log that speak of something.
func (b *box) logged(of string) (lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.log {
		if strings.Contains(l, of) {
			lines = append(lines, l)
		}
	}
	return lines
}

// A guest is a session on a line of a box.
type guest struct {
	*shell.Session
	*Interpreter
	out  bytes.Buffer
	over chan error
}

func (b *box) enter(o Origin) *guest {
	b.t.Helper()
	i, err := b.Take(o)
	if err != nil {
		b.t.Fatalf("%+v: %v", o, err)
	}
	g := &guest{Interpreter: i, over: make(chan error, 1)}
	g.Session = shell.New(shell.Options{Out: &g.out, Interpreter: i})
	i.Attach(g.Session)
	go func() { g.over <- g.Session.Run() }()
	g.Ready()
	return g
}

// leave ends a session as its client does, and waits for its end.
func (g *guest) leave() {
	g.Session.Hangup()
	<-g.over
	g.Release()
}

// shown is what the terminal has shown since it was asked last.
func (g *guest) shown() string {
	defer g.out.Reset()
	return strings.ReplaceAll(g.out.String(), "\r\n", "\n")
}

var remote = netip.MustParseAddrPort("192.0.2.1:40000")

// loginCases are sessions from their first octet: what is configured, how
// somebody comes, and what he types.
var loginCases = []struct {
	name    string
	startup string
	origin  Origin
	keys    []string
}{
	{"console", "hostname R1\nbanner motd ^CWelcome to $(hostname).^C\nbanner exec ^Con line $(line)^C",
		Origin{Way: Console}, []string{"\r", "show users\r", "enable\r", "show privilege\r", "disable\r", "disable 7\r", "exit\r"}},
	{"console-login", "hostname R1\nusername bob privilege 7 secret cisco\nbanner login ^CWho?^C\nline con 0\nlogin local\nlength 0\nwidth 100\nhistory size 3",
		Origin{Way: Console}, []string{"\r", "bob\rwrong\r", "nobody\rcisco\r", "bob\rcisco\r", "show privilege\r", "show terminal | include Length|History\r", "conf t\r", "\x1a"}},
	{"telnet-local", "hostname R1\nusername bob secret cisco\nbanner motd ^CToday^C\nbanner login ^CWho?^C\nbanner exec ^CIn^C\nline vty 0 4\nlogin local\ntransport input telnet",
		Origin{Way: Telnet, Remote: remote}, []string{"bob\r", "cisco\r", "who\r", "login\rnobody\rx\rbob\rcisco\r", "exit\r"}},
	{"telnet-local-wrong", "hostname R1\nusername bob secret cisco\nline vty 0 4\nlogin local\ntransport input telnet",
		Origin{Way: Telnet, Remote: remote}, []string{"bob\rwrong\r", "\rwrong\r", "bob\r\r"}},
	{"telnet-line", "hostname R1\nline vty 0 4\npassword letmein\nlogin\nprivilege level 15\ntransport input telnet",
		Origin{Way: Telnet, Remote: remote}, []string{"wrong\r", "letmein\r", "show privilege\r"}},
	{"telnet-line-wrong", "hostname R1\nline vty 0 4\npassword letmein\nlogin\ntransport input telnet",
		Origin{Way: Telnet, Remote: remote}, []string{"a\rb\rc\r"}},
	{"telnet-none-set", "hostname R1\nline vty 0 4\nlogin\ntransport input telnet", Origin{Way: Telnet, Remote: remote}, nil},
	{"telnet-unguarded", "hostname R1\nline vty 0 4\nno login\ntransport input telnet", Origin{Way: Telnet, Remote: remote}, nil},
	{"telnet-aaa", "hostname R1\naaa new-model\naaa authentication login default local\naaa authorization exec default local\n" +
		"aaa authentication enable default enable\nusername bob privilege 3 secret cisco\nenable secret one\nline vty 0 4\ntransport input telnet",
		Origin{Way: Telnet, Remote: remote}, []string{"bob\rwrong\r", "bob\rcisco\r", "show privilege\r", "enable\rwrong\r", "enable\rone\r", "enable 7\r", "show privilege\r"}},
	{"aaa-fallback", "hostname R1\naaa new-model\naaa authentication login default line\naaa authentication enable default enable\nline vty 0 4\npassword letmein\ntransport input telnet",
		Origin{Way: Telnet, Remote: remote}, []string{"letmein\r", "enable\r"}},
	{"enable", "hostname R1\nenable secret one\nenable secret level 5 five\nenable password level 3 three\nno ip domain lookup",
		Origin{Way: Script}, []string{"enable\ra\rb\rc\r", "enable 3\rx\ry\rz\r", "enable 3\rthree\r", "show privilege\r", "enable 5\r\x03",
			"enable 5\rfive\r", "enable 4\r", "enable 1\r", "enable\rone\r", "show privilege\r", "enable 0\r", "show version\r"}},
	{"ssh", "hostname R1\nusername bob privilege 15 secret cisco\nbanner motd ^CToday^C\nbanner login ^CWho?^C\nbanner exec ^CIn^C\nline vty 0 4\nlogin local",
		Origin{Way: SSH, Remote: remote, User: "bob", Authenticated: true}, []string{"show users\r", "conf t\r", "hostname R2\r", "end\r", "show line vty 0\r", "show line 700\r", "where\r"}},
	{"privileges", "hostname R1\nenable secret one\nusername bob privilege 5 secret cisco\ninterface Ethernet0\ndescription of bob's\nip address 192.0.2.1 255.255.255.0\n" +
		"privilege exec level 5 show running-config\nprivilege exec level 5 configure terminal\nprivilege exec level 7 ping\n" +
		"privilege configure level 5 interface\nprivilege interface level 5 description\nline vty 0 4\nlogin local",
		Origin{Way: SSH, Remote: remote, User: "bob", Authenticated: true},
		[]string{"show running-config\r", "show running-config interface Ethernet0\r", "ping 192.0.2.1\r", "show startup-config\r", "conf t\r", "?",
			"hostname R2\r", "username eve privilege 15\r", "interface Ethernet0\r", "shutdown\r", "description mine\r", "do show run interface e0\r",
			"end\r", "enable\rone\r", "conf t\rprivilege exec reset show running-config\rprivilege exec level 5 frobnicate\rend\r", "disable 5\r", "show running-config\r"}},
	{"ssh-enable", "hostname R1\nusername bob secret cisco\nline vty 0 4\nlogin local",
		Origin{Way: SSH, Remote: remote, User: "bob", Authenticated: true}, []string{"enable\r"}},
	{"autocommand", "hostname R1\nusername bob secret cisco\nline vty 0 4\nlogin local\nautocommand show privilege",
		Origin{Way: SSH, Remote: remote, User: "bob", Authenticated: true}, nil},
	{"autocommand-wrong", "hostname R1\nusername bob secret cisco\nline vty 0 4\nlogin local\nautocommand show nothing",
		Origin{Way: SSH, Remote: remote, User: "bob", Authenticated: true}, nil},
	{"no-exec", "hostname R1\nusername bob secret cisco\nline vty 0 4\nlogin local\nno exec",
		Origin{Way: SSH, Remote: remote, User: "bob", Authenticated: true}, nil},
}

func TestLogins(t *testing.T) {
	for _, test := range loginCases {
		b := newBox(t, false, test.startup+"\n")
		g := b.enter(test.origin)
		var got strings.Builder
		fmt.Fprintf(&got, "# %s\n", strings.ReplaceAll(test.startup, "\n", "\n# "))
		show := func(text string) {
			for line := range strings.Lines(text) {
				fmt.Fprintf(&got, "%q\n", line)
			}
		}
		show(g.shown())
		for _, k := range test.keys {
			g.Type(k)
			fmt.Fprintf(&got, "type %s\n", strconv.QuoteToASCII(k))
			show(g.shown())
		}
		select {
		case <-g.over:
			got.WriteString("closed\n")
			g.Release()
		default:
			g.leave()
		}
		goldenFile(t, filepath.Join("session", "login", test.name+".txt"), got.String())
	}
}

func goldenFile(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("..", "testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update, then read the diff)\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}
