package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/backend"
	"gresh/backend/keypair"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/door"
	"gresh/shell/sshd"
)

// The ways into one node of a lab: its lines, and who sees its log. What comes
// in over the network comes to a port of this machine that nobody else reaches.
type ways struct {
	loop  backend.Loop
	lines *commands.Lines
	log   audience
	ssh   *sshd.Server // nil: none
}

// An access is the ways into the nodes of a lab.
type access map[string]*ways

// newAccess is the ways into a world's nodes, by the loops to their routers.
func newAccess(w *sim.World, loop func(*sim.Node) backend.Loop) access {
	a := access{}
	for _, n := range w.Nodes() {
		v := &ways{loop: loop(n), lines: commands.NewLines(loop(n), commands.LinesOptions{Open: true})}
		n.OnLog(func(e backend.Event) {
			v.lines.Heard(e)
			for _, line := range e.Lines {
				if line.Monitor {
					v.log.tell(line.Stamped)
				}
			}
		})
		a[n.Name()] = v
	}
	return a
}

// listen opens an SSH port for each node: from first on, in their order, but
// what is taken is passed over for any that is free.
func (a access) listen(w *sim.World, first int) error {
	for i, n := range w.Nodes() {
		l, err := listenLocal(first + i)
		if err != nil {
			return fmt.Errorf("lab: SSH of %s: %w", n.Name(), err)
		}
		v := a[n.Name()]
		v.loop.Do(func(r *backend.Router, now time.Time) { err = hostKey(r, now) })
		if err != nil {
			return fmt.Errorf("lab: a key for %s: %w", n.Name(), errors.Join(err, l.Close()))
		}
		v.ssh = sshd.Serve(l, sshOptions(v.lines, v.log.Attach))
	}
	return nil
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
	}
	return err
}

// address is where a node's SSH is; "" if it has none.
func (a access) address(node string) string {
	if v := a[node]; v != nil && v.ssh != nil {
		return v.ssh.Addr().String()
	}
	return ""
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
		Policy: func() (sshd.Policy, bool) { return sshPolicy(lines.Policy()) },
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
