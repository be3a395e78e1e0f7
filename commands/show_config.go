package commands

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// showConfig are the views of the configuration.
func showConfig() modes.Mode[Exec] {
	running := grammar.Word("running-config", "Current operating configuration")
	numbered := grammar.Flag("linenum", "Display line numbers in output")
	dev := interfaceName("Interface")
	whole := func(q query, a grammar.Args) (view, error) {
		return q.whole(numbered.In(a)), nil
	}
	forms := grammar.Alt(
		grammar.Line{grammar.Word("all", "Configuration with defaults")},
		grammar.Line{grammar.Word("brief", "configuration without certificate data")},
		grammar.Line{grammar.Word("full", "full configuration")},
		grammar.Line{grammar.Word("view", "View options"), grammar.Word("full", "full configuration")},
	)
	return modes.Mode[Exec]{
		viewingAt(15, showing(running, grammar.Opt(forms), grammar.Opt(numbered)), whole),
		viewingAt(15, showing(running, grammar.Word("interface", "Show interface configuration"), dev, grammar.Opt(numbered)),
			func(q query, a grammar.Args) (view, error) {
				text := q.interfaceText(dev.From(a))
				if text == "" {
					return nil, fmt.Errorf("%% Invalid interface %s", dev.From(a))
				}
				return partial(text, numbered.In(a)), nil
			}),
		showPartition(showing(running, grammar.Word("partition", "Configuration corresponding a partition"))),
		viewingAt(15, showing(grammar.Word("startup-config", "Contents of startup configuration")), func(q query, _ grammar.Args) (view, error) {
			text, err := q.Store().Startup()
			if err != nil {
				return nil, noFile{"opening", startupLocation.String(), err}
			}
			return func(w io.Writer) { show.Startup(w, string(text)) }, nil
		}),
	}
}

// runningConfig is the view of the whole running configuration.
func runningConfig(q query, _ grammar.Args) (view, error) { return q.whole(false), nil }

func (q query) whole(numbered bool) view {
	zone := show.Zone(q.Running().Clock)
	stamp := func(s backend.Stamp) show.Change {
		if !s.At.IsZero() {
			s.At = s.At.In(zone)
		}
		return show.Change(s)
	}
	changed, stored := q.Stamps()
	c := show.Configuration{Text: q.text(), Changed: stamp(changed), Stored: stamp(stored), Numbered: numbered}
	return func(w io.Writer) { show.Running(w, c) }
}

// text is the running configuration as far as the session may see it.
func (q query) text() string {
	if level := q.exec.session.level; level < 15 {
		return partText(within(level, q.Running().Privileges), q.Running())
	}
	return Text(q.Running())
}

// partial is the view of a part of it, which has no history.
func partial(text string, numbered bool) view {
	return func(w io.Writer) { show.Running(w, show.Configuration{Text: text, Numbered: numbered}) }
}

// Text is a configuration as it is shown and kept.
func Text(c *config.Config) string { return strings.Join(Write(c), "\n") + "\n" }

// interfaceText is the part of an interface, as far as the session may see it;
// "" if there is none such.
func (q query) interfaceText(name string) string {
	i := q.Running().Interface(name)
	if i == nil {
		return ""
	}
	part := modes.Mode[config.Config]{interfaceBlock(anyPort)}
	if level := q.exec.session.level; level < 15 {
		part = part.Leveled("config", 15, levels(q.Running().Privileges)).Within(level)
	}
	return partText(part, &config.Config{Interfaces: []*config.Interface{i}})
}

// partText is what some of the commands have to say of a configuration.
func partText(part modes.Mode[config.Config], c *config.Config) string {
	lines := append([]string{"!"}, part.Write(c)...)
	if lines[len(lines)-1] != "!" {
		lines = append(lines, "!")
	}
	return strings.Join(append(lines, "end\n"), "\n")
}

// partitions are the parts of a configuration that can be shown by themselves,
// by the words that their lines begin with. What is in none of them is common.
var partitions = []struct{ name, help, lines string }{
	{"access-list", "All access-list configurations", "access-list;ip access-list"},
	{"boot", "All boot configurations", "boot"},
	{"common", "All remaining unregistered configurations", ""},
	{"interface", "All Interface configurations", "interface"},
	{"ip-static-routes", "All IP static configurations", "ip route"},
	{"line", "All line mode configurations", "line"},
	{"router", "All routing configurations", "router"},
	{"snmp", "All SNMP configurations", "snmp-server"},
}

func showPartition(line grammar.Line) modes.Command[Exec] {
	var names []grammar.Choice[string]
	for _, p := range partitions {
		names = append(names, choice(p.name, p.help, p.name))
	}
	name := grammar.Enum(names...)
	return viewingAt(15, with(line, name), func(q query, a grammar.Args) (view, error) {
		part := slices.DeleteFunc(slices.Clone(within(q.exec.session.level, q.Running().Privileges)), func(c modes.Command[config.Config]) bool {
			return partitionOf(c.Line.Format(nil)) != name.From(a)
		})
		return partial(partText(part, q.Running()), false), nil
	})
}

// partitionOf is the partition that a command's lines are in.
func partitionOf(words string) string {
	for _, p := range partitions {
		for begin := range strings.SplitSeq(p.lines, ";") {
			if begin != "" && strings.HasPrefix(words+" ", begin+" ") {
				return p.name
			}
		}
	}
	return "common"
}
