package main

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend"
	"gresh/backend/probe"
)

// chatter has nodes send echo requests forever: at every interval one from each
// node to each of the addresses. answered counts the replies.
func (b *bench) chatter(interval time.Duration, nodes []string, to ...string) (answered *int) {
	answered = new(int)
	var speak func()
	speak = func() {
		for _, name := range nodes {
			for _, dst := range to {
				b.echo(name, netip.MustParseAddr(dst), answered)
			}
		}
		b.After(interval, speak)
	}
	speak()
	return answered
}

// echo sends one echo request, and counts the reply.
func (b *bench) echo(name string, dst netip.Addr, answered *int) {
	b.echoFrom(name, netip.Addr{}, dst, answered)
}

// echoFrom is echo with a source; not valid: that of the way out.
func (b *bench) echoFrom(name string, src, dst netip.Addr, answered *int) {
	n := b.Node(name)
	if !n.On() {
		return
	}
	n.With(func(r *backend.Router, now time.Time) {
		ping := &probe.Ping{Src: src, Dst: dst, Count: 1, Size: 100, Timeout: time.Second}
		var p *backend.Probe
		p = r.Probe(now, ping, func() {
			if p == nil {
				return
			}
			for events, _ := p.Events(); len(events) > 0; events, _ = p.Events() {
				if events[0].(probe.Echoed).Mark == probe.Reply {
					*answered++
				}
			}
		})
	})
}

// A guard counts what tunnels put on all links.
type guard struct {
	clear, protected int
	first            packet // the first in clear
}

func (g *guard) take(p packet) {
	switch p.protocol {
	case protocolGRE:
		if g.clear++; g.clear == 1 {
			g.first = p
		}
	case protocolESP:
		g.protected++
	}
}

// closedBench is the lab under guard from before it is switched on, with
// traffic on both clouds that does not care whether it gets through.
func closedBench(t *testing.T, changes map[string][]string) (b *bench, g *guard, answered *int) {
	b, g = newBench(t, 1, changes), new(guard)
	for _, n := range b.Nodes() {
		n.PowerOff()
	}
	b.watch(g.take)
	for _, n := range b.Nodes() {
		n.PowerOn()
	}
	answered = b.chatter(250*time.Millisecond, []string{"Spoke1", "Spoke2", "Hub1", "Hub2"},
		"10.0.0.1", "10.0.0.11", "10.0.0.12", "10.0.1.1", "10.0.1.12")
	return b, g, answered
}

// The events at which protection might lapse. Each begins in a network that is
// up.
var lapses = map[string]func(b *bench){
	"boot":     func(*bench) {},
	"shutdown": func(b *bench) { b.oneAfterAnother("Spoke1", "shutdown", "no shutdown") },
	"protection": func(b *bench) {
		b.oneAfterAnother("Spoke1", "no tunnel protection ipsec profile vpnprof", "tunnel protection ipsec profile vpnprof shared")
	},
	"shut while protected anew": func(b *bench) {
		b.oneAfterAnother("Hub1", "shutdown", "no tunnel protection ipsec profile vpnprof", "tunnel protection ipsec profile vpnprof", "no shutdown")
	},
	"source": func(b *bench) {
		b.oneAfterAnother("Spoke1", "no tunnel source", "tunnel source Ethernet0")
	},
	"key": func(b *bench) { b.oneAfterAnother("Spoke1", "tunnel key 7", "tunnel key 100000") },
	"rekey": func(b *bench) {
		in, _ := b.spis("Spoke1", hub1Addr)
		b.Run(61 * time.Minute)
		if now, _ := b.spis("Spoke1", hub1Addr); len(now) == 0 || now[0] == in[0] {
			b.t.Errorf("there was no rekeying: %x, %x", in, now)
		}
	},
	"clear crypto sa": func(b *bench) { b.eachIn("clear crypto sa", "clear crypto sa peer 172.17.0.11") },
	"clear crypto session": func(b *bench) {
		b.eachIn("clear crypto session", "clear crypto isakmp", "clear crypto sa map vpnprof-head-1")
	},
	"clear ip nhrp": func(b *bench) { b.eachIn("clear ip nhrp") },
	"power": func(b *bench) {
		for _, n := range []string{"Spoke1", "Hub1"} {
			b.Node(n).PowerOff()
			b.Run(10 * time.Second)
			b.Node(n).PowerOn()
			b.Run(time.Minute)
		}
	},
	"reload": func(b *bench) {
		b.router("Spoke1", func(r *backend.Router) { r.Reload(b.Now()) })
		b.Run(time.Minute)
	},
	"a link that breaks": func(b *bench) {
		e := b.Node("Spoke1").EndOf("Ethernet0")
		c := e.Conditions()
		c.Cut = true
		e.Set(c)
		b.Run(3 * time.Minute)
		c.Cut = false
		e.Set(c)
		b.Run(3 * time.Minute)
	},
}

// oneAfterAnother types lines in Tunnel0, each with a while after it.
func (b *bench) oneAfterAnother(node string, lines ...string) {
	for _, l := range lines {
		if said := b.configure(node, "interface Tunnel0", l); said != "" {
			b.t.Errorf("%s: %s", l, said)
		}
		b.Run(5 * time.Second)
	}
}

// eachIn types commands at a spoke and at a hub, each with a while after it.
func (b *bench) eachIn(commands ...string) {
	for _, node := range []string{"Spoke1", "Hub1"} {
		for _, c := range commands {
			b.say(node, c)
			b.Run(5 * time.Second)
		}
	}
}

// Whatever happens, no packet of a protected tunnel is on any link in clear.
func TestFailClosed(t *testing.T) {
	for name, lapse := range lapses {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "rekey" {
				t.Skip("an hour of traffic")
			}
			b, g, answered := closedBench(t, nil)
			b.Run(30 * time.Second)
			lapse(b)
			before := *answered
			b.Run(2 * time.Minute)
			if g.clear > 0 {
				t.Errorf("%d packets in clear, the first at %v on %s from %v", g.clear, g.first.at, g.first.link, g.first.src)
			}
			if g.protected < 1000 || *answered < before+1000 {
				t.Errorf("there was no traffic to speak of: %d packets, %d replies", g.protected, *answered-before)
			}
		})
	}
}

// The control: the same guard sees the same traffic when there is no
// protection.
func TestFailClosedControl(t *testing.T) {
	without := map[string][]string{}
	for _, n := range []string{"Spoke1", "Spoke2"} {
		without[n] = []string{"tunnel protection IPsec profile vpnprof shared", ""}
	}
	for _, n := range []string{"Hub1", "Hub2"} {
		without[n] = []string{"tunnel protection IPsec profile vpnprof ", ""}
	}
	b, g, answered := closedBench(t, without)
	b.Run(time.Minute)
	if g.clear < 1000 || g.protected > 0 || *answered < 1000 {
		t.Errorf("%d packets in clear, %d protected, %d replies", g.clear, g.protected, *answered)
	}
}

// A tunnel whose protection is refused at boot stays down, says why, and lets
// nothing out: without it, its packets could only leave in clear.
func TestRefusedProtectionStaysClosed(t *testing.T) {
	const tunnel1 = "tunnel key 100001\n  tunnel protection IPsec profile vpnprof shared"
	for name, c := range map[string]struct{ line, why string }{
		"rule 2":     {"tunnel protection IPsec profile vpnprof", "Tunnel1"},
		"rule 6":     {"tunnel protection IPsec profile nowhere shared", "the IPsec profile nowhere does not exist"},
		"a misprint": {"tunnel protection IPsec profile vpnprof shard", "its protection was not understood"},
	} {
		t.Run(name, func(t *testing.T) {
			b, g, answered := closedBench(t, map[string][]string{"Spoke1": {tunnel1, "tunnel key 100001\n  " + c.line}})
			b.Run(5 * time.Minute)
			if g.clear > 0 {
				t.Errorf("%d packets in clear, the first at %v on %s from %v", g.clear, g.first.at, g.first.link, g.first.src)
			}
			b.want("Spoke1", "show interfaces Tunnel1", "line protocol is down")
			if shown := b.say("Spoke1", "show logging") + b.say("Spoke1", "show interfaces Tunnel1"); !strings.Contains(shown, c.why) {
				t.Errorf("%q is not in\n%s", c.why, shown)
			}
			if *answered < 1000 {
				t.Errorf("the other tunnel has had %d replies", *answered)
			}
			b.ping("Spoke1", "10.0.0.12")
		})
	}
}

// A protection that could not be read keeps its tunnel closed until there is
// another: no other line opens it, nor does writing the configuration back.
func TestUnreadProtectionStaysClosed(t *testing.T) {
	for name, stir := range map[string]func(b *bench){
		"other lines": func(b *bench) { b.configure("Hub1", "interface Tunnel0", "tunnel key 100000", "no shutdown") },
		"written back": func(b *bench) {
			b.say("Hub1", "write memory")
			b.router("Hub1", func(r *backend.Router) { r.Reload(b.Now()) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, g, answered := closedBench(t, map[string][]string{
				"Hub1": {"tunnel protection IPsec profile vpnprof ", "tunnel protecton IPsec profile vpnprof"}})
			b.want("Hub1", "show interfaces Tunnel0", "its protection was not understood")
			stir(b)
			b.Run(10 * time.Second)
			b.want("Hub1", "show interfaces Tunnel0", "line protocol is down")
			b.configure("Hub1", "interface Tunnel0", "tunnel protection ipsec profile vpnprof", "no shutdown")
			b.Run(2 * time.Minute)
			b.ping("Spoke1", "10.0.0.1")
			if g.clear > 0 || *answered == 0 {
				t.Errorf("%d packets in clear, %d replies", g.clear, *answered)
			}
		})
	}
}
