package commands

import (
	"cmp"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var accessGlobal = modes.Mode[config.Config]{namedList(), numberedList()}

// An entryText is a line of a standard access list.
type entryText struct {
	deny     *grammar.Param[bool]
	source   *grammar.Param[netip.Addr]
	host     *grammar.Param[netip.Addr]
	any      *grammar.Param[bool]
	wildcard *grammar.Param[netip.Addr]
	log      *grammar.Param[bool]
	remark   *grammar.Param[string]
}

func accessEntry() entryText {
	return entryText{
		deny: grammar.Enum(choice("deny", "Specify packets to reject", true),
			choice("permit", "Specify packets to forward", false)),
		source:   grammar.IPv4("Address to match"),
		host:     grammar.IPv4("Host address"),
		any:      grammar.Flag("any", "Any source host"),
		wildcard: grammar.IPv4("Wildcard bits"),
		log:      grammar.Flag("log", "Log matches against this entry"),
		remark:   grammar.Text("Comment up to 100 characters"),
	}
}

func (e entryText) token() grammar.Token {
	return grammar.Alt(
		grammar.Line{grammar.Word("remark", "Access list entry comment"), e.remark},
		grammar.Line{e.deny, grammar.Alt(
			grammar.Line{e.any},
			grammar.Line{grammar.Word("host", "A single host address"), e.host},
			grammar.Line{e.source, grammar.Opt(e.wildcard)},
		), grammar.Opt(e.log)})
}

func (e entryText) from(a grammar.Args) config.AccessEntry {
	none := netip.AddrFrom4([4]byte{})
	every := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	c := config.AccessEntry{Deny: e.deny.From(a), Source: none, Wildcard: none, Log: e.log.In(a)}
	switch {
	case e.remark.In(a):
		return config.AccessEntry{Remark: e.remark.From(a)}
	case e.any.In(a):
		c.Wildcard = every
	case e.host.In(a):
		c.Source = e.host.From(a)
	default:
		c.Source = e.source.From(a)
		if e.wildcard.In(a) {
			c.Wildcard = e.wildcard.From(a)
		}
		c.Source = masked(c.Source, c.Wildcard)
	}
	return c
}

// masked is a source without the bits that do not matter.
func masked(source, wildcard netip.Addr) netip.Addr {
	s, w := source.As4(), wildcard.As4()
	for i := range s {
		s[i] &^= w[i]
	}
	return netip.AddrFrom4(s)
}

func (e entryText) is(c config.AccessEntry) grammar.Args {
	if c.Remark != "" {
		return e.remark.Is(c.Remark)
	}
	a := e.deny.Is(c.Deny).And(flagged(e.log, c.Log))
	switch {
	case c.Any():
		return a.And(e.any.Is(true))
	case c.Wildcard == netip.AddrFrom4([4]byte{}):
		return a.And(e.source.Is(c.Source))
	}
	return a.And(e.source.Is(c.Source)).And(e.wildcard.Is(c.Wildcard))
}

// addEntry adds an entry to a list that does not have it yet.
func addEntry(l *config.AccessList, e config.AccessEntry) {
	if !slices.Contains(l.Entries, e) {
		l.Entries = append(l.Entries, e)
	}
}

// numbered says whether the name of a list is a number.
func numbered(name string) bool { _, err := strconv.Atoi(name); return err == nil }

// byName has numbers first, in their order.
func byName(a, b config.AccessList) int {
	x, errX := strconv.Atoi(a.Name)
	y, errY := strconv.Atoi(b.Name)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a.Name, b.Name)
}

// accessList is the list of a name, made if need be.
func accessList(c *config.Config, name string) *config.AccessList {
	l := config.AccessList{Name: name}
	at, found := slices.BinarySearchFunc(c.AccessLists, l, byName)
	if !found {
		c.AccessLists = slices.Insert(c.AccessLists, at, l)
	}
	return &c.AccessLists[at]
}

func removeList(c *config.Config, name string) {
	c.AccessLists = emptied(slices.DeleteFunc(c.AccessLists, func(l config.AccessList) bool { return l.Name == name }))
}

// numberedList is "access-list". Its "no" removes the whole list, whatever
// entry is said.
func numberedList() modes.Command[config.Config] {
	number, e := standardNumber(), accessEntry()
	line := with(under(global, "access-list", "Add an access list entry"), number)
	return modes.Command[config.Config]{
		Line: with(line, e.token()),
		Bare: len(line),
		Set: func(c *config.Config, a grammar.Args) error {
			addEntry(accessList(c, number.From(a)), e.from(a))
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error { removeList(c, number.From(a)); return nil },
		Get: func(c *config.Config) (all []grammar.Args) {
			for _, l := range c.AccessLists {
				if numbered(l.Name) {
					all = append(all, values(l.Entries, func(x config.AccessEntry) grammar.Args {
						return number.Is(l.Name).And(e.is(x))
					})...)
				}
			}
			return all
		},
	}
}

// standardNumber is the number of a standard list.
func standardNumber() *grammar.Param[string] {
	return grammar.New("<1-99>", "IP standard access list", func(w string) (string, bool) { return w, standard(w) },
		func(s string) string { return s })
}

func standard(number string) bool {
	n, err := strconv.Atoi(number)
	return err == nil && strconv.Itoa(n) == number && (1 <= n && n <= 99 || 1300 <= n && n <= 1999)
}

// namedList is "ip access-list standard", by whose name a numbered list may be
// entered too.
func namedList() modes.Command[config.Config] {
	name, e := grammar.String("Access-list name"), accessEntry()
	return modes.Sub(modes.Block[config.Config, config.AccessList]{
		Line: with(under(under(ipGlobal, "access-list", "Named access-list"),
			"standard", "Standard Access List"), name),
		Title:   "Standard Access List configuration commands:",
		Prompt:  "config-std-nacl",
		Section: modes.Around,
		Mode: modes.Mode[config.AccessList]{{
			Line: grammar.Line{e.token()},
			Set: func(l *config.AccessList, a grammar.Args) error {
				addEntry(l, e.from(a))
				return nil
			},
			Unset: func(l *config.AccessList, a grammar.Args) error {
				gone := e.from(a)
				l.Entries = emptied(slices.DeleteFunc(l.Entries, func(x config.AccessEntry) bool { return x == gone }))
				return nil
			},
			Get: func(l *config.AccessList) []grammar.Args { return values(l.Entries, e.is) },
		}},
		Find: func(c *config.Config, a grammar.Args) *config.AccessList {
			for i := range c.AccessLists {
				if c.AccessLists[i].Name == name.From(a) {
					return &c.AccessLists[i]
				}
			}
			return nil
		},
		Create: func(c *config.Config, a grammar.Args) (*config.AccessList, error) {
			if n := name.From(a); numbered(n) && !standard(n) {
				return nil, fmt.Errorf("%% Invalid access list name: %s is no number of a standard list", n)
			}
			return accessList(c, name.From(a)), nil
		},
		Remove: func(c *config.Config, a grammar.Args) error { removeList(c, name.From(a)); return nil },
		All: func(c *config.Config) iter.Seq2[grammar.Args, *config.AccessList] {
			return func(yield func(grammar.Args, *config.AccessList) bool) {
				for i := range c.AccessLists {
					if l := &c.AccessLists[i]; !numbered(l.Name) && !yield(name.Is(l.Name), l) {
						return
					}
				}
			}
		},
	})
}
