package commands

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gresh/backend/probe"
	"gresh/modes"
	"gresh/modes/grammar"
	"gresh/show"
)

// What ping does if nobody says otherwise.
const (
	pingCount   = 5
	pingSize    = 100
	pingTimeout = 2
)

// The sizes of a datagram.
const (
	pingSizeLeast = 36
	pingSizeMost  = 18024
)

// pinging is what there is to say of a ping, in its line and in its dialogue
// alike.
type pinging struct {
	ip                        *grammar.Param[bool]
	dst                       *grammar.Param[string]
	count, size, timeout, tos *grammar.Param[uint32]
	pattern                   *grammar.Param[uint16]
	df, validate              *grammar.Param[bool]
	from                      sourceOption

	// Of the dialogue only.
	options          *grammar.Param[ipOption]
	least, most, gap *grammar.Param[uint32] // of a sweep
}

func newPinging() pinging {
	size := func() *grammar.Param[uint32] { return grammar.Uint(pingSizeLeast, pingSizeMost, "Datagram size") }
	return pinging{
		ip:       grammar.Flag("ip", "IP echo"),
		dst:      host("Ping destination address"),
		count:    grammar.Uint(1, 2147483647, "Repeat count"),
		size:     size(),
		timeout:  grammar.Uint(0, 3600, "Timeout in seconds"),
		tos:      grammar.Uint(0, 255, "Type of service"),
		pattern:  pattern("Data pattern in hex"),
		df:       grammar.Flag("df-bit", "enable do not fragment bit in IP header"),
		validate: grammar.Flag("validate", "validate reply data"),
		from:     source(),
		options:  ipOptions(),
		least:    size(),
		most:     size(),
		gap:      grammar.Uint(1, pingSizeMost, "Interval"),
	}
}

// pattern is two octets in hexadecimal, with 0x before them or not.
func pattern(help string) *grammar.Param[uint16] {
	return grammar.New("<0-FFFF>", help,
		func(w string) (uint16, bool) {
			v, err := strconv.ParseUint(strings.TrimPrefix(strings.ToLower(w), "0x"), 16, 16)
			return uint16(v), err == nil
		},
		func(v uint16) string { return fmt.Sprintf("%04X", v) })
}

func (p pinging) commands() modes.Mode[Exec] {
	ping := grammar.Word("ping", "Send echo messages")
	with := func(name, help string, value grammar.Token) grammar.Line {
		return grammar.Line{grammar.Word(name, help), value}
	}
	return modes.Mode[Exec]{
		{
			Line: grammar.Line{ping, grammar.Opt(p.ip), grammar.Opt(p.dst, grammar.Any(
				with("repeat", "specify repeat count", p.count),
				with("size", "specify datagram size", p.size),
				with("timeout", "specify timeout interval", p.timeout),
				with("tos", "specify type of service value", p.tos),
				with("data", "specify data pattern", p.pattern),
				p.from.line(),
				grammar.Line{p.df},
				grammar.Line{p.validate},
			))},
			Level: 15,
			Run:   p.run,
		},
		{Line: grammar.Line{ping, grammar.Opt(p.ip), p.dst}, Level: 1, Run: p.run},
	}
}

func (p pinging) run(e *Exec, a grammar.Args) error {
	asked := !p.dst.In(a)
	if asked {
		d := &dialogue{Exec: e, args: a}
		if err := p.ask(d); err != nil || d.over {
			return err
		}
		a = d.args
	}
	dst, err := e.resolve(p.dst.From(a))
	if err != nil {
		return err
	}
	src, err := e.sourceAddress(p.from, a)
	if err != nil {
		return err
	}
	ping := &probe.Ping{
		Dst: dst, Src: src, DF: p.df.From(a), TOS: uint8(p.tos.From(a)),
		Pattern: show.PingPattern, Validate: p.validate.From(a),
		Count:   int(cmp.Or(p.count.From(a), pingCount)),
		Size:    int(cmp.Or(p.least.From(a), p.size.From(a), pingSize)),
		Most:    int(p.most.From(a)),
		Step:    int(p.gap.From(a)),
		Timeout: secondsOr(p.timeout, a, pingTimeout),
	}
	if p.pattern.In(a) {
		ping.Pattern = p.pattern.From(a)
	}
	if !asked {
		e.printf("\n")
	}
	report := show.PingReport{W: e, Verbose: p.options.From(a) == verbose}
	report.Begin(ping)
	e.probe(ping, func(ev probe.Event) { report.Mark(ev.(probe.Echoed)) })
	report.End()
	return nil
}

// secondsOr is a time in seconds, where zero is one too.
func secondsOr(p *grammar.Param[uint32], a grammar.Args, otherwise uint32) time.Duration {
	if p.In(a) {
		otherwise = p.From(a)
	}
	return time.Duration(otherwise) * time.Second
}

// ask is the dialogue.
func (p pinging) ask(d *dialogue) error {
	if err := d.target(p.ip, p.dst); err != nil || d.over {
		return err
	}
	d.ask("Repeat count [5]: ", p.count, "% A decimal number between 1 and 2147483647.")
	d.ask("Datagram size [100]: ", p.size, badSize)
	d.ask("Timeout in seconds [2]: ", p.timeout, "% A decimal number between 0 and 3600.")
	if !d.yes("Extended commands [n]: ") {
		return nil
	}
	d.source("Source address or interface: ", p.from)
	d.ask("Type of service [0]: ", p.tos, "% A decimal number between 0 and 255.")
	if d.yes("Set DF bit in IP header? [no]: ") {
		d.args = d.args.And(p.df.Is(true))
	}
	if d.yes("Validate reply data? [no]: ") {
		d.args = d.args.And(p.validate.Is(true))
	}
	d.ask("Data pattern [0xABCD]: ", p.pattern, "% A Hex number between 0x0000 and 0xffff.")
	d.options(p.options)
	return p.sweep(d)
}

var badSize = fmt.Sprintf("%% A decimal number between %d and %d.", pingSizeLeast, pingSizeMost)

func (p pinging) sweep(d *dialogue) error {
	if !d.yes("Sweep range of sizes [n]: ") {
		return nil
	}
	d.args = d.args.And(p.least.Is(pingSizeLeast)).And(p.most.Is(pingSizeMost)).And(p.gap.Is(1))
	d.ask("Sweep min size [36]: ", p.least, badSize)
	d.ask("Sweep max size [18024]: ", p.most, badSize)
	if p.most.From(d.args) < p.least.From(d.args) {
		return errors.New("% Bad maximum size")
	}
	d.ask("Sweep interval [1]: ", p.gap, fmt.Sprintf("%% A decimal number between 1 and %d.", pingSizeMost))
	return nil
}
