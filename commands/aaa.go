package commands

import (
	"errors"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var errNoServers = errors.New("% There are no AAA servers here: the methods are local, line, enable and none")

// The methods of AAA. Those that ask servers are known, and refused.
var (
	loginMethods = []grammar.Choice[string]{
		choice("enable", "Use enable password for authentication.", "enable"),
		choice("line", "Use line password for authentication.", "line"),
		choice("local", "Use local username authentication.", "local"),
		choice("local-case", "Use case-sensitive local username authentication.", "local-case"),
		choice("none", "NO authentication.", "none"),
	}
	enableMethods = []grammar.Choice[string]{
		choice("enable", "Use enable password for authentication.", "enable"),
		choice("line", "Use line password for authentication.", "line"),
		choice("none", "NO authentication.", "none"),
	}
	execMethods = []grammar.Choice[string]{
		choice("if-authenticated", "Succeed if user has authenticated.", "if-authenticated"),
		choice("local", "Use local database.", "local"),
		choice("none", "No authorization (always succeeds).", "none"),
	}
)

var aaaGlobal = func() modes.Mode[config.Config] {
	aaa := under(global, "aaa", keptTopics["aaa"])
	authentication := under(aaa, "authentication", "Authentication configurations parameters.")
	model := said(under(aaa, "new-model", "Enable NEW access control commands and functions.(Disables OLD commands.)"),
		func(c *config.Config) *config.Said { return &c.AAA.NewModel })
	model.Section = modes.Apart
	return modes.Mode[config.Config]{
		model,
		methodLists(under(authentication, "login", "Set authentication lists for logins."),
			loginMethods, func(c *config.Config) *[]config.MethodList { return &c.AAA.Login }),
		enableMethodList(authentication),
		methodLists(under(under(aaa, "authorization", "Authorization configurations parameters."),
			"exec", "For starting an exec (shell)."),
			execMethods, func(c *config.Config) *[]config.MethodList { return &c.AAA.Exec }),
		keptHere("aaa session-id", "AAA Session ID"),
	}
}()

// A methodsText is the methods of a list, or what is refused as one.
type methodsText struct {
	methods *grammar.Param[[]string]
	servers *grammar.Param[string]
}

func methodsOf(methods []grammar.Choice[string]) methodsText {
	return methodsText{grammar.Repeat(4, grammar.Enum(methods...)), grammar.Text("Server-group name")}
}

func (m methodsText) token() grammar.Token {
	return grammar.Alt(grammar.Line{m.methods}, grammar.Line{grammar.Word("group", "Use Server-group"), m.servers})
}

func (m methodsText) from(a grammar.Args) ([]string, error) {
	if m.servers.In(a) {
		return nil, errNoServers
	}
	return m.methods.From(a), nil
}

// methodLists are lists of methods by name.
func methodLists(line grammar.Line, of []grammar.Choice[string],
	field func(*config.Config) *[]config.MethodList) modes.Command[config.Config] {
	usual, name := grammar.Flag("default", "The default list."), grammar.String("Named list")
	methods := methodsOf(of)
	named := with(line, grammar.Alt(grammar.Line{usual}, grammar.Line{name}))
	called := func(a grammar.Args) string {
		if usual.In(a) {
			return "default"
		}
		return name.From(a)
	}
	remove := func(c *config.Config, a grammar.Args) error {
		*field(c) = emptied(slices.DeleteFunc(*field(c), func(l config.MethodList) bool { return l.Name == called(a) }))
		return nil
	}
	return modes.Command[config.Config]{
		Line: with(named, methods.token()),
		Bare: len(named),
		Set: func(c *config.Config, a grammar.Args) error {
			all, err := methods.from(a)
			if err != nil {
				return err
			}
			list := config.MethodList{Name: called(a), Methods: all}
			for i, l := range *field(c) {
				if l.Name == list.Name {
					(*field(c))[i] = list
					return nil
				}
			}
			*field(c) = append(*field(c), list)
			return nil
		},
		Unset: remove,
		Get: func(c *config.Config) []grammar.Args {
			return values(*field(c), func(l config.MethodList) grammar.Args {
				if l.Name == "default" {
					return usual.Is(true).And(methods.methods.Is(l.Methods))
				}
				return name.Is(l.Name).And(methods.methods.Is(l.Methods))
			})
		},
	}
}

// enableMethodList is how "enable" asks; there is one list.
func enableMethodList(authentication grammar.Line) modes.Command[config.Config] {
	line := under(under(authentication, "enable", "Set authentication list for enable."), "default", "The default list.")
	methods := methodsOf(enableMethods)
	return modes.Command[config.Config]{
		Line: with(line, methods.token()),
		Bare: len(line),
		Set: func(c *config.Config, a grammar.Args) (err error) {
			all, err := methods.from(a)
			if err == nil {
				c.AAA.Enable = all
			}
			return err
		},
		Unset: func(c *config.Config, _ grammar.Args) error { c.AAA.Enable = nil; return nil },
		Get: func(c *config.Config) []grammar.Args {
			if c.AAA.Enable == nil {
				return nil
			}
			return []grammar.Args{methods.methods.Is(c.AAA.Enable)}
		},
	}
}
