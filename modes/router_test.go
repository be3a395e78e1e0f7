package modes_test

import (
	"errors"
	"iter"
	"net/netip"
	"slices"

	"gresh/modes"
	"gresh/modes/grammar"
)

// A router is made up: it has one of everything that a mode can have.
type router struct {
	Hostname string
	Lookup   bool // off
	Sets     []*set
	Chains   []*chain
	Ports    []*port
	Routes   []string
	Banner   string
	Other    []string
}

type set struct {
	Name       string
	Transforms []string
	Transport  bool
}

type chain struct {
	Name string
	Keys []*key
}

type key struct {
	ID     uint32
	String string
}

type port struct {
	Name        string
	Description string
	Address     string
	NoAddress   bool
	MTU         uint16
	Length      *uint16
	NoRedirects bool
	NoSplit     []uint32
	Shutdown    bool
	Profile     string
	Shared      bool
	Kept        []string
}

func (p *port) tunnel() bool { return p.Name[0] == 'T' }

// words makes a line of keywords.
func words(all ...string) (line grammar.Line) {
	for _, w := range all {
		line = append(line, grammar.Word(w, "The word "+w))
	}
	return line
}

var portMode = modes.Mode[port]{
	modes.Value(words("description"), grammar.Text("Up to 240 characters"), func(p *port) *string { return &p.Description }),
	addressCommand(),
	modes.NegFlag(words("ip", "redirects"), func(p *port) *bool { return &p.NoRedirects }),
	modes.Number(words("ip", "mtu"), grammar.Uint(68, 1500, "Bytes"), func(p *port) *uint16 { return &p.MTU }),
	splitHorizon(),
	modes.Optional(words("queue", "length"), grammar.Uint(0, 9, "Packets"), func(p *port) **uint16 { return &p.Length }),
	protection(),
	modes.Keep(words("cdp"), func(p *port) *[]string { return &p.Kept }),
	modes.Keep(words("speed"), func(p *port) *[]string { return &p.Kept }),
	modes.Keep(words("mop", "enabled"), func(p *port) *[]string { return &p.Kept }),
	modes.Flag(words("shutdown"), func(p *port) *bool { return &p.Shutdown }),
}

// addressCommand prints "no ip address" where there is none.
func addressCommand() modes.Command[port] {
	addr, dhcp := grammar.IPv4("IP address"), grammar.Flag("dhcp", "By DHCP")
	line := append(words("ip", "address"), grammar.Alt(grammar.Line{addr}, grammar.Line{dhcp}))
	return modes.Command[port]{
		Line: line, Bare: 2,
		Set: func(p *port, a grammar.Args) error {
			p.Address, p.NoAddress = line.Format(a)[len("ip address "):], false
			return nil
		},
		Unset:   func(p *port, _ grammar.Args) error { p.Address, p.NoAddress = "", true; return nil },
		Default: func(p *port, _ grammar.Args) error { p.Address, p.NoAddress = "", false; return nil },
		Get: func(p *port) []grammar.Args {
			switch {
			case p.NoAddress:
				return []grammar.Args{modes.No(nil)}
			case p.Address == "":
				return nil
			case p.Address == "dhcp":
				return []grammar.Args{dhcp.Is(true)}
			}
			return []grammar.Args{addr.Is(netip.MustParseAddr(p.Address))}
		},
	}
}

// splitHorizon is on by default, for each AS.
func splitHorizon() modes.Command[port] {
	as := grammar.Uint(1, 65535, "AS")
	return modes.Command[port]{
		Line:  append(words("ip", "split-horizon", "eigrp"), as),
		Unset: func(p *port, a grammar.Args) error { p.NoSplit = append(p.NoSplit, as.From(a)); return nil },
		Set: func(p *port, a grammar.Args) error {
			p.NoSplit = slices.DeleteFunc(p.NoSplit, func(n uint32) bool { return n == as.From(a) })
			if len(p.NoSplit) == 0 {
				p.NoSplit = nil
			}
			return nil
		},
		Default: func(p *port, a grammar.Args) error {
			p.NoSplit = slices.DeleteFunc(p.NoSplit, func(n uint32) bool { return n == as.From(a) })
			return nil
		},
		Get: func(p *port) (lines []grammar.Args) {
			for _, n := range p.NoSplit {
				lines = append(lines, modes.No(as.Is(n)))
			}
			return lines
		},
	}
}

func protection() modes.Command[port] {
	name, shared := grammar.String("Name of the profile"), grammar.Flag("shared", "Share the SADB")
	return modes.Command[port]{
		Line: append(words("tunnel", "protection", "ipsec", "profile"), name, grammar.Opt(shared)), Bare: 2,
		Set: func(p *port, a grammar.Args) error {
			if !p.tunnel() {
				return errors.New("% Not a tunnel")
			}
			p.Profile, p.Shared = name.From(a), shared.From(a)
			return nil
		},
		Unset: func(p *port, _ grammar.Args) error { p.Profile, p.Shared = "", false; return nil },
		Get: func(p *port) []grammar.Args {
			switch {
			case p.Profile == "":
				return nil
			case p.Shared:
				return []grammar.Args{name.Is(p.Profile).And(shared.Is(true))}
			}
			return []grammar.Args{name.Is(p.Profile)}
		},
	}
}

// named is a block of a list of pointers, found by a value.
func named[P, S any, T comparable](b modes.Block[P, S], p *grammar.Param[T],
	list func(*P) *[]*S, name func(*S) *T) modes.Block[P, S] {
	b.Find = func(parent *P, a grammar.Args) *S {
		wanted := p.From(a)
		for _, s := range *list(parent) {
			if *name(s) == wanted {
				return s
			}
		}
		return nil
	}
	b.Create = func(parent *P, a grammar.Args) (*S, error) {
		s := new(S)
		*name(s) = p.From(a)
		*list(parent) = append(*list(parent), s)
		return s, nil
	}
	b.Remove = func(parent *P, a grammar.Args) error {
		l := list(parent)
		*l = slices.DeleteFunc(*l, func(s *S) bool { return *name(s) == p.From(a) })
		return nil
	}
	b.All = func(parent *P) iter.Seq2[grammar.Args, *S] {
		return func(yield func(grammar.Args, *S) bool) {
			for _, s := range *list(parent) {
				if !yield(p.Is(*name(s)), s) {
					return
				}
			}
		}
	}
	return b
}

func ports() modes.Command[router] {
	unit := grammar.Unit("Interface", grammar.Kind{Name: "Ethernet", Help: "IEEE 802.3", Max: 15, Slots: 1, Sub: 4000},
		grammar.Kind{Name: "Tunnel", Help: "Tunnel interface", Max: 2147483647})
	b := named(modes.Block[router, port]{
		Line:  append(words("interface"), unit),
		Title: "Interface configuration commands:",
		PromptFor: func(a grammar.Args) string {
			if slices.Contains([]byte(unit.From(a)), '.') {
				return "config-subif"
			}
			return "config-if"
		},
		Mode: portMode,
	}, unit, func(r *router) *[]*port { return &r.Ports }, func(p *port) *string { return &p.Name })
	remove := b.Remove
	b.Remove = func(r *router, a grammar.Args) error {
		if unit.From(a)[0] != 'T' {
			return errors.New("% Removal of physical interfaces is not permitted")
		}
		return remove(r, a)
	}
	create := b.Create
	b.Create = func(r *router, a grammar.Args) (*port, error) {
		if unit.From(a) == "Ethernet9" {
			return nil, errors.New("% No such port")
		}
		return create(r, a)
	}
	return modes.Sub(b)
}

func transformSets() modes.Command[router] {
	name := grammar.String("Transform set tag")
	list := grammar.Repeat(3, grammar.Enum(
		grammar.Choice[string]{Name: "esp-des", Help: "DES", Value: "esp-des"},
		grammar.Choice[string]{Name: "esp-md5-hmac", Help: "MD5", Value: "esp-md5-hmac"}))
	b := named(modes.Block[router, set]{
		Line:   append(words("crypto", "ipsec", "transform-set"), name, list),
		Title:  "Crypto transform configuration commands:",
		Prompt: "cfg-crypto-trans",
		Mode:   modes.Mode[set]{modes.Flag(words("mode", "transport"), func(s *set) *bool { return &s.Transport })},
		Set: func(s *set, a grammar.Args) error {
			if len(list.From(a)) == 3 {
				return errors.New("% Three are too many")
			}
			s.Transforms = list.From(a)
			return nil
		},
		Bare: 4,
	}, name, func(r *router) *[]*set { return &r.Sets }, func(s *set) *string { return &s.Name })
	all := b.All
	b.All = func(r *router) iter.Seq2[grammar.Args, *set] {
		return func(yield func(grammar.Args, *set) bool) {
			all(r)(func(a grammar.Args, s *set) bool { return yield(a.And(list.Is(s.Transforms)), s) })
		}
	}
	return modes.Sub(b)
}

func chains() modes.Command[router] {
	id, name := grammar.Uint(0, 2147483647, "Key identifier"), grammar.String("Key-chain name")
	keys := named(modes.Block[chain, key]{
		Line: append(words("key"), id), Title: "Key-chain key configuration commands:", Prompt: "config-keychain-key",
		Mode: modes.Mode[key]{modes.Value(words("key-string"), grammar.Text("The key"), func(k *key) *string { return &k.String })},
	}, id, func(c *chain) *[]*key { return &c.Keys }, func(k *key) *uint32 { return &k.ID })
	return modes.Sub(named(modes.Block[router, chain]{
		Line: append(words("key", "chain"), name), Title: "Key-chain configuration commands:", Prompt: "config-keychain",
		Mode: modes.Mode[chain]{modes.Sub(keys)},
	}, name, func(r *router) *[]*chain { return &r.Chains }, func(c *chain) *string { return &c.Name }))
}

func configMode() modes.Mode[router] {
	m := modes.Mode[router]{
		modes.Value(words("hostname"), grammar.String("The name"), func(r *router) *string { return &r.Hostname }),
		modes.NegFlag(words("ip", "domain-lookup"), func(r *router) *bool { return &r.Lookup }),
		chains(),
		transformSets(),
		ports(),
		modes.List(words("ip", "route"), grammar.String("Where to"), func(r *router) *[]string { return &r.Routes }),
		modes.Value(words("banner", "motd"), grammar.Delimited("c banner-text c"), func(r *router) *string { return &r.Banner }),
		modes.Keep(words("service"), func(r *router) *[]string { return &r.Other }),
	}
	m[0].Section = modes.Apart
	m[len(m)-3].Section = modes.Opened
	return m
}

// A session is what the exec commands of the made-up router act on.
type session struct {
	out        []string
	privileged bool
}

func say(what string) func(*session, grammar.Args) error {
	return func(s *session, _ grammar.Args) error { s.out = append(s.out, what); return nil }
}

var tree = modes.Tree[session, router]{
	Exec: modes.Mode[session]{
		{Line: words("enable"), Run: func(s *session, _ grammar.Args) error { s.privileged = true; return nil }},
		{Line: words("connect"), Run: say("connected")},
		{Line: words("configure", "terminal"), Level: 15, Configures: true},
		{Line: words("show", "clock"), Filter: true, Run: say("noon")},
		{Line: words("show", "running-config"), Level: 15, Filter: true, Run: say("the configuration")},
		{Line: words("test", "crash"), Level: 15, Hidden: true, Run: func(*session, grammar.Args) error { return errors.New("% Crashed") }},
	},
	Config: configMode(),
}
