package commands

import (
	"net/netip"
	"slices"
	"time"

	"gresh/backend"
	"gresh/backend/probe"
	"gresh/modes"
	"gresh/modes/grammar"
)

// probeCommands are ping and traceroute: in user mode with nothing but where
// to, in privileged mode with all there is to say, or a dialogue about it.
func probeCommands() modes.Mode[Exec] {
	return slices.Concat(newPinging().commands(), newTracing().commands())
}

// A noHostError is what is said of a name that nobody has: first what was done
// to find it.
type noHostError struct{ tried string }

func (e noHostError) Error() string {
	return e.tried + "% Unrecognized host or address, or protocol not running.\n\n"
}

// host is what a host is called: its address, or a name.
func host(help string) *grammar.Param[string] { return grammar.String(help + " or hostname") }

// resolve returns a host's address.
func (e *Exec) resolve(called string) (a netip.Addr, err error) {
	e.with(func(r *backend.Router, _ time.Time) {
		var ok bool
		if a, ok = addressOf(r.Running(), called); ok {
			return
		}
		var unknown noHostError
		if !r.Running().NoDomainLookup {
			unknown.tried = translating(r.Running(), called)
		}
		err = unknown
	})
	return a, err
}

// nameOf is what a host is called; "" if nobody has given it a name.
func (e *Exec) nameOf(a netip.Addr) (name string) {
	e.with(func(r *backend.Router, _ time.Time) { name = nameOf(r.Running(), a) })
	return name
}

// A sourceOption is "source", an address or an interface.
type sourceOption struct {
	addr *grammar.Param[netip.Addr]
	dev  *grammar.Param[string]
}

func source() sourceOption {
	return sourceOption{grammar.IPv4("Source address"), interfaceName("Source interface")}
}

func (s sourceOption) line() grammar.Line {
	return grammar.Line{grammar.Word("source", "specify source address or name"), s.token()}
}

func (s sourceOption) token() grammar.Token {
	return grammar.Alt(grammar.Line{s.addr}, grammar.Line{s.dev})
}

// sourceAddress is what a probe is to come from, not valid if it was not said.
func (e *Exec) sourceAddress(s sourceOption, a grammar.Args) (src netip.Addr, err error) {
	wanted, dev := s.addr.From(a), s.dev.From(a)
	if !wanted.IsValid() && dev == "" {
		return src, nil
	}
	e.with(func(r *backend.Router, _ time.Time) {
		for _, i := range r.Interfaces() {
			if i.Address.IsValid() && (i.Name == dev || i.Address.Addr() == wanted) {
				src = i.Address.Addr()
			}
		}
	})
	if !src.IsValid() {
		return src, errBadSource
	}
	return src, nil
}

// probe carries a probe out, and tells each thing as it happens. The escape
// sequence ends it.
func (e *Exec) probe(engine probe.Engine, tell func(probe.Event)) {
	stop := make(chan struct{})
	stopped := false
	cancel := e.OnInterrupt(func() {
		if !stopped {
			stopped = true
			close(stop)
		}
	})
	defer cancel()
	var news chan struct{}
	var p *backend.Probe
	awaken := func() {
		if news != nil {
			close(news)
			news = nil
		}
	}
	e.with(func(r *backend.Router, now time.Time) { p = r.Probe(now, engine, awaken) })
	for {
		var events []probe.Event
		var done bool
		fresh := make(chan struct{})
		e.with(func(*backend.Router, time.Time) {
			if events, done = p.Events(); len(events) == 0 && !done {
				news = fresh
			} else {
				close(fresh)
			}
		})
		for _, ev := range events {
			tell(ev)
		}
		if done {
			return
		}
		e.loop.Wait(fresh, stop)
		select {
		case <-stop:
			e.with(func(*backend.Router, time.Time) { p.Stop() })
			return
		default:
		}
	}
}
