package commands

import (
	"cmp"
	"iter"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// configMode is configuration mode, in the order in which IOS prints a running
// configuration, with the ports that the router has.
func configMode() modes.Mode[config.Config] { return configuration(existingPort) }

// configuration is configuration mode with a say in which ports there may be.
func configuration(port portPolicy) modes.Mode[config.Config] {
	return slices.Concat(
		versionGlobal,
		keptServices,
		stampsGlobal,
		passwordService,
		keptMoreServices,
		sequenceGlobal,
		hostnameGlobal,
		keptBoot,
		loggingHere,
		passwordGlobal,
		enableGlobal,
		filePromptGlobal,
		lockGlobal,
		aaaGlobal,
		keptMemory,
		clockGlobal,
		keptBox,
		dhcpGlobal,
		namesGlobal,
		keptMultilink,
		keyChainGlobal,
		keptVoice,
		guardGlobal,
		usersGlobal,
		archiveGlobal,
		keyringGlobal,
		isakmpGlobal,
		ipsecGlobal,
		modes.Mode[config.Config]{interfaceBlock(port)},
		eigrpGlobal,
		keptForwarding,
		routeGlobal,
		sshGlobal,
		keptServers,
		loggingThere,
		keptServersAfter,
		accessGlobal,
		keptControl,
		keptGatekeeper,
		bannerGlobal,
		aliasGlobal,
		privilegeGlobal,
		lineGlobal,
		keptLast,
	)
}

// with returns a line that goes on with more tokens, and leaves the line as it
// is for others to begin with.
func with(line grammar.Line, more ...grammar.Token) grammar.Line {
	return append(line[:len(line):len(line)], more...)
}

// under returns a line that goes on with a keyword.
func under(line grammar.Line, name, help string) grammar.Line {
	return with(line, grammar.Word(name, help))
}

// What many lines begin with.
var (
	global   = grammar.Line{}
	ipGlobal = under(global, "ip", "Global IP configuration subcommands")
	crypto   = under(global, "crypto", "Encryption module")
	setting  = under(global, "set", "Set values for encryption/decryption")
	ipPort   = under(global, "ip", "Interface Internet Protocol config commands")
	endBlank = grammar.As("", grammar.Opt()) // IOS leaves a blank at the end of some lines
)

// choice is one keyword of several, and what it stands for.
func choice[T any](name, help string, value T) grammar.Choice[T] {
	return grammar.Choice[T]{Name: name, Help: help, Value: value}
}

// unless makes a value that is the default mean that none is set, since IOS
// does not print it.
func unless[S any, T comparable](usual T, p *grammar.Param[T], c modes.Command[S]) modes.Command[S] {
	set, unset := c.Set, c.Unset
	c.Set = func(s *S, a grammar.Args) error {
		if p.From(a) == usual {
			return unset(s, a)
		}
		return set(s, a)
	}
	return c
}

// always makes a line that is printed with its default if nothing else is set.
func always[S any](usual string, p *grammar.Param[string], field func(*S) *string,
	c modes.Command[S]) modes.Command[S] {
	c = unless(usual, p, c)
	c.Get = func(s *S) []grammar.Args { return []grammar.Args{p.Is(cmp.Or(*field(s), usual))} }
	return c
}

// A listing is a block of which the configuration has a list, found by a name
// of type K in the line that opens it.
type listing[T any, K comparable] struct {
	list  func(*config.Config) *[]T
	param *grammar.Param[K]
	name  func(*T) K
	make  func(K) T
	order func(a, b T) int // nil: as they were entered

	// used says why an entry can't be removed; nil: it always can.
	used func(*config.Config, K) error
}

// block fills in how the block's state is found, made, removed and listed.
func (l listing[T, K]) block(b modes.Block[config.Config, T]) modes.Block[config.Config, T] {
	b.Find, b.Create, b.Remove, b.All = l.find, l.create, l.remove, l.all
	if b.Section == modes.Natural {
		b.Section = modes.Around
	}
	return b
}

func (l listing[T, K]) find(c *config.Config, a grammar.Args) *T {
	all := *l.list(c)
	for i := range all {
		if l.name(&all[i]) == l.param.From(a) {
			return &all[i]
		}
	}
	return nil
}

func (l listing[T, K]) create(c *config.Config, a grammar.Args) (*T, error) {
	all, t := l.list(c), l.make(l.param.From(a))
	at := len(*all)
	if l.order != nil {
		at, _ = slices.BinarySearchFunc(*all, t, l.order)
	}
	*all = slices.Insert(*all, at, t)
	return &(*all)[at], nil
}

func (l listing[T, K]) remove(c *config.Config, a grammar.Args) error {
	name := l.param.From(a)
	if l.used != nil {
		if err := l.used(c, name); err != nil {
			return err
		}
	}
	all := l.list(c)
	*all = emptied(slices.DeleteFunc(*all, func(t T) bool { return l.name(&t) == name }))
	return nil
}

func (l listing[T, K]) all(c *config.Config) iter.Seq2[grammar.Args, *T] {
	return func(yield func(grammar.Args, *T) bool) {
		all := *l.list(c)
		for i := range all {
			if !yield(l.param.Is(l.name(&all[i])), &all[i]) {
				return
			}
		}
	}
}

// emptied is nil for a list that has become empty: nothing is left of it.
func emptied[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// values makes one Args of each element of a list.
func values[T any](list []T, args func(T) grammar.Args) (lines []grammar.Args) {
	for _, t := range list {
		lines = append(lines, args(t))
	}
	return lines
}

// flagged is the value of a keyword if it is there.
func flagged(p *grammar.Param[bool], there bool) grammar.Args {
	if !there {
		return nil
	}
	return p.Is(true)
}

// given is a value if it is not zero.
func given[T comparable](p *grammar.Param[T], v T) grammar.Args {
	var zero T
	if v == zero {
		return nil
	}
	return p.Is(v)
}
