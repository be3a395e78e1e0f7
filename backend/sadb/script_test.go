package sadb

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The names of the scripts.
var (
	peerNames = map[string]netip.Addr{"A": spokeAddr, "B": otherAddr}
	boot      = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
)

const (
	s     = time.Second
	never = time.Duration(-1)
)

func policyOf(name string, tunnels ...string) Policy {
	p := Policy{SADB: name, Local: hubAddr, Lifetime: Lifetime{Seconds: 3600, Kilobytes: 1000}}
	for _, t := range tunnels {
		p.Tunnels = append(p.Tunnels, Member{Name: t})
	}
	return p
}

// configs are what "config" sets.
var configs = map[string]Policies{
	"shared":  {policyOf("vpnprof", "T0", "T1")},
	"T0 left": {policyOf("vpnprof", "T1")},
	"two":     {policyOf("one", "T0"), policyOf("vpnprof", "T1")},
	"none":    {},
	"moved": {func() Policy {
		p := policyOf("vpnprof", "T0", "T1")
		p.Local = elsewhere
		return p
	}()},
	"other policy": {func() Policy {
		p := policyOf("vpnprof", "T0", "T1")
		p.Sets, p.PFS, p.Lifetime = []TransformSet{{Name: "new", Cipher: DES}}, 14, Lifetime{Seconds: 120}
		return p
	}()},
	"idle": {func() Policy {
		p := policyOf("vpnprof", "T0", "T1")
		p.IdleTime = 600 * s
		return p
	}()},
	"T0 to A": {{SADB: "vpnprof", Local: hubAddr, Tunnels: []Member{{Name: "T0", Remote: spokeAddr}, {Name: "T1"}}}},
}

// An actor does what one line of a script says.
type actor struct{ *Engine }

func newActor() actor {
	a := actor{New()}
	a.Configure(boot, Config{configs["shared"]})
	return a
}

func (a actor) do(now time.Time, line string) string {
	verb, rest, _ := strings.Cut(line, " ")
	args := append(strings.Fields(rest), "", "")
	spi, _ := strconv.Atoi(args[0])
	peer := peerNames[args[0]]
	switch verb {
	case "advance":
		return a.Advance(now).String()
	case "config":
		return a.Configure(now, Config{configs[rest]}).String()
	case "open":
		return a.Open(now, args[0], peerNames[args[1]]).String()
	case "close":
		return a.Close(now, args[0], peerNames[args[1]]).String()
	case "mine", "theirs":
		return a.Installed(now, pairOf("vpnprof", hubAddr, peerNames[args[1]], verb == "mine", uint32(spi))).String()
	case "deleted":
		return a.Deleted(now, a.keysOf(rest)).String()
	case "unconfirmed":
		return a.Unconfirmed(now, a.keysOf(args[0])[0]).String()
	case "failed-old":
		return a.Failed(now, Request{"vpnprof", hubAddr, peer, nil}, "no reason").String()
	case "failed":
		return a.Failed(now, Request{"vpnprof", a.dbs[0].policy.Local, peer, nil}, "no reason").String()
	case "acquire":
		return a.Acquire(now, "vpnprof", "T0", peer).String()
	case "carried":
		percent, _ := strconv.Atoi(args[1])
		keys := a.keysOf(args[0])
		return a.Volume(now, keys[len(keys)-1], uint64(percent*10*1024)).String()
	case "clear": // a peer or "-", a map
		return a.Clear(now, Selector{Peer: peer, SADB: args[1]}).String()
	case "sas":
		return spisOf(a.SAs())
	case "instances":
		return a.Snapshot().String()
	}
	panic(line)
}

// pairOf is a pair whose inbound SPI is spi, and its outbound one the next.
func pairOf(db string, local, peer netip.Addr, initiator bool, spi uint32) Pair {
	return Pair{SADB: db, Local: local, Peer: peer, Initiator: initiator,
		In:       []SA{{Proto: ESP, SPI: spi, Src: peer, Dst: local, SADB: db}},
		Out:      []SA{{Proto: ESP, SPI: spi + 1, Src: local, Dst: peer, SADB: db}},
		Lifetime: Lifetime{Seconds: 3600, Kilobytes: 1000}}
}

// keysOf are the keys of SAs by their SPIs, of either direction.
func (a actor) keysOf(spis string) (keys []Key) {
	for word := range strings.FieldsSeq(spis) {
		spi, _ := strconv.Atoi(word)
		for _, dst := range []netip.Addr{hubAddr, spokeAddr, otherAddr} {
			if key := (Key{ESP, dst, uint32(spi)}); dst == hubAddr || a.byKey[key] != nil {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// spisOf are the SPIs, those to send under marked.
func spisOf(sas []SA) string {
	var words []string
	for _, sa := range sas {
		mark := ""
		if sa.Src == hubAddr || sa.Src == elsewhere {
			mark = ">"
		}
		words = append(words, fmt.Sprint(mark, sa.SPI))
	}
	return strings.Join(words, " ")
}

func nameOf(peer netip.Addr) string {
	for _, name := range []string{"A", "B"} {
		if peerNames[name] == peer {
			return name
		}
	}
	return peer.String()
}

// String is the output without its log, in the order in which it is carried
// out; Changed has a test of its own.
func (o Output) String() string {
	var said []string
	for _, p := range o.Delete {
		said = append(said, fmt.Sprintf("delete %d", p.In[0].SPI))
	}
	for _, r := range o.Down {
		said = append(said, fmt.Sprintf("down %s %s", r.Tunnel, nameOf(r.Peer)))
	}
	for _, q := range o.Negotiate {
		ask := "ask " + nameOf(q.Peer)
		if q.SADB != "vpnprof" {
			ask += " for " + q.SADB
		}
		if q.Local != hubAddr {
			ask += " from " + q.Local.String()
		}
		for _, k := range q.Replaces {
			ask += fmt.Sprintf(" in place of %d", k.SPI)
		}
		said = append(said, ask)
	}
	for _, r := range o.Up {
		said = append(said, fmt.Sprintf("up %s %s", r.Tunnel, nameOf(r.Peer)))
	}
	return strings.Join(said, ", ")
}

// String is a line of all instances: number, peer, holders, inbound SPIs.
func (all Snapshot) String() string {
	var said []string
	for _, db := range all.SADBs {
		for _, i := range db.Instances {
			line := fmt.Sprintf("%d %s [%s]", i.Sequence, nameOf(i.Peer), strings.Join(i.Tunnels, " "))
			for _, p := range i.Pairs {
				line += fmt.Sprintf(" %d", p.In[0].SPI)
				if p.Superseded {
					line += "-"
				}
			}
			said = append(said, line)
		}
	}
	return strings.Join(said, ", ")
}

// A row is one call: when and what, what must come of it, and when the engine
// must want to run next.
type row struct {
	at   time.Duration
	do   string
	want string
	next time.Duration
}

// play plays every script on an engine of its own, and says what differs.
func play(t *testing.T, scripts map[string][]row) {
	t.Helper()
	for name, rows := range scripts {
		a := newActor()
		for _, r := range rows {
			got, next := a.do(boot.Add(r.at), r.do), never
			if !a.Next().IsZero() {
				next = a.Next().Sub(boot)
			}
			if got != r.want || next != r.next {
				t.Errorf("%s, at %v, %s:\n %q, next %v; want\n %q, next %v", name, r.at, r.do, got, next, r.want, r.next)
				break
			}
		}
	}
}
