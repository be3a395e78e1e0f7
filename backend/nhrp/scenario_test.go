package nhrp

import (
	"strings"
	"testing"
	"time"
)

const sec = time.Second

func TestRegistration(t *testing.T) {
	w, hub, spoke1, _ := cloud(t)
	w.run(5 * sec)
	w.want("boot", w.said(), `
Spoke1: open 172.17.0.1
Spoke2: open 172.17.0.1
Spoke1: register 1001 to 172.17.0.1
Spoke2: register 2001 to 172.17.0.1
Hub: open 172.17.0.11, log client 10.0.0.11 at 172.17.0.11, registration 1001 to 172.17.0.11
Hub: open 172.17.0.12, log client 10.0.0.12 at 172.17.0.12, registration 2001 to 172.17.0.12
Spoke1: log server 10.0.0.1 up
Spoke2: log server 10.0.0.1 up`)
	w.want("hub", sayEntries(hub.Engine, w.now), `
10.0.0.11/32 Tunnel0 dynamic unique registered 172.17.0.11 4m55.01s
10.0.0.12/32 Tunnel0 dynamic unique registered 172.17.0.12 4m55.01s`)
	w.want("spoke", sayEntries(spoke1.Engine, w.now), `10.0.0.1/32 Tunnel0 static used 172.17.0.1`)
	w.want("hub's neighbours", sayNeighbors(hub.Engine), "10.0.0.11>172.17.0.11 10.0.0.12>172.17.0.12")
	if m := hub.Multicasts(); len(m) != 2 || m[0].NBMA != spoke1.nbma {
		t.Errorf("multicast goes to %v, want to both clients", m)
	}
	w.run(90 * sec)
	w.want("spoke, a minute without control packets", sayEntries(spoke1.Engine, w.now),
		`10.0.0.1/32 Tunnel0 static 172.17.0.1`)
	w.run(10 * sec)
	w.want("hub, refreshed", sayEntries(hub.Engine, w.now), `
10.0.0.11/32 Tunnel0 dynamic unique registered 172.17.0.11 4m55.03s
10.0.0.12/32 Tunnel0 dynamic unique registered 172.17.0.12 4m55.03s`)
}

// TestSpokeToSpoke is the documented exchange: the requester's data goes by
// the hub until the other spoke has opened protection and answered straight.
func TestSpokeToSpoke(t *testing.T) {
	w, _, spoke1, spoke2 := registeredCloud(t)
	w.opening = 100 * time.Millisecond
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.want("meanwhile", sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.1")
	w.want("meanwhile", sayEntries(spoke1.Engine, w.now), `
10.0.0.1/32 Tunnel0 static used 172.17.0.1
10.0.0.12/32 Tunnel0 incomplete negative 3m0s`)
	w.run(1 * sec)
	w.want("resolution", w.said(), `
Spoke1: resolve 1002 to 172.17.0.1
Hub: resolve 1002 to 172.17.0.12
Spoke2: open 172.17.0.11
Spoke2: resolution 1002 to 172.17.0.11
Spoke1: open 172.17.0.12`)
	w.want("requester", sayEntries(spoke1.Engine, w.now), `
10.0.0.1/32 Tunnel0 static used 172.17.0.1
10.0.0.12/32 Tunnel0 dynamic router 172.17.0.12 4m59.13s`)
	w.want("requester's way", sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12")
	w.want("answering spoke", sayEntries(spoke2.Engine, w.now), `
10.0.0.1/32 Tunnel0 static used 172.17.0.1
10.0.0.11/32 Tunnel0 dynamic router 172.17.0.11 4m59.02s`)
	if out := spoke2.Resolve(w.now, "Tunnel0", ip("10.0.0.11")); out.String() != "" {
		t.Errorf("the answering spoke asks for what it was told: %v", out)
	}
}

// TestRequesterWaitsForItsOwnProtection: an answer that came by the hub names
// a peer that is not protected yet; data still goes by the hub.
func TestRequesterWaitsForItsOwnProtection(t *testing.T) {
	w, hub, spoke1, spoke2 := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	request := lastSent(t, spoke1.Engine, 1002, spoke1)
	reply := request
	reply.Type, reply.Clients = ResolutionReply, []Client{{Prefix: 32, Hold: 300, NBMA: spoke2.nbma, Addr: ip("10.0.0.12")}}
	spoke1.want(t, w, Packet{"Tunnel0", hub.nbma, signed(reply)}, "open 172.17.0.12")
	w.want("before", sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.1")
	if out := spoke1.PeerUp(w.now, "Tunnel0", spoke2.nbma); !out.Changed {
		t.Error("the way changed, and nobody is told")
	}
	w.want("after", sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12")
	if out := spoke1.PeerDown(w.now, "Tunnel0", spoke2.nbma); !out.Changed {
		t.Error("the way changed back, and nobody is told")
	}
	w.want("without protection", sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.1")
}

// lastSent is the request that an engine has in flight, as it was sent.
func lastSent(t *testing.T, e *Engine, id uint32, s *station) Message {
	t.Helper()
	for _, tn := range e.tunnels {
		for _, n := range tn.order {
			if n.request.id == id {
				return tn.resolutionMessage(n)
			}
		}
	}
	t.Fatalf("%s has no request %d in flight", s.name, id)
	return Message{}
}

func signed(m Message) []byte {
	m.sign("test")
	return m.AppendTo(nil)
}

// want lets a packet come in and compares what is said to it.
func (s *station) want(t *testing.T, w *network, p Packet, want string) {
	t.Helper()
	if got := s.take(w, p).String(); got != want {
		t.Errorf("%s says %q, want %q", s.name, got, want)
	}
}

// TestDocumentedCaches are the caches that the two clouds of the documented
// network end with: four entries for three peers.
func TestDocumentedCaches(t *testing.T) {
	w := newNetwork(t)
	w.add("Hub1", "172.17.0.1", hubTunnel("Tunnel0", "10.0.0.1"))
	w.add("Hub2", "172.17.0.5", hubTunnel("Tunnel1", "10.0.1.1"))
	both := func(n string) []Interface {
		return []Interface{spokeTunnel("Tunnel0", "10.0.0."+n, "10.0.0.1", "172.17.0.1"),
			spokeTunnel("Tunnel1", "10.0.1."+n, "10.0.1.1", "172.17.0.5")}
	}
	spoke1 := w.add("Spoke1", "172.17.0.11", both("11")...)
	spoke2 := w.add("Spoke2", "172.17.0.12", both("12")...)
	spoke1.cfg.Interfaces[0].Up = false
	w.boot()
	w.run(7 * time.Minute)
	spoke1.cfg.Interfaces[0].Up = true
	w.configure(spoke1)
	w.run(200 * sec)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.run(210 * sec)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel1", ip("10.0.1.12")))
	w.run(2 * sec)
	w.want("Spoke1", sayEntries(spoke1.Engine, w.now), `
10.0.0.1/32 Tunnel0 static used 172.17.0.1
10.0.0.12/32 Tunnel0 dynamic router 172.17.0.12 1m28.03s
10.0.1.1/32 Tunnel1 static used 172.17.0.5
10.0.1.12/32 Tunnel1 dynamic router 172.17.0.12 4m58.03s`)
	w.want("Spoke2", sayEntries(spoke2.Engine, w.now), `
10.0.0.1/32 Tunnel0 static used 172.17.0.1
10.0.0.11/32 Tunnel0 dynamic router 172.17.0.11 1m28.02s
10.0.1.1/32 Tunnel1 static used 172.17.0.5
10.0.1.11/32 Tunnel1 dynamic router 172.17.0.11 4m58.02s`)
	created := spoke1.Snapshot().Entries[1].Created
	if age := w.now.Sub(created); age != 212*sec {
		t.Errorf("the resolved entry is %v old, want its age from the first request on", age)
	}
}

func TestRefreshOfWhatIsUsed(t *testing.T) {
	w, _, spoke1, _ := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.run(190 * sec)
	w.carry(spoke1, spoke1.Used(w.now, "Tunnel0", ip("10.0.0.12")))
	w.run(49 * sec)
	w.said()
	w.run(2 * sec) // 240 s of the 300 are over
	w.want("refresh", w.said(), `
Spoke1: resolve 1005 to 172.17.0.1
Hub: resolve 1005 to 172.17.0.12
Spoke2: resolution 1005 to 172.17.0.11`)
	w.run(298 * sec)
	if _, there := spoke1.tunnel("Tunnel0").entries[ip("10.0.0.12")]; !there {
		t.Error("the refreshed entry is gone before its new time")
	}
	w.run(3 * sec)
	w.want("unused since", sayEntries(spoke1.Engine, w.now), `10.0.0.1/32 Tunnel0 static used 172.17.0.1`)
	if len(spoke1.wants) != 1 {
		t.Errorf("still open: %v, want only the server", spoke1.wants)
	}
}

// TestLateUse: data that begins to flow in the last minute has the entry asked
// for at once; and a short holdtime does not make that endless.
func TestLateUse(t *testing.T) {
	for _, hold := range []time.Duration{300 * sec, 3 * sec, 1 * sec} {
		w, _, spoke1, spoke2 := registeredCloud(t)
		spoke2.cfg.Interfaces[0].Holdtime = hold
		w.configure(spoke2)
		w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
		w.run(hold - hold/10)
		w.said()
		w.carry(spoke1, spoke1.Used(w.now, "Tunnel0", ip("10.0.0.12")))
		w.run(hold / 2)
		if n := strings.Count(w.said(), "Spoke1: resolve"); n != 1 {
			t.Errorf("holdtime %v: used once, asked for %d times", hold, n)
		}
	}
}

func TestPending(t *testing.T) {
	w, _, spoke1, _ := registeredCloud(t)
	w.lose = func(from, to *station, m Message) bool { return m.Type == ResolutionRequest }
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	for range 3 {
		if out := spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")); out.String() != "" {
			t.Errorf("a duplicate request while one is pending: %v", out)
		}
	}
	if hits := spoke1.Snapshot().Entries[1].Hits; hits != 4 {
		t.Errorf("%d hits, want 4", hits)
	}
	w.run(16 * sec)
	w.want("repeated after 1, 3, 7 and 15 seconds, with the same id", w.said(), `
Spoke1: resolve 1002 to 172.17.0.1
Spoke1: resolve 1002 to 172.17.0.1
Spoke1: resolve 1002 to 172.17.0.1
Spoke1: resolve 1002 to 172.17.0.1
Spoke1: resolve 1002 to 172.17.0.1`)
	w.said()
	w.run(164*sec - 1)
	if said := w.said(); strings.Contains(said, "log") {
		t.Errorf("given up before 3 minutes are over: %s", said)
	}
	w.run(1)
	w.want("given up", w.said(), "Spoke1: log no 10.0.0.12: 0")
	w.run(16 * sec)
	w.want("given up", sayEntries(spoke1.Engine, w.now), `10.0.0.1/32 Tunnel0 static used 172.17.0.1`)
}

func TestNegative(t *testing.T) {
	w, hub, spoke1, _ := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.99")))
	w.run(1 * sec)
	w.want("nobody has it", w.said(), `
Spoke1: resolve 1002 to 172.17.0.1
Hub: resolution 1002 code 12 to 172.17.0.11
Spoke1: log no 10.0.0.99: 12`)
	w.want("cached", sayEntries(spoke1.Engine, w.now), `
10.0.0.1/32 Tunnel0 static used 172.17.0.1
10.0.0.99/32 Tunnel0 incomplete negative 29.02s`)
	w.run(28 * sec)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.99")))
	w.want("not asked again meanwhile", w.said(), "")
	w.run(2 * sec)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.99")))
	w.want("asked again later", w.said(), "Spoke1: resolve 1003 to 172.17.0.1")

	hub.Resolve(w.now, "Tunnel0", ip("10.0.0.98"))
	w.want("a hub has nobody to ask", sayNeighbors(hub.Engine), "10.0.0.11>172.17.0.11 10.0.0.12>172.17.0.12")
	for _, addr := range []string{"10.0.0.1", "10.0.0.11", "224.0.0.5", "10.9.9.9", "255.255.255.255"} {
		if out := spoke1.Resolve(w.now, "Tunnel0", ip(addr)); out.String() != "" {
			t.Errorf("%s is asked for: %v", addr, out)
		}
	}
}

// TestAnswerIsHeldForABoundedTime: when protection takes too long the answer
// is dropped; the requester asks again.
func TestAnswerIsHeldForABoundedTime(t *testing.T) {
	w, hub, spoke1, spoke2 := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	request := lastSent(t, spoke1.Engine, 1002, spoke1)
	in := Packet{"Tunnel0", hub.nbma, signed(request)}
	spoke2.want(t, w, in, "open 172.17.0.11")
	spoke2.want(t, w, in, "") // a repeated request does not make a second answer
	out := spoke2.PeerUp(w.now.Add(answerWait), "Tunnel0", spoke1.nbma)
	w.want("in time", out.String(), "resolution 1002 to 172.17.0.11")

	spoke2.PeerDown(w.now, "Tunnel0", spoke1.nbma)
	spoke2.want(t, w, in, "")
	out = spoke2.PeerUp(w.now.Add(answerWait+1), "Tunnel0", spoke1.nbma)
	w.want("too late", out.String(), "")
}

// TestProtectionLost: entries in use are asked for when their peer is lost,
// since it may be somewhere else; the others wait for their end.
func TestProtectionLost(t *testing.T) {
	w, _, spoke1, spoke2 := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.run(1 * sec)
	w.want("idle", spoke1.PeerDown(w.now, "Tunnel0", spoke2.nbma).String(), "")
	spoke1.PeerUp(w.now, "Tunnel0", spoke2.nbma)
	spoke1.Used(w.now, "Tunnel0", ip("10.0.0.12"))
	w.want("in use", spoke1.PeerDown(w.now, "Tunnel0", spoke2.nbma).String(), "resolve 1003 to 172.17.0.1")
}

func TestCrossingRequests(t *testing.T) {
	w, _, spoke1, spoke2 := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.carry(spoke2, spoke2.Resolve(w.now, "Tunnel0", ip("10.0.0.11")))
	w.run(10 * sec)
	w.want("Spoke1", sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12")
	w.want("Spoke2", sayNeighbors(spoke2.Engine), "10.0.0.1>172.17.0.1 10.0.0.11>172.17.0.11")
	if len(spoke1.wants) != 2 || len(spoke2.wants) != 2 {
		t.Errorf("open: %v and %v", spoke1.wants, spoke2.wants)
	}
}
