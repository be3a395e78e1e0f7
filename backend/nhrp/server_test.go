package nhrp

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// newHub is the documented hub.
func newHub(t *testing.T, change func(*Interface)) (*station, *network) {
	t.Helper()
	w := newNetwork(t)
	i := hubTunnel("Tunnel0", "10.0.0.1")
	if change != nil {
		change(&i)
	}
	hub := w.add("Hub", "172.17.0.1", i)
	w.boot()
	return hub, w
}

// registering is a registration request as a client at nbma sends it.
func registering(addr, nbma string, change func(*Message)) Packet {
	m := Message{Hops: 64, Type: RegistrationRequest, Flags: flagUnique | flagNAT, ID: 7,
		SrcNBMA: ip(nbma), Src: ip(addr), Dst: ip("10.0.0.1"),
		Clients: []Client{{Prefix: 0xff, Hold: 300}}}
	if change != nil {
		change(&m)
	}
	return Packet{"Tunnel0", ip(nbma), signed(m)}
}

func notUnique(m *Message) { m.Flags, m.Clients[0].Prefix = flagNAT, 32 }

func holdFor(seconds uint16) func(*Message) {
	return func(m *Message) { m.Clients[0].Hold = seconds }
}

func TestUniqueRegistrationIsEnforced(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.want(t, w, registering("10.0.0.11", "172.17.0.11", nil),
		"open 172.17.0.11, log client 10.0.0.11 at 172.17.0.11, registration 7 to 172.17.0.11")
	for name, thief := range map[string]func(*Message){"unique": nil, "not unique": notUnique} {
		t.Log(name)
		hub.want(t, w, registering("10.0.0.11", "172.17.0.66", thief),
			"log 10.0.0.11 is unique at 172.17.0.11, wanted by 172.17.0.66, registration 7 code 14 to 172.17.0.66")
	}
	if n := hub.Snapshot().Traffic[0].UniqueRefused; n != 2 {
		t.Errorf("%d refusals counted, want 2", n)
	}
	w.want("nothing changed", sayEntries(hub.Engine, w.now), "10.0.0.11/32 Tunnel0 dynamic unique registered 172.17.0.11 5m0s")
	w.run(300*sec - 1)
	hub.want(t, w, registering("10.0.0.11", "172.17.0.66", nil),
		"log 10.0.0.11 is unique at 172.17.0.11, wanted by 172.17.0.66, registration 7 code 14 to 172.17.0.66")
	w.said()
	w.run(1)
	w.want("its time is over", w.said(), "Hub: close 172.17.0.11, log client 10.0.0.11 down (expired)")
	hub.want(t, w, registering("10.0.0.11", "172.17.0.66", nil),
		"open 172.17.0.66, log client 10.0.0.11 at 172.17.0.66, registration 7 to 172.17.0.66")
}

// TestUniqueEndsWithItsTime, even if the deadline has not been run yet.
func TestUniqueEndsWithItsTime(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.take(w, registering("10.0.0.11", "172.17.0.11", nil))
	w.now = w.now.Add(300 * sec)
	hub.want(t, w, registering("10.0.0.11", "172.17.0.66", nil), "close 172.17.0.11, open 172.17.0.66, "+
		"log client 10.0.0.11 down (replaced), log client 10.0.0.11 at 172.17.0.66, registration 7 to 172.17.0.66")
}

// TestRegistrationOfWhatWasAskedFor: the entry begins with the registration.
func TestRegistrationOfWhatWasAskedFor(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.Resolve(w.now, "Tunnel0", ip("10.0.0.11"))
	w.run(10 * sec)
	hub.take(w, registering("10.0.0.11", "172.17.0.11", nil))
	if n := hub.Snapshot().Entries[0]; !n.Created.Equal(w.now) || n.Type != Dynamic {
		t.Errorf("the entry is %+v, want one that begins now", n)
	}
}

// TestPrefixLengths: implementations differ in how they say "a host".
func TestPrefixLengths(t *testing.T) {
	for length, host := range map[uint8]bool{0: true, 1: false, 24: false, 31: false, 32: true, 33: true, 255: true} {
		hub, w := newHub(t, nil)
		hub.take(w, registering("10.0.0.11", "172.17.0.11", func(m *Message) { m.Clients[0].Prefix = length }))
		if registered := len(hub.Neighbors()) == 1; registered != host {
			t.Errorf("prefix length %d: registered: %v, want %v", length, registered, host)
		}
	}
}

// TestHostMask: a tunnel with a host mask has no subnet to keep clients to.
func TestHostMask(t *testing.T) {
	hub, w := newHub(t, func(i *Interface) { i.Addr = prefix("10.0.0.1/32") })
	hub.take(w, registering("10.0.0.11", "172.17.0.11", nil))
	w.want("neighbours", sayNeighbors(hub.Engine), "10.0.0.11>172.17.0.11")
}

func TestNotUniqueRegistrationMoves(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.want(t, w, registering("10.0.0.11", "172.17.0.11", notUnique),
		"open 172.17.0.11, log client 10.0.0.11 at 172.17.0.11, registration 7 to 172.17.0.11")
	hub.want(t, w, registering("10.0.0.11", "172.17.0.66", notUnique), "close 172.17.0.11, open 172.17.0.66, "+
		"log client 10.0.0.11 down (replaced), log client 10.0.0.11 at 172.17.0.66, registration 7 to 172.17.0.66")
	w.want("entry", sayEntries(hub.Engine, w.now), "10.0.0.11/32 Tunnel0 dynamic registered 172.17.0.66 5m0s")
	if m := hub.Multicasts(); len(m) != 1 || m[0].NBMA != ip("172.17.0.66") {
		t.Errorf("multicast goes to %v", m)
	}
}

func TestRegistrationIsRefreshed(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.take(w, registering("10.0.0.11", "172.17.0.11", nil))
	w.run(100 * sec)
	hub.want(t, w, registering("10.0.0.11", "172.17.0.11", nil), "registration 7 to 172.17.0.11")
	w.want("entry", sayEntries(hub.Engine, w.now), "10.0.0.11/32 Tunnel0 dynamic unique registered 172.17.0.11 5m0s")
	if age := w.now.Sub(hub.Snapshot().Entries[0].Created); age != 100*sec {
		t.Errorf("created %v ago, want 100 s", age)
	}
}

// TestPeersAreCounted: two clients behind one NBMA address are one peer.
func TestPeersAreCounted(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.want(t, w, registering("10.0.0.11", "172.17.0.11", holdFor(100)),
		"open 172.17.0.11, log client 10.0.0.11 at 172.17.0.11, registration 7 to 172.17.0.11")
	hub.want(t, w, registering("10.0.0.12", "172.17.0.11", holdFor(200)),
		"log client 10.0.0.12 at 172.17.0.11, registration 7 to 172.17.0.11")
	if m := hub.Multicasts(); len(m) != 1 {
		t.Errorf("multicast goes to %v, want one copy", m)
	}
	w.want("first goes", hub.Advance(w.now.Add(100*sec)).String(), "log client 10.0.0.11 down (expired)")
	w.want("last goes", hub.Advance(w.now.Add(200*sec)).String(), "close 172.17.0.11, log client 10.0.0.12 down (expired)")
}

var refusedRegistrations = map[string]struct {
	change func(*Message)
	want   string
}{
	"the hub's own address": {func(m *Message) { m.Src = ip("10.0.0.1") },
		"log register from 172.17.0.66 refused: 10.0.0.1 bad address, registration 7 code 4 to 172.17.0.66"},
	"an address off the subnet": {func(m *Message) { m.Src = ip("192.168.0.1") },
		"log register from 172.17.0.66 refused: 192.168.0.1 bad address, registration 7 code 4 to 172.17.0.66"},
	"a group": {func(m *Message) { m.Src = ip("224.0.0.5") },
		"log register from 172.17.0.66 refused: 224.0.0.5 bad address, registration 7 code 4 to 172.17.0.66"},
	"no address": {func(m *Message) { m.Src = netip.Addr{} },
		"log register from 172.17.0.66 refused: invalid IP bad address, registration 7 code 4 to 172.17.0.66"},
	"a prefix": {func(m *Message) { m.Clients[0].Prefix = 25 },
		"log register from 172.17.0.66 refused: 10.0.0.66 bad address, registration 7 code 4 to 172.17.0.66"},
	"another station": {func(m *Message) { m.Clients[0].Addr = ip("10.0.0.11") },
		"log register from 172.17.0.66 refused: 10.0.0.66 bad address, registration 7 code 4 to 172.17.0.66"},
	"a statically mapped address": {func(m *Message) { m.Src = ip("10.0.0.50") },
		"log register from 172.17.0.66 refused: 10.0.0.50 bad address, registration 7 code 4 to 172.17.0.66"},
	"no holding time": {func(m *Message) { m.Clients[0].Hold = 0 },
		"log register from 172.17.0.66 refused: 10.0.0.66 bad address, registration 7 code 4 to 172.17.0.66"},
	"another's NBMA address": {func(m *Message) { m.SrcNBMA = ip("172.17.0.11") },
		"log register from 172.17.0.66 refused: 10.0.0.66 spoofed, error 7 to 172.17.0.66"},
	"with another server": {func(m *Message) { m.Dst = ip("10.0.0.2") },
		"log register from 172.17.0.66 refused: 10.0.0.2 not here, error 6 to 172.17.0.66"},
	"nothing": {func(m *Message) { m.Clients = nil }, "error 7 to 172.17.0.66"},
}

func TestRefusedRegistrations(t *testing.T) {
	for name, r := range refusedRegistrations {
		hub, w := newHub(t, func(i *Interface) { i.Maps = []Map{{ip("10.0.0.50"), ip("172.17.0.50")}} })
		out := hub.take(w, registering("10.0.0.66", "172.17.0.66", r.change))
		if out.String() != r.want || out.Changed {
			t.Errorf("%s: %v (changed: %v), want %s", name, out, out.Changed, r.want)
		}
		w.want(name, sayEntries(hub.Engine, w.now), "10.0.0.50/32 Tunnel0 static 172.17.0.50")
	}
}

// TestRegistrationThroughNAT: the claimed address is not the one the packet
// came from; the entry gets the latter, and the client is told.
func TestRegistrationThroughNAT(t *testing.T) {
	hub, w := newHub(t, nil)
	p := registering("10.0.0.11", "192.0.2.1", func(m *Message) {
		m.SrcNBMA = ip("192.168.7.7")
		m.setExtension(extNAT, false, nil)
	})
	out := hub.take(w, p)
	m, err := Parse(out.Send[0].Payload)
	if err != nil || m.seen(ip("10.0.0.11"), m.SrcNBMA) != ip("192.0.2.1") {
		t.Errorf("the client is told %+v, %v", m, err)
	}
	w.want("entry", sayEntries(hub.Engine, w.now), "10.0.0.11/32 Tunnel0 dynamic unique registered 192.0.2.1 5m0s")
}

func purging(by, addr string, flags uint16) Packet {
	return Packet{"Tunnel0", ip(by), signed(Message{Hops: 64, Type: PurgeRequest, Flags: flags, ID: 9,
		SrcNBMA: ip(by), Src: ip("10.0.0.66"), Dst: ip("10.0.0.1"), Clients: []Client{{Prefix: 32, Addr: ip(addr)}}})}
}

func TestPurge(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.take(w, registering("10.0.0.11", "172.17.0.11", nil))
	hub.want(t, w, purging("172.17.0.66", "10.0.0.11", 0),
		"log purge from 172.17.0.66 refused: 10.0.0.11 foreign, purged 9 to 172.17.0.66")
	w.want("a foreign entry stays", sayNeighbors(hub.Engine), "10.0.0.11>172.17.0.11")
	hub.want(t, w, purging("172.17.0.11", "10.0.0.11", 0),
		"close 172.17.0.11, log client 10.0.0.11 down (purged), purged 9 to 172.17.0.11")
	w.want("its own is gone", sayEntries(hub.Engine, w.now), "")
	hub.take(w, registering("10.0.0.11", "172.17.0.11", nil))
	hub.want(t, w, purging("172.17.0.11", "10.0.0.11", flagNoReply), "close 172.17.0.11, log client 10.0.0.11 down (purged)")
}

// TestPurgeOfResolved: the server that vouched for a mapping may withdraw it,
// and so may the station itself; a third may not, and nobody a static one.
func TestPurgeOfResolved(t *testing.T) {
	for by, want := range map[string]string{
		"172.17.0.1":  "close 172.17.0.12",
		"172.17.0.12": "close 172.17.0.12",
		"172.17.0.13": "log purge from 172.17.0.13 refused: 10.0.0.12 foreign",
	} {
		w, _, spoke1, _ := registeredCloud(t)
		w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
		w.run(1 * sec)
		spoke1.want(t, w, purging(by, "10.0.0.12", flagNoReply), want)
		spoke1.want(t, w, purging(by, "10.0.0.1", flagNoReply), "log purge from "+by+" refused: 10.0.0.1 foreign")
	}
}

func TestClear(t *testing.T) {
	w, hub, spoke1, _ := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.run(1 * sec)
	w.said()
	w.want("another tunnel", spoke1.Clear(w.now, Selector{Tunnel: "Tunnel1"}).String(), "")
	w.want("another address", spoke1.Clear(w.now, Selector{Addr: prefix("10.0.0.77/32")}).String(), "register 1003 to 172.17.0.1")
	w.want("all", spoke1.Clear(w.now, Selector{}).String(), "close 172.17.0.12, register 1004 to 172.17.0.1")
	w.want("left", sayEntries(spoke1.Engine, w.now), "10.0.0.1/32 Tunnel0 static used 172.17.0.1")
	w.want("hub", hub.Clear(w.now, Selector{Addr: prefix("10.0.0.11/32")}).String(),
		"close 172.17.0.11, log client 10.0.0.11 down (cleared)")
}

func TestMaxSend(t *testing.T) {
	hub, w := newHub(t, func(i *Interface) { i.MaxSend = Rate{Packets: 3, Interval: 10 * sec} })
	sent := func() (n int) {
		for range 5 {
			n += len(hub.take(w, registering("10.0.0.11", "172.17.0.11", nil)).Send)
		}
		return n
	}
	if n := sent(); n != 3 {
		t.Errorf("%d packets sent, want 3", n)
	}
	w.run(10*sec - 1)
	if n := sent(); n != 0 {
		t.Errorf("%d packets sent before the interval is over, want none", n)
	}
	w.run(1)
	if n := sent(); n != 3 {
		t.Errorf("%d packets sent in the next interval, want 3", n)
	}
	traffic := hub.Snapshot().Traffic[0]
	if traffic.Throttled != 9 || traffic.Sent[RegistrationReply] != 6 || traffic.Received[RegistrationRequest] != 15 {
		t.Errorf("counted: %+v", traffic)
	}
	if traffic.MaxSend != (Rate{3, 10 * sec}) {
		t.Errorf("shown as %v", traffic.MaxSend)
	}
}

func TestCacheIsBounded(t *testing.T) {
	hub, w := newHub(t, nil)
	hub.cfg.MaxEntries = 4
	w.configure(hub)
	for _, addr := range []string{"10.0.0.91", "10.0.0.92", "10.0.0.93"} {
		hub.Resolve(w.now, "Tunnel0", ip(addr)) // only one of four may be a guess
	}
	for _, host := range []string{"11", "12", "13"} {
		hub.take(w, registering("10.0.0."+host, "172.17.0."+host, nil))
	}
	hub.want(t, w, registering("10.0.0.14", "172.17.0.14", nil),
		"log register from 172.17.0.14 refused: 10.0.0.14 cache full, registration 7 code 5 to 172.17.0.14")
	hub.want(t, w, registering("10.0.0.13", "172.17.0.13", nil), "registration 7 to 172.17.0.13")
	if n := strings.Count(sayEntries(hub.Engine, w.now), "\n"); n != 4 {
		t.Errorf("%d entries, want 4", n)
	}
	w.run(time.Hour)
	hub.want(t, w, registering("10.0.0.14", "172.17.0.14", nil),
		"open 172.17.0.14, log client 10.0.0.14 at 172.17.0.14, registration 7 to 172.17.0.14")
}
