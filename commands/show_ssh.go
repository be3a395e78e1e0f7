package commands

import (
	"io"
	"maps"
	"slices"

	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// showSSH are the views of SSH and of the router's keys.
func showSSH() modes.Mode[Exec] {
	word := grammar.Word("ip", "IP information")
	return modes.Mode[Exec]{
		showKeys(),
		viewing(showing(word, grammar.Word("ssh", "Information on SSH")), func(q query, _ grammar.Args) (view, error) {
			p, version := sshPolicy(q.Router), q.Running().SSH.Protocol()
			s := show.SSHServer{Version: version, Pairs: p.Pairs, PublicKeys: p.PublicKeys, HostKeys: p.HostKeys,
				Ciphers: p.Ciphers, MACs: p.MACs, KeyExchanges: p.KeyExchanges,
				Timeout: int(p.Timeout.Seconds()), Retries: p.Retries, LeastDH: p.LeastDH}
			for _, m := range p.Methods {
				s.Methods = append(s.Methods, protocolMethod(m))
			}
			return func(w io.Writer) { _, _ = io.WriteString(w, show.IPSSH(s, q.release)) }, nil
		}),
		viewing(showing(grammar.Word("ssh", "Status of SSH server connections")), func(q query, _ grammar.Args) (view, error) {
			all := q.exec.session.lines.sshConnections()
			return func(w io.Writer) { _, _ = io.WriteString(w, show.SSH(all)) }, nil
		}),
	}
}

// protocolMethod is the protocol's name of a method of authentication.
func protocolMethod(m string) string {
	if m == "keyboard" {
		return "keyboard-interactive"
	}
	return m
}

// sshConnections are who has come by SSH, by line.
func (l *Lines) sshConnections() (all []show.SSHConnection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range slices.Sorted(maps.Keys(l.on)) {
		if i := l.on[n]; i.origin.Way == SSH {
			all = append(all, show.SSHConnection{Line: i.number, Cipher: i.origin.Cipher, MAC: i.origin.MAC, User: i.origin.User})
		}
	}
	return all
}
