package sshd

import (
	"errors"
	"net"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"gresh/shell/door"
)

var errDenied = errors.New("permission denied")

// A login is a connection until it is known who is there.
type login struct {
	options *Options
	policy  Policy
	conn    net.Conn
	failed  int // passwords that were wrong
}

// config is what the connection is negotiated and logged in by.
func (l *login) config() *ssh.ServerConfig {
	a := l.policy.Algorithms
	c := &ssh.ServerConfig{
		Config: ssh.Config{KeyExchanges: a.KeyExchanges, Ciphers: a.Ciphers, MACs: a.MACs},

		PublicKeyAuthAlgorithms: a.PublicKeys,
		ServerVersion:           version,
		MaxAuthTries:            -1, // keys that are not known cost nothing: wrong passwords are counted
	}
	for _, m := range l.policy.Methods {
		switch m {
		case MethodPublicKey:
			c.PublicKeyCallback = l.publicKey
		case MethodKeyboard:
			c.KeyboardInteractiveCallback = l.keyboard
		case MethodPassword:
			c.PasswordCallback = l.password
		}
	}
	if l.policy.Banner != "" {
		c.BannerCallback = func(ssh.ConnMetadata) string { return l.policy.Banner }
	}
	for _, k := range l.policy.HostKeys {
		if k, ok := restricted(k, a.HostKeys); ok {
			c.AddHostKey(k)
		}
	}
	return c
}

// restricted is a host key for those of the algorithms that it is good for.
func restricted(k ssh.Signer, algorithms []string) (ssh.Signer, bool) {
	signer, ok := k.(ssh.AlgorithmSigner)
	if !ok {
		return nil, false
	}
	good := []string{k.PublicKey().Type()}
	if good[0] == ssh.KeyAlgoRSA {
		good = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	var offered []string
	for _, a := range algorithms {
		if slices.Contains(good, a) {
			offered = append(offered, a)
		}
	}
	if len(offered) == 0 {
		return nil, false
	}
	limited, err := ssh.NewSignerWithAlgorithms(signer, offered)
	return limited, err == nil
}

// visitor is who is there, as far as he has said.
func (l *login) visitor(c ssh.ConnMetadata) Visitor {
	return Visitor{User: c.User(), Remote: door.Remote(l.conn)}
}

func (l *login) password(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	if l.failed >= l.policy.Retries {
		return nil, errDenied
	}
	if err := l.options.Authenticate(l.visitor(c), string(password)); err != nil {
		if l.failed++; l.failed >= l.policy.Retries {
			l.last()
		}
		return nil, err
	}
	return nil, nil
}

// last has the client hear that he was refused, and nothing more be heard of
// him.
func (l *login) last() { _ = l.conn.SetReadDeadline(time.Unix(1, 0)) }

// keyboard asks for the password, and nothing else: what comes is one.
func (l *login) keyboard(c ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	answers, err := ask("", "", []string{"Password: "}, []bool{false})
	if err != nil || len(answers) != 1 {
		return nil, errDenied
	}
	return l.password(c, []byte(answers[0]))
}

// publicKey decides on a key that is offered. Whether the client has it, and
// comes in with this one, is for the protocol to see.
func (l *login) publicKey(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	if l.options.PublicKey == nil || !l.options.PublicKey(l.visitor(c), key.Marshal()) {
		return nil, errDenied
	}
	return nil, nil
}
