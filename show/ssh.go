package show

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"gresh/backend/event"
	"gresh/backend/keypair"
)

// sshLine words what happens to SSH.
func sshLine(e any) []string {
	switch e := e.(type) {
	case event.SSHSwitched:
		name, state := "DISABLED", "disabled"
		if e.On {
			name, state = "ENABLED", "enabled"
		}
		return one("%%SSH-5-%s: SSH %s has been %s", name, e.Version, state)
	case event.KeysUnreadable:
		return one("%%SSH-3-NO_KEY: the key pairs that are kept can't be read: %s", e.Reason)
	case event.ListenFailed:
		return one("%%SYS-3-LISTEN: nobody gets in by %s: %s", e.What, e.Reason)
	case event.SSHSession:
		return sshSession(e)
	}
	return nil
}

func sshSession(e event.SSHSession) []string {
	by := fmt.Sprintf("using crypto cipher '%s', hmac '%s'", e.Cipher, e.MAC)
	result := "Failed"
	if e.Succeeded {
		result = "Succeeded"
	}
	switch e.Step {
	case event.SSHRequested:
		return one("%%SSH-5-SSH2_SESSION: SSH2 Session request from %s (tty = %d) %s %s", e.Remote, e.Line, by, result)
	case event.SSHLoggedIn:
		return one("%%SSH-5-SSH2_USERAUTH: User '%s' authentication for SSH2 Session from %s (tty = %d) %s %s",
			e.User, e.Remote, e.Line, by, result)
	}
	return one("%%SSH-5-SSH2_CLOSE: SSH2 Session from %s (tty = %d) for user '%s' %s closed", e.Remote, e.Line, e.User, by)
}

// KeyPairs renders "show crypto key mypubkey": the public halves.
func KeyPairs(pairs []keypair.Pair) string {
	var b strings.Builder
	for _, p := range pairs {
		fmt.Fprintf(&b, "%% Key pair was generated at: %s\n", p.Made.UTC().Format("15:04:05 MST Jan 2 2006"))
		fmt.Fprintf(&b, "Key name: %s\nKey type: %v KEYS\n Storage Device: private-config\n", p.Label, p.Algorithm())
		usage := "General Purpose Key"
		if p.Algorithm() != keypair.RSA {
			usage = "Signature Key"
		}
		fmt.Fprintf(&b, " Usage: %s\n Key is not exportable.\n Key Data:\n", usage)
		keyData(&b, p.Public())
	}
	return b.String()
}

// keyData is octets, four in a group and eight groups in a line.
func keyData(b *strings.Builder, data []byte) {
	for len(data) > 0 {
		n := min(len(data), 32)
		b.WriteString("  ")
		for i := 0; i < n; i += 4 {
			b.WriteString(strings.ToUpper(hex.EncodeToString(data[i:min(i+4, n)])) + " ")
		}
		b.WriteString("\n")
		data = data[n:]
	}
}

// An SSHServer is what "show ip ssh" shows of one.
type SSHServer struct {
	Version      string // of the protocol
	Pairs        []keypair.Pair
	Methods      []string
	PublicKeys   []string
	HostKeys     []string
	Ciphers      []string
	MACs         []string
	KeyExchanges []string
	Timeout      int // seconds
	Retries      int
	LeastDH      int // bits
}

// IPSSH renders "show ip ssh". Before 15 it said no more than the first line
// and the limits.
func IPSSH(s SSHServer, release Release) string {
	var b strings.Builder
	if len(s.Pairs) > 0 {
		fmt.Fprintf(&b, "SSH Enabled - version %s\n", s.Version)
	} else {
		fmt.Fprintf(&b, "SSH Disabled - version %s\n%%Please create RSA keys to enable SSH (and of atleast 768 bits for SSH v2).\n", s.Version)
	}
	if release != Release12 {
		for _, row := range []struct {
			name string
			list []string
		}{
			{"Authentication methods", s.Methods}, {"Authentication Publickey Algorithms", s.PublicKeys},
			{"Hostkey Algorithms", s.HostKeys}, {"Encryption Algorithms", s.Ciphers},
			{"MAC Algorithms", s.MACs}, {"KEX Algorithms", s.KeyExchanges},
		} {
			fmt.Fprintf(&b, "%s:%s\n", row.name, strings.Join(row.list, ","))
		}
	}
	fmt.Fprintf(&b, "Authentication timeout: %d secs; Authentication retries: %d\n", s.Timeout, s.Retries)
	if release != Release12 {
		fmt.Fprintf(&b, "Minimum expected Diffie Hellman key size : %d bits\n", s.LeastDH)
		for _, p := range s.Pairs {
			secshKey(&b, p)
		}
	}
	return b.String()
}

// secshKey is the public half of a key pair, as a client's file has it.
func secshKey(b *strings.Builder, p keypair.Pair) {
	kind, wire := p.Wire()
	size := "Key Size"
	if p.Algorithm() == keypair.RSA {
		size = "Modulus Size"
	}
	fmt.Fprintf(b, "IOS Keys in SECSH format(%s, base64 encoded): %s\n%s : %d bits\n", kind, p.Label, size, p.Bits())
	text := kind + " " + base64.StdEncoding.EncodeToString(wire)
	for len(text) > 0 {
		n := min(len(text), 80)
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
}

// An SSHConnection is one of "show ssh".
type SSHConnection struct {
	Line        int
	Cipher, MAC string
	User        string
}

// SSH renders "show ssh": who is there, once for each direction.
func SSH(all []SSHConnection) string {
	if len(all) == 0 {
		return "%No SSHv2 server connections running.\n%No SSHv1 server connections running.\n"
	}
	var b strings.Builder
	b.WriteString("Connection Version Mode Encryption  Hmac         State                 Username\n")
	for _, c := range all {
		for _, mode := range []string{"IN", "OUT"} {
			fmt.Fprintf(&b, "%-10d %-7s %-4s %-11s %-12s %-21s %s\n", c.Line, "2.0", mode, c.Cipher, c.MAC, "Session started", c.User)
		}
	}
	b.WriteString("%No SSHv1 server connections running.\n")
	return b.String()
}
