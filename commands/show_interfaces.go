package commands

import (
	"io"
	"slices"

	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// showInterfaces are the views of interfaces and of what is on them.
func showInterfaces() modes.Mode[Exec] {
	word := grammar.Word("interfaces", "Interface status and configuration")
	ip := grammar.Line{grammar.Word("ip", "IP information"),
		grammar.Word("interface", "IP interface status and configuration")}
	return modes.Mode[Exec]{
		ofInterfaces(grammar.Line{word}, true, func(w io.Writer, q query, all []show.Interface) { show.Interfaces(w, all, q.now, q.release) }),
		ofInterfaces(under(grammar.Line{word}, "description", "Show interface description"), false,
			func(w io.Writer, _ query, all []show.Interface) { show.InterfacesDescription(w, all) }),
		ofInterfaces(under(grammar.Line{word}, "summary", "Show interface summary"), false,
			func(w io.Writer, q query, all []show.Interface) { show.InterfacesSummary(w, all, q.now) }),
		ofInterfaces(ip, true, func(w io.Writer, q query, all []show.Interface) { show.IPInterfaces(w, all, q.release) }),
		ofInterfaces(under(ip, "brief", "Brief summary of IP status and configuration"), false,
			func(w io.Writer, _ query, all []show.Interface) { show.IPInterfaceBrief(w, all) }),
		ofInterfaces(grammar.Line{grammar.Word("protocols", "Active network routing protocols")}, false,
			func(w io.Writer, _ query, all []show.Interface) { show.Protocols(w, all) }),
	}
}

// ofInterfaces is a view of all interfaces, or of the one that may be named.
func ofInterfaces(line grammar.Line, named bool, render func(io.Writer, query, []show.Interface)) modes.Command[Exec] {
	dev := interfaceName("Interface")
	if named {
		line = with(line, grammar.Opt(dev))
	}
	return viewing(showing(line...), func(q query, a grammar.Args) (view, error) {
		all := q.interfaces()
		if dev.In(a) {
			all = slices.DeleteFunc(all, func(i show.Interface) bool { return i.Config.Name != dev.From(a) })
		}
		return func(w io.Writer) { render(w, q, all) }, nil
	})
}
