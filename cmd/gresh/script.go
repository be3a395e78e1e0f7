package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// A step is one thing that a script of "gresh lab" does, in the order in which
// the options stand on the command line.
type step struct {
	node    string        // go to this node's console
	after   time.Duration // let virtual time run
	command string        // type this
	kind    stepKind
}

type stepKind uint8

const (
	stepNode stepKind = iota
	stepAfter
	stepCommand
)

// labOptions are what "gresh lab" was called with.
type labOptions struct {
	topology string
	steps    []step
	seed     uint64
	pace     float64
	state    string
	captures []capture
	ssh      int  // the first node's port; 0: no SSH
	telnet   int  // the same for telnet
	serve    bool // run without a terminal
	hints    bool
}

// The ports of a lab's first node, unless others are asked for.
const (
	sshFirst    = 2201
	telnetFirst = 2301
)

// A capture is a link and the file its packets go to.
type capture struct{ link, file string }

// scripted says whether commands were given: then no terminal is asked.
func (o labOptions) scripted() bool {
	for _, s := range o.steps {
		if s.kind == stepCommand {
			return true
		}
	}
	return false
}

// parseLab reads the command line of "gresh lab".
func parseLab(args []string) (labOptions, error) {
	o := labOptions{ssh: sshFirst, telnet: telnetFirst}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return o, usageError{errors.New("lab: which topology? (dual-hub comes with gresh)")}
	}
	o.topology = args[0]
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Uint64Var(&o.seed, "seed", 1, "")
	flags.Float64Var(&o.pace, "pace", 1, "")
	flags.StringVar(&o.state, "state", "", "")
	flags.BoolVar(&o.serve, "serve", false, "")
	flags.BoolVar(&o.hints, "hints", false, "")
	listens := false
	for name, port := range map[string]*int{"ssh": &o.ssh, "telnet": &o.telnet} {
		flags.Func(name, "", func(text string) (err error) {
			*port, err = firstPort(text)
			listens = listens || *port > 0
			return err
		})
	}
	flags.Func("node", "", func(name string) error {
		o.steps = append(o.steps, step{kind: stepNode, node: name})
		return nil
	})
	flags.Func("after", "", func(text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return errors.New("not a duration such as 90s, 15m or 2h")
		}
		o.steps = append(o.steps, step{kind: stepAfter, after: d})
		return nil
	})
	flags.Func("c", "", func(command string) error {
		o.steps = append(o.steps, step{kind: stepCommand, command: command})
		return nil
	})
	flags.Func("capture", "", func(text string) error {
		link, file, ok := strings.Cut(text, "=")
		if !ok || link == "" || file == "" {
			return errors.New("not LINK=FILE")
		}
		o.captures = append(o.captures, capture{link, file})
		return nil
	})
	if err := flags.Parse(args[1:]); err != nil {
		return o, usageError{fmt.Errorf("lab: %w", err)}
	}
	if flags.NArg() > 0 {
		return o, usageError{fmt.Errorf("lab: what is %q?", flags.Arg(0))}
	}
	switch {
	case o.pace < 0:
		return o, usageError{errors.New("lab: time does not run backwards: -pace must not be negative")}
	case o.hints && (o.scripted() || o.serve):
		return o, errNoTerminal
	case o.scripted() && o.serve:
		return o, usageError{errors.New("lab: -c is for a lab that ends, -serve for one that stays")}
	case o.scripted() && listens:
		return o, usageError{errors.New("lab: -ssh and -telnet are for a terminal or -serve: with -c, nobody waits for the wall clock")}
	}
	return o, nil
}

// firstPort is the port of a lab's first node; "off" is none.
func firstPort(text string) (int, error) {
	if text == "off" {
		return 0, nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, errors.New(`not a port such as 2201, and not "off"`)
	}
	return int(port), nil
}
