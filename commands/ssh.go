package commands

import (
	"errors"
	"slices"
	"strings"
	"time"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/keypair"
	"gresh/modes"
	"gresh/modes/grammar"
)

// The defaults of "ip ssh".
const (
	sshTimeout = 120 // seconds
	sshRetries = 3
	sshLeastDH = 2048 // bits
)

// ipSSH begins every line about SSH.
var ipSSH = under(ipGlobal, "ssh", "Configure ssh options")

// sshGlobal is SSH in configuration mode.
var sshGlobal = modes.Mode[config.Config]{
	sshNumber("time-out", "Specify SSH time-out interval", sshTimeout, 1, 120, "SSH time-out interval (secs)",
		func(c *config.Config) *uint8 { return &c.SSH.Timeout }),
	sshRetriesLine(),
	modes.Value(under(ipSSH, "source-interface", "Specify interface for source address in SSH connections"),
		interfaceName("Interface"), func(c *config.Config) *string { return &c.SSH.SourceInterface }),
	modes.Flag(under(under(ipSSH, "logging", "Configure logging for SSH"), "events", "Log SSH events"),
		func(c *config.Config) *bool { return &c.SSH.Log }),
	sshVersion(),
	sshLeastGroup(),
	publicKeys(),
	sshAlgorithms("mac", "Configure MAC algorithm list", macs, func(s *config.SSH) *[]string { return &s.MACs }),
	sshAlgorithms("encryption", "Configure Encryption algorithm list", ciphers, func(s *config.SSH) *[]string { return &s.Ciphers }),
	sshAlgorithms("kex", "Configure KEX algorithm list", keyExchanges, func(s *config.SSH) *[]string { return &s.KeyExchanges }),
	sshAlgorithms("hostkey", "Configure Hostkey algorithm list", hostKeys, func(s *config.SSH) *[]string { return &s.HostKeys }),
	sshAlgorithms("publickey", "Configure Publickey algorithm list", userKeys, func(s *config.SSH) *[]string { return &s.PublicKeys }),
	sshAlgorithms("authentication", "Configure Authentication method list", methods, func(s *config.SSH) *[]string { return &s.Methods }),
	modes.Flag(under(under(under(ipGlobal, "scp", "Scp commands"), "server", "Secure Copy Protocol Server"), "enable", "Enable SCP server"),
		func(c *config.Config) *bool { return &c.SSH.Copy }),
}

// sshNumber is a number that is not printed when it is the usual one.
func sshNumber[N uint8 | uint16](word, help string, usual, low, high uint32, unit string,
	field func(*config.Config) *N) modes.Command[config.Config] {
	n := grammar.Uint(low, high, unit)
	return unless(usual, n, modes.Number(under(ipSSH, word, help), n, field))
}

func sshRetriesLine() modes.Command[config.Config] {
	n := grammar.Uint(0, 5, "Number of authentication retries")
	return unless(sshRetries, n, modes.Optional(under(ipSSH, "authentication-retries", "Specify number of authentication retries"),
		n, func(c *config.Config) **uint8 { return &c.SSH.Retries }))
}

// sshVersion is kept to be printed: the first version is never spoken.
func sshVersion() modes.Command[config.Config] {
	two := grammar.Uint(2, 2, "Protocol version")
	line := under(ipSSH, "version", "Specify protocol version to be supported")
	return modes.Command[config.Config]{
		Line:  with(line, two),
		Bare:  len(line),
		Set:   func(c *config.Config, _ grammar.Args) error { c.SSH.Version2 = true; return nil },
		Unset: func(c *config.Config, _ grammar.Args) error { c.SSH.Version2 = false; return nil },
		Get: func(c *config.Config) []grammar.Args {
			if !c.SSH.Version2 {
				return nil
			}
			return []grammar.Args{two.Is(2)}
		},
	}
}

func sshLeastGroup() modes.Command[config.Config] {
	size := grammar.Enum(choice("1024", "Diffie Group 1 1024-bit key", uint16(1024)),
		choice("2048", "Diffie Group 14 2048-bit key", uint16(2048)),
		choice("4096", "Diffie Group 16 4096-bit key", uint16(4096)))
	return unless(sshLeastDH, size, modes.Value(under(under(under(ipSSH, "dh", "Diffie-Hellman"), "min", "Minimum DH key size"), "size", "Minimum DH key size"),
		size, func(c *config.Config) *uint16 { return &c.SSH.MinimumDH }))
}

// An offer is what may be offered of one kind, best first.
type offer []algorithm

// An algorithm is one by its name, which is also that of the protocol.
type algorithm struct {
	name  string
	usual bool // offered unless something else is said
	bits  int  // of a Diffie-Hellman group of integers
}

// What is offered unless another list is given is what no audit objects to.
// The rest is for old clients, by command.
var (
	ciphers = offer{
		{name: "chacha20-poly1305@openssh.com", usual: true},
		{name: "aes256-gcm@openssh.com", usual: true}, {name: "aes128-gcm@openssh.com", usual: true},
		{name: "aes256-ctr", usual: true}, {name: "aes192-ctr", usual: true}, {name: "aes128-ctr", usual: true},
		{name: "aes128-cbc"}, {name: "3des-cbc"},
	}
	macs = offer{
		{name: "hmac-sha2-512-etm@openssh.com", usual: true}, {name: "hmac-sha2-256-etm@openssh.com", usual: true},
		{name: "hmac-sha2-512"}, {name: "hmac-sha2-256"}, {name: "hmac-sha1"}, {name: "hmac-sha1-96"},
	}
	keyExchanges = offer{
		{name: "mlkem768x25519-sha256", usual: true}, {name: "curve25519-sha256", usual: true},
		{name: "diffie-hellman-group16-sha512", usual: true, bits: 4096},
		{name: "ecdh-sha2-nistp521"}, {name: "ecdh-sha2-nistp384"}, {name: "ecdh-sha2-nistp256"},
		{name: "diffie-hellman-group-exchange-sha256", bits: 2048}, {name: "diffie-hellman-group14-sha256", bits: 2048},
		{name: "diffie-hellman-group-exchange-sha1", bits: 2048}, {name: "diffie-hellman-group14-sha1", bits: 2048},
		{name: "diffie-hellman-group1-sha1", bits: 1024},
	}
	hostKeys = offer{
		{name: "rsa-sha2-512", usual: true}, {name: "rsa-sha2-256", usual: true}, {name: "ssh-ed25519", usual: true},
		{name: "ecdsa-sha2-nistp384"}, {name: "ecdsa-sha2-nistp256"}, {name: "ssh-rsa"},
	}
	userKeys = offer{
		{name: "ssh-ed25519", usual: true},
		{name: "ecdsa-sha2-nistp521", usual: true}, {name: "ecdsa-sha2-nistp384", usual: true}, {name: "ecdsa-sha2-nistp256", usual: true},
		{name: "rsa-sha2-512", usual: true}, {name: "rsa-sha2-256", usual: true}, {name: "ssh-rsa"},
	}
	methods = offer{
		{name: "publickey", usual: true}, {name: "keyboard", usual: true}, {name: "password", usual: true},
	}
)

// chosen are the names that are offered: those given, or the usual ones.
func (o offer) chosen(given []string) []string {
	if len(given) > 0 {
		return given
	}
	var names []string
	for _, a := range o {
		if a.usual {
			names = append(names, a.name)
		}
	}
	return names
}

// atLeast are the names without the groups that are too small.
func (o offer) atLeast(bits int, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(o, func(a algorithm) bool { return a.name == name && a.bits > 0 && a.bits < bits })
	})
}

// sshAlgorithms is "ip ssh server algorithm KIND NAME …", best first.
func sshAlgorithms(kind, help string, o offer, field func(*config.SSH) *[]string) modes.Command[config.Config] {
	var choices []grammar.Choice[string]
	for _, a := range o {
		choices = append(choices, choice(a.name, a.name, a.name))
	}
	names := grammar.Repeat(len(o), grammar.Enum(choices...))
	line := under(under(under(ipSSH, "server", "SSH server options"), "algorithm", "Configure SSH server algorithms"), kind, help)
	return modes.Command[config.Config]{
		Line: with(line, names),
		Bare: len(line),
		Set: func(c *config.Config, a grammar.Args) error {
			seen := map[string]bool{}
			for _, name := range names.From(a) {
				if seen[name] {
					return errors.New("% An algorithm can stand only once in the list")
				}
				seen[name] = true
			}
			*field(&c.SSH) = names.From(a)
			return nil
		},
		Unset: func(c *config.Config, _ grammar.Args) error { *field(&c.SSH) = nil; return nil },
		Get: func(c *config.Config) []grammar.Args {
			if len(*field(&c.SSH)) == 0 {
				return nil
			}
			return []grammar.Args{names.Is(*field(&c.SSH))}
		},
	}
}

// An SSHPolicy is what "ip ssh" says, with the defaults of what it does not.
type SSHPolicy struct {
	Pairs        []keypair.Pair // of the router; none: SSH is off
	KeyExchanges []string
	Ciphers      []string
	MACs         []string
	HostKeys     []string
	PublicKeys   []string
	Methods      []string
	Timeout      time.Duration
	Retries      int
	LeastDH      int // bits
	Banner       string
	Copy         bool // files may be copied
}

// sshPolicy is that of a router.
func sshPolicy(r *backend.Router) SSHPolicy {
	c := r.Running()
	s := c.SSH
	p := SSHPolicy{
		Pairs:      r.Pairs(),
		Ciphers:    ciphers.chosen(s.Ciphers),
		MACs:       macs.chosen(s.MACs),
		HostKeys:   hostKeys.chosen(s.HostKeys),
		PublicKeys: userKeys.chosen(s.PublicKeys),
		Methods:    methods.chosen(s.Methods),
		Timeout:    sshTimeout * time.Second,
		Retries:    sshRetries,
		LeastDH:    sshLeastDH,
		Copy:       s.Copy,
	}
	if s.Timeout > 0 {
		p.Timeout = time.Duration(s.Timeout) * time.Second
	}
	if s.Retries != nil {
		p.Retries = int(*s.Retries)
	}
	if s.MinimumDH > 0 {
		p.LeastDH = int(s.MinimumDH)
	}
	p.KeyExchanges = keyExchanges.atLeast(p.LeastDH, keyExchanges.chosen(s.KeyExchanges))
	return p
}

// Policy is what "ip ssh" says now.
func (l *Lines) Policy() (p SSHPolicy) {
	l.loop.Do(func(r *backend.Router, _ time.Time) { p = sshPolicy(r) })
	if text := l.Banner("login"); text != "" {
		p.Banner = strings.TrimSuffix(text, "\n") + "\n"
	}
	return p
}

// Takes says whether a line would let anybody in by a way over the network: by
// SSH only if there is a key.
func (l *Lines) Takes(w Way) (takes bool) {
	protocol := map[Way]config.Transports{Telnet: config.TransportTelnet, SSH: config.TransportSSH}[w]
	l.loop.Do(func(r *backend.Router, _ time.Time) {
		if w == SSH && len(r.Pairs()) == 0 {
			return
		}
		named := false
		for _, line := range r.Running().Lines {
			if line.Type == "vty" {
				named = true
				takes = takes || line.Accepts(protocol)
			}
		}
		takes = takes || !named && config.Line{Type: "vty"}.Accepts(protocol)
	})
	return takes
}
