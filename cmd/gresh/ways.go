package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/backend"
	"gresh/backend/keypair"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/door"
	"gresh/shell/sshd"
	"gresh/shell/telnetd"
)

// The ways into one node of a lab: its lines, and who sees its log. What comes
// in over the network comes to a port of this machine that nobody else reaches.
type ways struct {
	loop  backend.Loop
	lines *commands.Lines
	log   audience

	ssh    *sshd.Server // nil: none
	telnet *telnetd.Server
}

// An access is the ways into the nodes of a lab.
type access map[string]*ways

// newAccess is the ways into a world's nodes, by the loops to their routers.
func newAccess(w *sim.World, loop func(*sim.Node) backend.Loop) access {
	a := access{}
	for _, n := range w.Nodes() {
		v := &ways{loop: loop(n), lines: commands.NewLines(loop(n), commands.LinesOptions{Open: true})}
		v.loop.Do(func(*backend.Router, time.Time) { n.OnLog(v.heard) })
		a[n.Name()] = v
	}
	return a
}

// heard takes an event of the router, in its goroutine.
func (v *ways) heard(e backend.Event) {
	v.lines.Heard(e)
	for _, line := range e.Lines {
		if line.Monitor {
			v.log.tell(line.Stamped)
		}
	}
}

// listen opens the ports of each node: from the first ones on, in the order of
// the nodes, but what is taken is passed over for any that is free.
func (a access) listen(w *sim.World, o labOptions) error {
	for i, n := range w.Nodes() {
		v := a[n.Name()]
		if o.ssh > 0 {
			if err := v.listenSSH(o.ssh + i); err != nil {
				return fmt.Errorf("lab: SSH of %s: %w", n.Name(), err)
			}
		}
		if o.telnet > 0 && v.lines.Takes(commands.Telnet) {
			l, err := listenLocal(o.telnet + i)
			if err != nil {
				return fmt.Errorf("lab: telnet of %s: %w", n.Name(), err)
			}
			v.telnet = telnetd.Serve(l, telnetOptions(v.lines, v.log.Attach))
		}
	}
	return nil
}

// listenSSH opens a port for SSH, and sees to it that there is a key.
func (v *ways) listenSSH(port int) (err error) {
	v.loop.Do(func(r *backend.Router, now time.Time) { err = hostKey(r, now) })
	if err != nil {
		return err
	}
	l, err := listenLocal(port)
	if err == nil {
		v.ssh = sshd.Serve(l, sshOptions(v.lines, v.log.Attach))
	}
	return err
}

// listenLocal listens at a port of this machine, at any if that one is taken.
func listenLocal(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	return l, err
}

// close ends all sessions that came over the network. Time must still pass.
func (a access) close() (err error) {
	for _, v := range a {
		if v.ssh != nil {
			err = errors.Join(err, v.ssh.Close())
		}
		if v.telnet != nil {
			err = errors.Join(err, v.telnet.Close())
		}
	}
	return err
}

// addresses are where a node's SSH and telnet are; "" where it has none.
func (a access) addresses(node string) (ssh, telnet string) {
	v := a[node]
	if v != nil && v.ssh != nil {
		ssh = v.ssh.Addr().String()
	}
	if v != nil && v.telnet != nil {
		telnet = v.telnet.Addr().String()
	}
	return ssh, telnet
}

// hostKey gives a router a key pair for SSH, if it has none: one of today's
// clients, which is quickly made. "crypto key generate" makes others.
func hostKey(r *backend.Router, now time.Time) error {
	if len(r.Pairs()) > 0 {
		return nil
	}
	seed, err := r.Seed()
	if err != nil {
		return err
	}
	key, err := keypair.Generate(keypair.Ed25519, 256, bytes.NewReader(seed))
	if err != nil {
		return err
	}
	return r.SetPairs(now, []keypair.Pair{{Label: cmp.Or(r.Running().Hostname, "Router"), Made: now, Signer: key}})
}

// sshOptions have SSH lead to a router's lines.
func sshOptions(lines *commands.Lines, logs door.Logs) sshd.Options {
	origin := func(v sshd.Visitor) commands.Origin {
		return commands.Origin{Way: commands.SSH, Remote: v.Remote, User: v.User, Command: v.Command,
			Cipher: v.Cipher, MAC: v.MAC}
	}
	return sshd.Options{
		Policy: func(remote netip.AddrPort) (sshd.Policy, bool) {
			if lines.Room(commands.Origin{Way: commands.SSH, Remote: remote}) != nil {
				return sshd.Policy{}, false
			}
			return sshPolicy(lines.Policy())
		},
		Authenticate: func(v sshd.Visitor, password string) error {
			return lines.Authenticate(origin(v), password)
		},
		PublicKey: func(v sshd.Visitor, key []byte) bool { return lines.PublicKey(v.User, key) },
		Take: func(v sshd.Visitor) (shell.Guest, error) {
			o := origin(v)
			o.Authenticated = true
			return lines.Take(o)
		},
		Copy: func(v sshd.Visitor) (sshd.Files, error) { return lines.Copy(origin(v)) },
		Logs: logs,
	}
}

// telnetOptions have telnet lead to a router's lines.
func telnetOptions(lines *commands.Lines, logs door.Logs) telnetd.Options {
	return telnetd.Options{
		Take: func(remote netip.AddrPort) (shell.Guest, error) {
			return lines.Take(commands.Origin{Way: commands.Telnet, Remote: remote})
		},
		Logs: logs,
	}
}

// sshPolicy is a router's policy as the server takes it; not ok without a key.
func sshPolicy(p commands.SSHPolicy) (sshd.Policy, bool) {
	s := sshd.Policy{
		Timeout: p.Timeout, Retries: max(1, p.Retries), Banner: p.Banner, Methods: p.Methods,
		Algorithms: sshd.Algorithms{KeyExchanges: p.KeyExchanges, Ciphers: p.Ciphers, MACs: p.MACs,
			HostKeys: p.HostKeys, PublicKeys: p.PublicKeys},
	}
	for _, pair := range p.Pairs {
		if key, err := ssh.NewSignerFromSigner(pair.Signer); err == nil {
			s.HostKeys = append(s.HostKeys, key)
		}
	}
	return s, len(s.HostKeys) > 0
}
