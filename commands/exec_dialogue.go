package commands

import (
	"errors"
	"fmt"
	"strings"

	"gresh/modes/grammar"
)

// A dialogue asks for what a command was not told. Its answers are read by the
// parameters of the command's line, and are then as good as typed there.
type dialogue struct {
	*Exec
	args grammar.Args
	over bool // it was broken off: nothing more is asked
}

// ask asks until the answer is what the token reads, or nothing: then the
// default stays. It says whether there was an answer.
func (d *dialogue) ask(question string, wanted grammar.Token, otherwise string) (answered bool) {
	set := grammar.NewSet("", grammar.Entry{Line: grammar.Line{wanted}})
	for !d.over {
		answer, ok := d.Ask(question)
		if d.over = !ok; d.over || strings.TrimSpace(answer) == "" {
			return false
		}
		m, err := set.Parse(answer, 15)
		if err == nil {
			d.args = d.args.And(m.Args)
			return true
		}
		d.printf("%s\n", otherwise)
	}
	return false
}

// yes asks a question to which no answer is no.
func (d *dialogue) yes(question string) bool {
	said := grammar.Enum(grammar.Choice[bool]{Name: "yes", Value: true}, grammar.Choice[bool]{Name: "no"})
	before := d.args
	defer func() { d.args = before }()
	return d.ask(question, said, "% Please answer 'yes' or 'no'.") && said.From(d.args)
}

// target asks what both ping and traceroute begin with.
func (d *dialogue) target(ip *grammar.Param[bool], dst *grammar.Param[string]) error {
	if !ip.In(d.args) {
		protocol, ok := d.Ask("Protocol [ip]: ")
		if d.over = !ok; d.over {
			return nil
		}
		if p := strings.ToLower(strings.TrimSpace(protocol)); !strings.HasPrefix("ip", p) {
			return fmt.Errorf("%% Unknown protocol - \"%s\", type \"ping ?\" for help", p)
		}
	}
	bad := errors.New("% Bad IP address")
	if !d.ask("Target IP address: ", dst, bad.Error()) {
		if d.over {
			return nil
		}
		return bad
	}
	_, err := d.resolve(dst.From(d.args))
	return err
}

// source asks for an address of this router, or an interface that has one.
func (d *dialogue) source(question string, from sourceOption) {
	before := d.args
	for d.ask(question, from.token(), errBadSource.Error()) {
		_, err := d.sourceAddress(from, d.args)
		if err == nil {
			return
		}
		d.printf("%v\n", err)
		d.args = before
	}
}

// An ipOption is an answer to the question about them.
type ipOption uint8

const (
	headerOption ipOption = iota + 1 // one that goes into the IP header
	verbose
)

func ipOptions() *grammar.Param[ipOption] {
	return grammar.Enum(
		grammar.Choice[ipOption]{Name: "verbose", Value: verbose},
		grammar.Choice[ipOption]{Name: "loose", Value: headerOption},
		grammar.Choice[ipOption]{Name: "strict", Value: headerOption},
		grammar.Choice[ipOption]{Name: "record", Value: headerOption},
		grammar.Choice[ipOption]{Name: "timestamp", Value: headerOption},
	)
}

// options asks for IP options, of which the data path sends none, and for
// verbosity, which stands among them.
func (d *dialogue) options(option *grammar.Param[ipOption]) {
	chosen := "none"
	for before := d.args; ; {
		question := fmt.Sprintf("Loose, Strict, Record, Timestamp, Verbose[%s]: ", chosen)
		if !d.ask(question, option, "% Bad option. Must be one of the above.") {
			return
		}
		if option.From(d.args) == verbose {
			before, chosen = d.args, "V"
			continue
		}
		d.printf("%% This router sends no IP options\n")
		d.args = before
	}
}
