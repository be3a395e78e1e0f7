package shell

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gresh/modes"
)

// A fake is an interpreter whose commands are what a shell can do.
type fake struct {
	ran    []string
	log    func(string) // what "log" does
	host   string       // "R1" if empty
	mode   string
	closed bool
}

func (f *fake) Prompt() string {
	host := cmp.Or(f.host, "R1")
	if f.mode != "" {
		return host + "(" + f.mode + ")#"
	}
	return host + "#"
}

func (f *fake) Begin(modes.Terminal) bool { return true }
func (f *fake) Configuring() bool         { return f.mode != "" }
func (f *fake) Leave()                    { f.mode = "" }
func (f *fake) Closed() bool              { return f.closed }
func (f *fake) Help(line string) string   { return "  help for \"" + line + "\"\n\n" }

func (f *fake) Complete(line string) (string, bool) {
	if strings.HasPrefix("show ", line) && line != "" {
		return "show ", true
	}
	return line, false
}

var errUnknown = errors.New("% Unknown command")

func (f *fake) Run(line string, t modes.Terminal) error {
	f.ran = append(f.ran, line)
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "", "nothing":
	case "lines":
		n, _ := strconv.Atoi(rest)
		for i := range min(n, 100) {
			fmt.Fprintf(t, "line %d\n", i+1)
		}
	case "include", "exclude", "begin", "section", "count":
		kinds := map[string]modes.FilterKind{"include": modes.Include, "exclude": modes.Exclude,
			"begin": modes.Begin, "section": modes.Section, "count": modes.Count}
		if err := t.Filter(modes.Filter{Kind: kinds[verb], Pattern: rest}); err != nil {
			return err
		}
		fmt.Fprint(t, "interface Tunnel0\n ip address\n  deeper\n mtu 1400\ninterface Tunnel1\n shutdown\nend\n")
	case "ask":
		answer, ok := t.Ask("Name [x]? ")
		fmt.Fprintf(t, "answer %q %v\n", answer, ok)
	case "secret":
		answer, ok := t.Secret("Password: ")
		fmt.Fprintf(t, "answer %q %v\n", answer, ok)
	case "question":
		_, _ = t.Ask("One\nTwo \x1bc\u00fc? ")
	case "confirm":
		fmt.Fprintf(t, "confirmed %v\n", t.Confirm("Sure? [confirm]"))
	case "reload":
		fmt.Fprint(t, "1\n2\n3\n4\n")
		fmt.Fprintf(t, "%v\n6\n7\n8\n9\n", t.Confirm("5? [confirm]"))
	case "log":
		fmt.Fprint(t, "..")
		f.log("one")
		f.log("two")
	case "wait":
		stop := make(chan struct{})
		defer t.OnInterrupt(func() { close(stop) })()
		fmt.Fprint(t, "..")
		<-stop
		fmt.Fprint(t, "\ninterrupted\n")
	case "odd":
		fmt.Fprint(t, "\x1b[2Jname\rx\x7f \xc2\x9b2J \x9b2J Z\xc3\xbcrich\n")
	case "marks":
		fmt.Fprint(t, "Sending\nto\nsomebody\n\n\n")
		fmt.Fprint(t, "!!")
		fmt.Fprint(t, "!!\nSuccess\n")
	case "length":
		t.Settings().Length, _ = strconv.Atoi(rest)
	case "width":
		t.Settings().Width, _ = strconv.Atoi(rest)
	case "history-size":
		t.Settings().HistorySize, _ = strconv.Atoi(rest)
	case "synchronous":
		t.Settings().Synchronous = true
	case "hostname":
		f.host = rest
	case "configure":
		f.mode = "config"
	case "history":
		for _, line := range t.History() {
			fmt.Fprintf(t, "  %s\n", line)
		}
	case "exit":
		f.closed = true
	default:
		return errUnknown
	}
	return nil
}
