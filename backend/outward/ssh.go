package outward

import (
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
)

// An SSHClient is who logs in, and how.
type SSHClient struct {
	User          string
	Ask           func(question string) (answer string, ok bool) // without echo
	Ciphers       []string                                       // empty: what is offered by default
	Width, Length int
}

// Tries is how often a password is asked for.
const Tries = 3

// handshakeMost is how long a host may take, but for who is being asked.
const handshakeMost = 2 * time.Minute

// ErrDenied says that the host would not have the user.
var ErrDenied = errors.New("permission denied")

// errNoAnswer ends a login that was broken off.
var errNoAnswer = errors.New("no answer")

// Ciphers are those that may be asked for, older ones too.
func Ciphers() []string {
	return append(ssh.SupportedAlgorithms().Ciphers, ssh.InsecureAlgorithms().Ciphers...)
}

// SSH logs in over a connection. Whatever key the host has is taken for his.
func (c SSHClient) SSH(conn net.Conn, host string) (Link, error) {
	refused := false
	password := func() (string, error) {
		answer, ok := c.Ask("Password: ")
		if !ok {
			return "", errNoAnswer
		}
		refused = true
		return answer, nil
	}
	challenge := func(_, _ string, questions []string, _ []bool) (answers []string, err error) {
		for range questions {
			answer, err := password()
			if err != nil {
				return nil, err
			}
			answers = append(answers, answer)
		}
		return answers, nil
	}
	_ = conn.SetDeadline(time.Now().Add(handshakeMost))
	client, channels, requests, err := ssh.NewClientConn(conn, host, &ssh.ClientConfig{
		Config: ssh.Config{Ciphers: c.Ciphers}, User: c.User, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Auth: []ssh.AuthMethod{
			ssh.RetryableAuthMethod(ssh.KeyboardInteractive(challenge), Tries),
			ssh.RetryableAuthMethod(ssh.PasswordCallback(password), Tries),
		},
	})
	switch {
	case errors.Is(err, errNoAnswer):
		return nil, errNoAnswer
	case err != nil && refused:
		return nil, ErrDenied
	case err != nil:
		return nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	return c.shell(ssh.NewClient(client, channels, requests))
}

// shell asks for a terminal and a shell.
func (c SSHClient) shell(client *ssh.Client) (Link, error) {
	session, err := client.NewSession()
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	l := &sshLink{client: client, session: session}
	if err = session.RequestPty("vt100", c.Length, c.Width, ssh.TerminalModes{}); err == nil {
		l.in, err = session.StdinPipe()
	}
	if err == nil {
		l.out, err = session.StdoutPipe()
	}
	if err == nil {
		err = session.Shell()
	}
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return l, nil
}

// sshLink is a shell at the other end.
type sshLink struct {
	client  *ssh.Client
	session *ssh.Session
	in      io.WriteCloser
	out     io.Reader
}

// Read is part of Link.
func (l *sshLink) Read(b []byte) (int, error) { return l.out.Read(b) }

// Write is part of Link.
func (l *sshLink) Write(b []byte) (int, error) { return l.in.Write(b) }

// Resize is part of Link.
func (l *sshLink) Resize(width, length int) { _ = l.session.WindowChange(length, width) }

// Close is part of Link.
func (l *sshLink) Close() error { return l.client.Close() }
