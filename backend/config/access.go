package config

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"strings"
)

// A Secret is a password as it is kept: its type by the number that IOS gives
// it (package password), 0 for one in clear. The zero Secret is none.
type Secret struct {
	Type uint8
	Text string
}

// Set says whether there is one.
func (s Secret) Set() bool { return s.Text != "" }

// A User is "username".
type User struct {
	Name       string
	Privilege  *uint8 // nil: 1
	NoPassword bool
	Password   Secret // at most one of Password and Secret is set
	Secret     Secret // never kept in clear
}

// User is the user of a name; nil if there is none.
func (c *Config) User(name string) *User {
	for i := range c.Users {
		if c.Users[i].Name == name {
			return &c.Users[i]
		}
	}
	return nil
}

// An Enable is "enable secret" or "enable password" of a level.
type Enable struct {
	Level  uint8
	Secret Secret
}

// A Said is a switch that prints as it was set: on, off, or not at all.
type Said uint8

// The positions of a switch.
const (
	Unsaid Said = iota
	SaidOn
	SaidOff
)

// On says whether it is on.
func (s Said) On() bool { return s == SaidOn }

// AAA is "aaa …": who is asked what. Without NewModel the lines say it.
type AAA struct {
	NewModel Said
	Login    []MethodList // of "aaa authentication login"
	Enable   []string     // of "aaa authentication enable default"
	Exec     []MethodList // of "aaa authorization exec"
}

// A MethodList is the methods that are tried one after another.
type MethodList struct {
	Name    string // "default", or what a line names
	Methods []string
}

// Guard is "login …": what is done about who guesses.
type Guard struct {
	Seconds, Attempts, Within uint16 // block for so long after so many in so long; 0: never
	QuietClass                string // access list of those who are let in nevertheless
	Delay                     uint8  // seconds between attempts; 0: 1 if anything is guarded
	LogFailures               uint16 // every so many; 0: none
	LogSuccesses              uint16
}

// A Privilege is "privilege MODE level N COMMAND".
type Privilege struct {
	Mode    string // "exec", "configure", "interface", "line"
	All     bool   // of whatever begins so
	Level   uint8
	Command string
}

// An AccessList is a standard list: of sources. Its name is a number, or not.
type AccessList struct {
	Name    string
	Entries []AccessEntry
}

// An AccessEntry is a line of a list; one with a Remark is no more than that.
type AccessEntry struct {
	Deny     bool
	Source   netip.Addr
	Wildcard netip.Addr // bits that do not matter
	Log      bool
	Remark   string
}

// Any is the entry of every source.
func (e AccessEntry) Any() bool { return e.Wildcard == netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

// matches says whether the entry is about a source.
func (e AccessEntry) matches(a netip.Addr) bool {
	if e.Remark != "" || !a.Is4() {
		return e.Remark == "" && e.Any()
	}
	source, wildcard, asked := e.Source.As4(), e.Wildcard.As4(), a.As4()
	for i := range asked {
		if (source[i]^asked[i])&^wildcard[i] != 0 {
			return false
		}
	}
	return true
}

// Permits says whether the access list of a name lets a source in. A list
// without entries, or one that there is not, lets in everybody; one with
// entries denies whom it does not speak of.
func (c *Config) Permits(list string, source netip.Addr) bool {
	for _, l := range c.AccessLists {
		if l.Name != list {
			continue
		}
		denies := false
		for _, e := range l.Entries {
			if e.matches(source.Unmap()) {
				return !e.Deny
			}
			denies = denies || e.Remark == ""
		}
		return !denies
	}
	return true
}

// A Line is one line of the box: "con" 0, "aux" 0 or a "vty". Lines that say
// the same are printed together.
type Line struct {
	Type        string // "con", "aux", "vty"
	Number      uint16
	ExecTimeout *[2]uint32 // minutes, seconds; nil: 10 0
	Synchronous bool
	Length      *uint16
	Width       *uint16
	Privilege   *uint8
	History     *uint16
	Login       string // "", "none" (no login), "line", "local"
	LoginList   string // of "login authentication"; "": default
	Password    Secret
	NoExec      bool
	Autocommand string
	AccessIn    string
	Input       *Transports // nil: the default of the line
	Output      *Transports
	Preferred   string // "": telnet
	Kept        []string
}

// Transports are protocols that a line takes or makes.
type Transports uint8

// The protocols.
const (
	TransportPAD Transports = 1 << iota
	TransportTelnet
	TransportRlogin
	TransportUDPTN
	TransportSSH

	TransportAll Transports = 1<<8 - 1
)

// lineTypes are in the order of a running configuration.
var lineTypes = []string{"con", "aux", "vty"}

// CompareLines orders lines as a running configuration has them, and as Line
// relies on.
func CompareLines(a, b Line) int {
	return cmp.Or(cmp.Compare(slices.Index(lineTypes, a.Type), slices.Index(lineTypes, b.Type)),
		cmp.Compare(a.Number, b.Number))
}

// Line is the configuration of a line; the zero Line of its kind if it has
// none.
func (c *Config) Line(kind string, number uint16) (l Line, said bool) {
	l = Line{Type: kind, Number: number}
	if at, found := slices.BinarySearchFunc(c.Lines, l, CompareLines); found {
		return c.Lines[at], true
	}
	return l, false
}

// Accepts says whether a virtual terminal takes a protocol: SSH if nothing is
// said.
func (l Line) Accepts(t Transports) bool {
	if l.Input == nil {
		return t == TransportSSH
	}
	return *l.Input&t != 0
}

// Passwords are all passwords of the router's own, and whether each must be
// kept as a hash. They may be changed through the pointer.
func (c *Config) Passwords() iter.Seq2[*Secret, bool] {
	return func(yield func(*Secret, bool) bool) {
		each := func(s *Secret, hashed bool) bool { return !s.Set() || yield(s, hashed) }
		for i := range c.Users {
			if !each(&c.Users[i].Secret, true) || !each(&c.Users[i].Password, false) {
				return
			}
		}
		for i := range c.EnableSecrets {
			if !each(&c.EnableSecrets[i].Secret, true) {
				return
			}
		}
		for i := range c.EnablePasswords {
			if !each(&c.EnablePasswords[i].Secret, false) {
				return
			}
		}
		for i := range c.Lines {
			if !each(&c.Lines[i].Password, false) {
				return
			}
		}
	}
}

// Classic says whether the configuration is of release 12.
func (c *Config) Classic() bool { return c.Version == "" || strings.HasPrefix(c.Version, "12") }
