// Package sshd is the way in by SSH: protocol version 2 on golang.org/x/crypto,
// as IOS speaks it. It serves one session for each connection: a shell, with a
// terminal or without, or one command. It knows no command, no user and no
// router: who may come in, under which rules, and what his session understands
// comes from outside. It never starts a program, forwards nothing and offers no
// subsystem.
package sshd

import (
	"cmp"
	"net"
	"net/netip"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/shell"
	"gresh/shell/door"
)

// version is what the server says it is. Clients know it, and what it lacks.
const version = "SSH-2.0-Cisco-1.25"

// A Visitor is who came, as far as he has said and shown.
type Visitor struct {
	User    string
	Remote  netip.AddrPort
	Command bool // he wants one command carried out, and no session

	Cipher, MAC string // of what he types, as negotiated
}

// A Policy is the rules of the moment. They hold for a connection from its
// beginning to its end.
type Policy struct {
	HostKeys   []ssh.Signer
	Algorithms Algorithms
	Timeout    time.Duration // until who connects has logged in
	Retries    int           // wrong passwords until he is cut off
	Methods    []string      // how he may log in: MethodPublicKey and so on
	Banner     string        // shown before he logs in

	patience time.Duration // of tests; 0: door.Patience
}

// patient is how long what is shown may stay unread.
func (p Policy) patient() time.Duration { return cmp.Or(p.patience, door.Patience) }

// Algorithms are what is offered, best first, by the names of the protocol.
type Algorithms struct {
	KeyExchanges, Ciphers, MACs, HostKeys, PublicKeys []string
}

// The methods by which one may log in.
const (
	MethodPublicKey = "publickey"
	MethodKeyboard  = "keyboard"
	MethodPassword  = "password"
)

// Options are what a Server serves.
type Options struct {
	// Policy is asked for whenever somebody connects; not ok if SSH is off, or
	// not for him: then he is cut off at once.
	Policy func(remote netip.AddrPort) (p Policy, ok bool)
	// Authenticate says whether a visitor has this password.
	Authenticate func(v Visitor, password string) error
	// PublicKey says whether a visitor may come in with a key, in wire format.
	PublicKey func(v Visitor, key []byte) bool
	// Take finds a line for a session. Its error is told to the visitor.
	Take func(v Visitor) (shell.Guest, error)
	// Copy opens the files to a visitor who copies, in place of a session. Its
	// error is told to him. Without it "scp" is a command like any other.
	Copy func(v Visitor) (Files, error)
	// Logs are seen by who wants to.
	Logs door.Logs
}

// A Server is the SSH server of a router.
type Server struct {
	options Options
	door    *door.Door
	lobby   *lobby
}

// Serve serves who connects, until Close.
func Serve(l net.Listener, o Options) *Server {
	s := &Server{options: o, lobby: newLobby()}
	s.door = door.Open(l, s.serve)
	return s
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.door.Addr() }

// Shut lets nobody in any more. Who is in stays, until Close.
func (s *Server) Shut() error { return s.door.Shut() }

// Close lets nobody in any more and ends all sessions; it returns when they
// have ended.
func (s *Server) Close() error {
	s.lobby.close()
	return s.door.Close()
}

// negotiated is by what a connection is protected. A cipher that authenticates
// needs no MAC.
func negotiated(c ssh.Conn) (cipher, mac string) {
	if m, ok := c.(ssh.AlgorithmsConnMetadata); ok {
		a := m.Algorithms().Read
		return a.Cipher, a.MAC
	}
	return "", ""
}

// serve is one connection, from its beginning.
func (s *Server) serve(raw net.Conn) {
	policy, ok := s.options.Policy(door.Remote(raw))
	if !ok || !s.lobby.enter(raw) {
		return
	}
	late := time.AfterFunc(policy.Timeout, func() { _ = raw.Close() })
	defer late.Stop()
	l := &login{options: &s.options, policy: policy, conn: raw}
	conn, channels, requests, err := ssh.NewServerConn(patient{raw, policy.patient()}, l.config())
	s.lobby.leave(raw)
	if err != nil {
		return
	}
	v := &visit{options: &s.options, conn: conn, raw: raw, visitor: l.visitor(conn), late: late, patience: policy.patient()}
	v.visitor.Cipher, v.visitor.MAC = negotiated(conn.Conn)
	v.serve(channels, requests)
}
