package commands

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/nvram"
	"gresh/modes"
	"gresh/modes/grammar"
)

// The file systems of other hosts.
const (
	fsSCP  = "scp:"
	fsSFTP = "sftp:"
)

// A Remote reaches files of other hosts, for routers that have a way to them.
type Remote interface {
	// Read returns what a file holds, if it has not more octets than most.
	Read(ctx context.Context, f RemoteFile, most int) ([]byte, error)
	// Write makes or replaces a file.
	Write(ctx context.Context, f RemoteFile, data []byte) error
}

// Reach gives the lines a way to other hosts, before anybody is on them. Without
// one there is none.
func (l *Lines) Reach(r Remote) { l.remote = r }

// A RemoteFile is a file of another host, and how to come there.
type RemoteFile struct {
	SFTP bool // and not SCP
	Addr netip.AddrPort
	Name string     // of the host, by which its key is known
	From netip.Addr // to come from; not valid: any
	User string
	Path string

	// Password asks for one; not ok if nobody wants to say it.
	Password func() (password string, ok bool)
	// Trust says whether a key is that of the host of this name.
	Trust func(name string, key []byte) error
}

// ErrBrokenOff is what a Remote returns when a copy was broken off by who asked
// for it.
var ErrBrokenOff = errInterrupted

var (
	errNoRemote    = errors.New("no way to other hosts: the routers of a lab have no TCP")
	errNotRemotely = errors.New("Not supported over the network")
	errURLPassword = errors.New("% A password does not belong into a URL, which is kept in the history: it will be asked for")
)

// knownHosts is where the keys of hosts are kept, a line for each: its name, a
// blank, the key.
const knownHosts = "known-hosts"

// A url is what follows the file system of another host: "//user@host:22/path".
type url struct {
	user, host string
	port       uint16
	path       string
}

const remotePort = 22

// parseURL reads one that may lack anything.
func parseURL(text string) (u url, err error) {
	bad := noFile{"opening", visible(text), nvram.ErrName}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return u, bad
	}
	u.port = remotePort
	rest, full := strings.CutPrefix(text, "//")
	if !full {
		u.path = rest
		return u, nil
	}
	place, file, _ := strings.Cut(rest, "/")
	u.path = file
	if at := strings.LastIndexByte(place, '@'); at >= 0 {
		u.user, place = place[:at], place[at+1:]
	}
	if strings.Contains(u.user, ":") {
		return u, errURLPassword
	}
	u.host = place
	if host, port, said := strings.Cut(place, ":"); said {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return u, bad
		}
		u.host, u.port = host, uint16(n)
	}
	return u, nil
}

// String is the url as it was read.
func (u url) String() string {
	text := u.host
	if u.user != "" {
		text = u.user + "@" + text
	}
	if u.port != remotePort {
		text += fmt.Sprintf(":%d", u.port)
	}
	return "//" + text + "/" + u.path
}

// remote says whether a location is at another host.
func (l location) remote() bool { return l.system == fsSCP || l.system == fsSFTP }

// complete asks for what is not said of a file at another host; role is "Source"
// or "Destination", and usual the name that the file may have.
func (e *Exec) complete(l location, role, usual string) (location, error) {
	u, err := parseURL(l.path)
	if err != nil {
		return l, err
	}
	me := e.session.origin.User
	for _, q := range []struct {
		question string
		answer   *string
		usual    string
	}{
		{"Address or name of remote host [%s]? ", &u.host, ""},
		{role + " username [%s]? ", &u.user, me},
		{role + " filename [%s]? ", &u.path, usual},
	} {
		said := *q.answer != ""
		if !said {
			*q.answer = q.usual
		}
		if said && e.terse() {
			continue
		}
		answer, ok := e.Ask(fmt.Sprintf(q.question, *q.answer))
		if !ok {
			return l, errInterrupted
		}
		if answer = strings.TrimSpace(answer); answer != "" {
			*q.answer = answer
		}
		if *q.answer == "" {
			return l, noFile{"opening", l.system, errNoName}
		}
	}
	whole := location{l.system, u.String()}
	_, err = parseURL(whole.path)
	return whole, err
}

// there is a location at another host as a Remote has it.
func (e *Exec) there(l location) (f RemoteFile, err error) {
	u, err := parseURL(l.path)
	if err != nil {
		return f, err
	}
	switch {
	case e.Terminal == nil:
		return f, noFile{"opening", l.String(), errNotRemotely}
	case e.session.lines.remote == nil:
		return f, noFile{"opening", l.String(), errNoRemote}
	}
	if u.host == "" || u.path == "" {
		return f, noFile{"opening", l.String(), errNoName}
	}
	addr, err := e.resolve(u.host)
	if err != nil {
		return f, err
	}
	f = RemoteFile{SFTP: l.system == fsSFTP, Addr: netip.AddrPortFrom(addr, u.port), Name: u.host, User: u.user, Path: u.path,
		Trust: e.trust}
	e.with(func(r *backend.Router, _ time.Time) {
		for _, s := range r.Interfaces() {
			if s.Name == r.Running().SSH.SourceInterface {
				f.From = s.Address.Addr()
			}
		}
	})
	return f, nil
}

// fetch reads a file of another host.
func (e *Exec) fetch(l location) (data []byte, err error) {
	err = e.abroad(l, func(ctx context.Context, r Remote, f RemoteFile) (err error) {
		data, err = r.Read(ctx, f, nvram.Capacity)
		return err
	})
	return data, err
}

// send writes a file of another host.
func (e *Exec) send(l location, data []byte) error {
	return e.abroad(l, func(ctx context.Context, r Remote, f RemoteFile) error {
		e.printf("Writing %s \n", path.Base(f.Path))
		return r.Write(ctx, f, data)
	})
}

// abroad has do do something that the escape sequence ends, but for the time in
// which a password is asked for: then that question is what it ends.
func (e *Exec) abroad(l location, do func(context.Context, Remote, RemoteFile) error) error {
	f, err := e.there(l)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	heedless := e.OnInterrupt(stop)
	f.Password = func() (string, bool) {
		heedless()
		defer func() { heedless = e.OnInterrupt(stop) }()
		return e.Secret("Password: ")
	}
	err = do(ctx, e.session.lines.remote, f)
	heedless()
	if err != nil && !errors.Is(err, errInterrupted) {
		return noFile{"opening", l.String(), err}
	}
	return err
}

// trust knows the keys of hosts. The first that a host shows is kept; another
// one is refused until the host has been forgotten.
func (e *Exec) trust(name string, key []byte) (err error) {
	text := base64.StdEncoding.EncodeToString(key)
	e.with(func(r *backend.Router, _ time.Time) {
		var known []byte
		if known, err = r.Store().Private(knownHosts); err != nil {
			return
		}
		switch is := keyOf(known, name); is {
		case text:
		case "":
			err = r.Store().SetPrivate(knownHosts, append(known, name+" "+text+"\n"...))
		default:
			err = fmt.Errorf("the host key of %s is not the one that it had: if that is right, forget it with \"clear ssh known-host %s\"", name, name)
		}
	})
	return err
}

// forget has a host be a stranger again, and says whether it was known.
func forget(s nvram.Store, name string) (was bool, err error) {
	known, err := s.Private(knownHosts)
	if err != nil || keyOf(known, name) == "" {
		return false, err
	}
	var rest []byte
	for line := range bytes.Lines(known) {
		if !bytes.HasPrefix(line, []byte(name+" ")) {
			rest = append(rest, line...)
		}
	}
	return true, s.SetPrivate(knownHosts, rest)
}

// keyOf is the key that a host is known by; "" if it is not known.
func keyOf(known []byte, name string) string {
	for line := range strings.Lines(string(known)) {
		if key, is := strings.CutPrefix(line, name+" "); is {
			return strings.TrimSpace(key)
		}
	}
	return ""
}

// remoteCommands forget hosts.
func remoteCommands() modes.Mode[Exec] {
	name := grammar.String("Address or name of the host")
	return modes.Mode[Exec]{{
		Line: grammar.Line{grammar.Word("clear", "Reset functions"), grammar.Word("ssh", "SSH"),
			grammar.Word("known-host", "Forget the key of a host"), name},
		Level: 15,
		Run: func(e *Exec, a grammar.Args) (err error) {
			e.with(func(r *backend.Router, _ time.Time) {
				var was bool
				if was, err = forget(r.Store(), name.From(a)); err == nil && !was {
					err = errors.New("% This host is not known")
				}
			})
			return err
		},
	}}
}
