package commands

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"gresh/backend"
	"gresh/backend/outward"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// A Dialer makes a TCP connection of the router's own. An address to come from
// that is not valid is the host's to choose.
type Dialer func(ctx context.Context, from netip.Addr, to netip.AddrPort) (net.Conn, error)

// dialMost is how long a host may take to answer.
const dialMost = 30 * time.Second

// A connection is a session at another host, of a session here. Nobody else
// sees it.
type connection struct {
	*outward.Session
	number int
	host   string // as it was called
	addr   netip.Addr
	echoes func() bool
	active time.Time
}

// What may be said of connections that there are not.
var (
	errNoConnections = errors.New("% No connections open")
	errNotOpen       = errors.New("% Not an open connection")
	errSimulated     = errors.New("% Connections from a simulated router are not supported")
	errTimedOut      = errors.New("% Connection timed out; remote host not responding")
)

// connectCommands lead to other hosts and back.
func connectCommands() modes.Mode[Exec] {
	number, ended := grammar.Uint(1, 255, "The number of an active network connection"), grammar.Uint(1, 255, "The number of an active network connection")
	sessions := func(q query, _ grammar.Args) (view, error) {
		open := q.exec.session.connections
		if len(open) == 0 {
			return nil, errNoConnections
		}
		var all []show.Connection
		for n, c := range open {
			all = append(all, show.Connection{Number: c.number, Host: c.host, Address: c.addr, Unseen: c.Unseen(),
				Idle: q.now.Sub(c.active), Last: n == len(open)-1})
		}
		slices.SortFunc(all, func(a, b show.Connection) int { return a.Number - b.Number })
		return func(w io.Writer) { show.Connections(w, all) }, nil
	}
	return modes.Mode[Exec]{
		telnetCommand(), sshCommand(),
		viewing(showing(grammar.Word("sessions", "Information about Telnet connections")), sessions),
		viewing(grammar.Line{grammar.Word("where", "List active connections")}, sessions),
		{
			Line:  grammar.Line{grammar.Word("resume", "Resume an active network connection"), grammar.Opt(number)},
			Level: 1,
			Run: func(e *Exec, a grammar.Args) error {
				c, err := e.session.connection(number, a)
				if err != nil {
					return err
				}
				e.printf("[Resuming connection %d to %s ... ]\n", c.number, c.host)
				return e.talk(c)
			},
		},
		{
			Line:  grammar.Line{grammar.Word("disconnect", "Disconnect an existing network connection"), grammar.Opt(ended)},
			Level: 1,
			Run: func(e *Exec, a grammar.Args) error {
				c, err := e.session.connection(ended, a)
				if err == nil && e.Confirm(fmt.Sprintf("Closing connection to %s [confirm]", c.host)) {
					e.session.drop(c)
				}
				return err
			},
		},
	}
}

func telnetCommand() modes.Command[Exec] {
	to, port := grammar.String("IP address or hostname of a remote system"), grammar.Uint(0, 65535, "Port number")
	from := interfaceName("Interface")
	return modes.Command[Exec]{
		Line: grammar.Line{grammar.Word("telnet", "Open a telnet connection"), to, grammar.Any(grammar.Line{port},
			grammar.Line{grammar.Word("/source-interface", "Specify source interface"), from})},
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			c := call{host: to.From(a), port: portTelnet, source: from.From(a)}
			if port.In(a) {
				c.port = uint16(port.From(a))
			}
			c.speak = func(conn net.Conn) (outward.Link, error) {
				return outward.Telnet(conn, e.Settings().Width, e.Settings().Length), nil
			}
			return e.connect(c)
		},
	}
}

func sshCommand() modes.Command[Exec] {
	to, user := grammar.String("IP address or hostname of a remote system"), grammar.String("Login name")
	port := grammar.Uint(0, 65535, "Port number")
	var choices []grammar.Choice[string]
	for _, name := range outward.Ciphers() {
		choices = append(choices, grammar.Choice[string]{Name: name, Help: name, Value: name})
	}
	cipher := grammar.Enum(choices...)
	with := func(name, help string, t grammar.Token) grammar.Line {
		return grammar.Line{grammar.Word(name, help), t}
	}
	return modes.Command[Exec]{
		Line: grammar.Line{grammar.Word("ssh", "Open a secure shell client connection"), grammar.Any(
			with("-l", "Log in using this user name", user),
			with("-c", "Select encryption algorithm", cipher),
			with("-p", "Connect to this port", port),
			with("-v", "Specify SSH Protocol Version", grammar.Word("2", "Protocol Version 2")),
		), to},
		Level: 1,
		Run: func(e *Exec, a grammar.Args) error {
			client := outward.SSHClient{User: cmp.Or(user.From(a), e.session.origin.User), Ask: e.Secret,
				Width: e.Settings().Width, Length: e.Settings().Length}
			if client.User == "" {
				return errors.New("% No user specified nor available for SSH client")
			}
			if cipher.In(a) {
				client.Ciphers = []string{cipher.From(a)}
			}
			c := call{host: to.From(a), port: portSSH, quiet: true}
			if port.In(a) {
				c.port = uint16(port.From(a))
			}
			e.with(func(r *backend.Router, _ time.Time) { c.source = r.Running().SSH.SourceInterface })
			c.speak = func(conn net.Conn) (outward.Link, error) { return client.SSH(conn, c.host) }
			return e.connect(c)
		},
	}
}

// The ports of the two.
const (
	portSSH    = 22
	portTelnet = 23
)

// A call is a connection that is wanted.
type call struct {
	host   string
	port   uint16
	source string // an interface; "": the host chooses
	quiet  bool   // nothing is said of how it goes
	speak  func(net.Conn) (outward.Link, error)
}

// connect makes a connection and talks by it.
func (e *Exec) connect(c call) error {
	terminal, ok := e.Terminal.(modes.Passage)
	if e.session.lines.options.Dial == nil || !ok {
		return errSimulated
	}
	addr, err := e.resolve(c.host)
	if err != nil {
		return err
	}
	from, err := e.addressOn(c.source)
	if err != nil {
		return err
	}
	conn, err := e.reach(c, from, netip.AddrPortFrom(addr, c.port))
	if err != nil {
		return err
	}
	link, err := c.speak(conn)
	if err != nil {
		_ = conn.Close()
		return fmt.Errorf("[Connection to %s aborted: %w]", c.host, err)
	}
	made := &connection{Session: outward.NewSession(link, terminal.Wake), host: c.host, addr: addr,
		echoes: func() bool { return true }}
	if t, ok := link.(interface{ Echoes() bool }); ok {
		made.echoes = t.Echoes
	}
	e.session.keep(made)
	return e.talk(made)
}

// reach dials, and says how that goes.
func (e *Exec) reach(c call, from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	if c.quiet {
		return e.dial(from, to)
	}
	called, port := to.Addr().String(), ""
	if c.host != called {
		called = fmt.Sprintf("%s (%s)", c.host, called)
	}
	if c.port != portTelnet {
		port = fmt.Sprintf(", %d", c.port)
	}
	e.printf("Trying %s%s ... ", called, port)
	conn, err := e.dial(from, to)
	if err != nil {
		e.printf("\n")
		return nil, err
	}
	e.printf("Open\n")
	return conn, nil
}

// addressOn is the address of an interface to come from, not valid if none is
// named.
func (e *Exec) addressOn(name string) (a netip.Addr, err error) {
	if name == "" {
		return a, nil
	}
	e.with(func(r *backend.Router, _ time.Time) {
		for _, i := range r.Interfaces() {
			if i.Name == name && i.Address.IsValid() {
				a = i.Address.Addr()
			}
		}
	})
	if !a.IsValid() {
		return a, fmt.Errorf("%% %s has no address to come from", name)
	}
	return a, nil
}

// dial waits for a host, until the escape sequence is typed.
func (e *Exec) dial(from netip.Addr, to netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialMost)
	defer cancel()
	defer e.OnInterrupt(cancel)()
	conn, err := e.session.lines.options.Dial(ctx, from, to)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, errors.New("% Connection refused by remote host")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return nil, errTimedOut
	case ctx.Err() != nil:
		return nil, errors.New("% Connection attempt aborted")
	}
	return nil, errors.New("% Destination unreachable; gateway or host down")
}

// The escape sequence.
const (
	keyEscape = 0x1e
	keyBack   = 'x'
)

// talk passes keys to a connection and shows what comes, until it ends or the
// escape sequence leads back.
func (e *Exec) talk(c *connection) error {
	terminal, ok := e.Terminal.(modes.Passage)
	if !ok {
		return errSimulated
	}
	e.session.keep(c)
	c.Resize(e.Settings().Width, e.Settings().Length)
	screen := terminal.Octets()
	c.Show(screen)
	escaped, back := false, false
	terminal.Keys(c.Ended, func(key byte) bool {
		if escaped, back = key == keyEscape && !escaped, escaped && (key == keyBack || key == keyBack-' '); escaped || back {
			return !back
		}
		if key == '\n' {
			key = '\r'
		}
		if !c.echoes() {
			_, _ = screen.Write([]byte(strings.ReplaceAll(string(rune(key)), "\r", "\r\n")))
		}
		_, err := c.Write([]byte{key})
		return err == nil
	})
	c.Show(nil)
	e.with(func(_ *backend.Router, now time.Time) { c.active = now })
	if back {
		e.printf("\n")
		return nil
	}
	e.session.drop(c)
	return fmt.Errorf("\n[Connection to %s closed by foreign host]", c.host)
}

// keep puts a connection where "resume" finds it first.
func (i *Interpreter) keep(c *connection) {
	i.connections = append(slices.DeleteFunc(i.connections, func(o *connection) bool { return o == c }), c)
	for n := 1; c.number == 0; n++ {
		if !slices.ContainsFunc(i.connections, func(o *connection) bool { return o.number == n }) {
			c.number = n
		}
	}
}

// drop ends a connection.
func (i *Interpreter) drop(c *connection) {
	_ = c.Close()
	i.connections = slices.DeleteFunc(i.connections, func(o *connection) bool { return o == c })
}

// connection is the one with a number, or the last one used.
func (i *Interpreter) connection(number *grammar.Param[uint32], a grammar.Args) (*connection, error) {
	if len(i.connections) == 0 {
		return nil, errNoConnections
	}
	if !number.In(a) {
		return i.connections[len(i.connections)-1], nil
	}
	for _, c := range i.connections {
		if c.number == int(number.From(a)) {
			return c, nil
		}
	}
	return nil, errNotOpen
}
