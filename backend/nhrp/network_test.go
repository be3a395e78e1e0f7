package nhrp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// delay is what a packet of the test network takes, whatever its way.
const delay = 10 * time.Millisecond

// A network is engines on one NBMA network, with protection as an SADB would
// give it: a pair of stations is protected from the moment one of them opens
// the other, for as long as one of them wants it.
type network struct {
	t        *testing.T
	now      time.Time
	stations []*station
	wire     []flight
	log      []string                                // "R1: log …": everything that was said
	lose     func(from, to *station, m Message) bool // nil: nothing
	opening  time.Duration                           // how long protection takes
}

type station struct {
	*Engine
	name  string
	nbma  netip.Addr
	cfg   Config
	wants map[Peer]bool // opened and not closed
}

// A flight is something that will happen: a packet arrives, a peer comes up.
type flight struct {
	at time.Time
	do func()
}

func newNetwork(t *testing.T) *network { return &network{t: t, now: boot} }

func (w *network) add(name, nbma string, tunnels ...Interface) *station {
	s := &station{Engine: New(), name: name, nbma: ip(nbma), wants: map[Peer]bool{}}
	s.cfg = Config{Rand: &counter{n: uint32(1000 * len(w.stations))}, Interfaces: tunnels}
	for i := range s.cfg.Interfaces {
		s.cfg.Interfaces[i].NBMA = s.nbma
	}
	w.stations = append(w.stations, s)
	return s
}

// boot configures every station.
func (w *network) boot() {
	for _, s := range w.stations {
		w.configure(s)
	}
}

func (w *network) configure(s *station) {
	s.cfg.Interfaces = slices.Clone(s.cfg.Interfaces)
	w.carry(s, s.Configure(w.now, s.cfg))
}

func (w *network) at(nbma netip.Addr) *station {
	for _, s := range w.stations {
		if s.nbma == nbma {
			return s
		}
	}
	return nil
}

// carry carries an output out, in the documented order.
func (w *network) carry(s *station, out Output) {
	if said := out.String(); said != "" {
		w.log = append(w.log, fmt.Sprintf("%s: %s", s.name, said))
	}
	s.book(w.t, out)
	for _, p := range out.Open {
		w.later(w.opening, func() {
			if s.wants[p] {
				w.carry(s, s.PeerUp(w.now, p.Tunnel, p.NBMA))
			}
		})
	}
	for _, p := range out.Send {
		w.send(s, p)
	}
}

// book keeps the peers: each is opened once and closed once.
func (s *station) book(t *testing.T, out Output) {
	t.Helper()
	for _, p := range out.Close {
		if !s.wants[p] {
			t.Errorf("%s closes %v, which is not open", s.name, p)
		}
		delete(s.wants, p)
	}
	for _, p := range out.Open {
		if s.wants[p] {
			t.Errorf("%s opens %v twice", s.name, p)
		}
		s.wants[p] = true
	}
}

// take lets a packet come in, off the wire of the network.
func (s *station) take(w *network, p Packet) Output {
	w.t.Helper()
	out := s.Receive(w.now, p)
	s.book(w.t, out)
	return out
}

func (w *network) later(d time.Duration, do func()) {
	w.wire = append(w.wire, flight{w.now.Add(d), do})
}

func (w *network) send(from *station, p Packet) {
	to := w.at(p.NBMA)
	m, _ := Parse(p.Payload)
	if to == nil || w.lose != nil && w.lose(from, to, m) {
		return
	}
	w.later(delay, func() {
		w.carry(to, to.Receive(w.now, Packet{Tunnel: p.Tunnel, NBMA: from.nbma, Payload: p.Payload}))
	})
}

// run lets d pass.
func (w *network) run(d time.Duration) {
	until := w.now.Add(d)
	for steps := 0; ; steps++ {
		if steps > 100000 {
			w.t.Fatal("the network does not come to rest")
		}
		next, do := w.next()
		if do == nil || next.After(until) {
			break
		}
		w.now = next
		do()
	}
	w.now = until
}

// next is what happens first: packets before timers, in order of birth.
func (w *network) next() (at time.Time, do func()) {
	for i, f := range w.wire {
		if do == nil || f.at.Before(at) {
			at = f.at
			do = func() {
				w.wire = slices.Delete(w.wire, i, i+1)
				f.do()
			}
		}
	}
	for _, s := range w.stations {
		if next := s.Next(); !next.IsZero() && (do == nil || next.Before(at)) {
			at, do = next, func() { w.carry(s, s.Advance(next)) }
		}
	}
	return at, do
}

// said returns what was said since the last call.
func (w *network) said() string {
	all := strings.Join(w.log, "\n")
	w.log = nil
	return all
}

func (w *network) want(what, got, want string) {
	w.t.Helper()
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		w.t.Errorf("%s:\n%s\nwant:\n%s", what, strings.TrimSpace(got), strings.TrimSpace(want))
	}
}

// hubTunnel and spokeTunnel are interfaces of the documented network.
func hubTunnel(name, addr string) Interface {
	return Interface{Name: name, Addr: prefix(addr + "/24"), Up: true, Multipoint: true, Protected: true,
		Authentication: "test", NetworkID: 1, Holdtime: 600 * time.Second, Unique: true, Dynamic: true}
}

func spokeTunnel(name, addr, hub, hubNBMA string) Interface {
	i := hubTunnel(name, addr)
	i.Dynamic, i.Holdtime = false, 300*time.Second
	i.Maps = []Map{{ip(hub), ip(hubNBMA)}}
	i.Multicast = []netip.Addr{ip(hubNBMA)}
	i.NHS = []netip.Addr{ip(hub)}
	return i
}

// cloud is a hub and two spokes.
func cloud(t *testing.T) (w *network, hub, spoke1, spoke2 *station) {
	w = newNetwork(t)
	hub = w.add("Hub", "172.17.0.1", hubTunnel("Tunnel0", "10.0.0.1"))
	spoke1 = w.add("Spoke1", "172.17.0.11", spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1"))
	spoke2 = w.add("Spoke2", "172.17.0.12", spokeTunnel("Tunnel0", "10.0.0.12", "10.0.0.1", "172.17.0.1"))
	w.boot()
	return w, hub, spoke1, spoke2
}

// registeredCloud is one that has come up.
func registeredCloud(t *testing.T) (w *network, hub, spoke1, spoke2 *station) {
	w, hub, spoke1, spoke2 = cloud(t)
	w.run(5 * time.Second)
	w.said()
	return w, hub, spoke1, spoke2
}
