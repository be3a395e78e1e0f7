package config

import "slices"

// SSH is the lines that begin with "ip ssh", and "ip scp server enable". An
// empty list of algorithms is what is offered by default.
type SSH struct {
	Version2        bool   // "ip ssh version 2"; SSH 1 is never spoken
	Timeout         uint8  // seconds; 0: 120
	Retries         *uint8 // nil: 3
	SourceInterface string
	MinimumDH       uint16 // bits; 0: 2048
	Log             bool   // "ip ssh logging events"
	Copy            bool   // "ip scp server enable"

	KeyExchanges []string
	Ciphers      []string
	MACs         []string
	HostKeys     []string
	PublicKeys   []string // of users
	Methods      []string // of authentication

	Users []SSHUser // "ip ssh pubkey-chain"
}

// Protocol is the version of the protocol as IOS says it: 1.99 is one that
// would speak the old one too.
func (s SSH) Protocol() string {
	if s.Version2 {
		return "2.0"
	}
	return "1.99"
}

// An SSHUser may come in with any of his keys.
type SSHUser struct {
	Name string
	Keys []SSHKey

	// Typing is a key that is being typed, line by line, and not whole yet. It
	// is never printed.
	Typing string
}

// An SSHKey is a user's public key, by its hash.
type SSHKey struct {
	Algorithm string // "ssh-rsa"
	Hash      string // MD5, in hexadecimal
	Comment   string
}

func (s SSH) clone() SSH {
	s.Retries = clonePointer(s.Retries)
	s.KeyExchanges = slices.Clone(s.KeyExchanges)
	s.Ciphers = slices.Clone(s.Ciphers)
	s.MACs = slices.Clone(s.MACs)
	s.HostKeys = slices.Clone(s.HostKeys)
	s.PublicKeys = slices.Clone(s.PublicKeys)
	s.Methods = slices.Clone(s.Methods)
	s.Users = clones(s.Users, SSHUser.clone)
	return s
}

func (u SSHUser) clone() SSHUser {
	u.Keys = slices.Clone(u.Keys)
	return u
}
