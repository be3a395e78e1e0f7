package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/backend"
	"gresh/backend/sim"
	"gresh/commands"
	"gresh/shell"
	"gresh/shell/sshd"
	"gresh/show"
)

// The ways into one node of a lab: its lines, and who sees its log. What comes
// in over the network comes to a port of this machine that nobody else reaches.
type ways struct {
	node  *sim.Node
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
		v := &ways{node: n, lines: commands.NewLines(loop(n), commands.LinesOptions{Open: true})}
		n.OnLog(func(e backend.Event) {
			v.lines.Heard(e)
			for _, line := range show.LogLine(e.At, e.Value, show.ReleaseOf(n.Version())) {
				v.log.tell(line)
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
		key, err := newHostKey()
		if err != nil {
			return err
		}
		v.ssh = sshd.Serve(l, sshOptions(v.lines, v.log.Attach, key))
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

func newHostKey() (ssh.Signer, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	return ssh.NewSignerFromKey(key)
}

// sshOptions have SSH lead to a router's lines.
func sshOptions(lines *commands.Lines, logs func(func(string)) func(), key ssh.Signer) sshd.Options {
	origin := func(v sshd.Visitor) commands.Origin {
		return commands.Origin{Way: commands.SSH, Remote: v.Remote, User: v.User, Command: v.Command}
	}
	return sshd.Options{
		Policy: func() (sshd.Policy, bool) {
			return sshd.Policy{HostKeys: []ssh.Signer{key}, Timeout: 2 * time.Minute, Retries: 3,
				Algorithms: sshd.Algorithms{
					KeyExchanges: []string{ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519},
					Ciphers:      []string{ssh.CipherChaCha20Poly1305, ssh.CipherAES256GCM, ssh.CipherAES128GCM, ssh.CipherAES256CTR, ssh.CipherAES192CTR, ssh.CipherAES128CTR},
					MACs:         []string{ssh.HMACSHA512ETM, ssh.HMACSHA256ETM},
					HostKeys:     []string{ssh.KeyAlgoED25519},
				}}, true
		},
		Authenticate: func(v sshd.Visitor, password string) error {
			return lines.Authenticate(origin(v), password)
		},
		Take: func(v sshd.Visitor) (shell.Guest, error) {
			o := origin(v)
			o.Authenticated = true
			return lines.Take(o)
		},
		Logs: logs,
	}
}
