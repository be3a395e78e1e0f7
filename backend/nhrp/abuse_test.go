package nhrp

import (
	"net/netip"
	"slices"
	"testing"
)

// TestAuthenticationOfEveryType: a packet of any type with a wrong string, or
// with none, has no effect but a count, a line in the log and an error
// indication, which does not tell our string to who does not know it.
func TestAuthenticationOfEveryType(t *testing.T) {
	for kind := Type(1); kind < TypeCount; kind++ {
		for _, secret := range []string{"", "tset", "tes", "testt"} {
			w, hub, _, spoke2 := registeredCloud(t)
			m := Message{Hops: 64, Type: kind, ID: 1, SrcNBMA: spoke2.nbma, Src: ip("10.0.0.12"),
				Dst: ip("10.0.0.1"), Clients: []Client{{Prefix: 32, Hold: 300, Addr: ip("10.0.0.12")}}}
			m.sign(secret)
			before := sayEntries(hub.Engine, w.now)
			out := hub.take(w, Packet{"Tunnel0", spoke2.nbma, m.AppendTo(nil)})
			want := "log " + typeNames[kind] + " from 172.17.0.12 unauthenticated"
			if !kind.indication() {
				want += ", error 11 to 172.17.0.12"
			}
			w.want("type and string "+typeNames[kind]+" "+secret, out.String(), want)
			w.want("entries", sayEntries(hub.Engine, w.now), before)
			for _, p := range out.Send {
				if e, _ := Parse(p.Payload); e.authentic("test") {
					t.Error("the error indication gives our string away")
				}
			}
			if n := hub.Snapshot().Traffic[0].AuthFailed; n != 1 {
				t.Errorf("%d counted", n)
			}
		}
	}
}

// TestWrongAuthenticationOnOneTunnel: the other tunnel between the same two
// stations does not notice.
func TestWrongAuthenticationOnOneTunnel(t *testing.T) {
	w := newNetwork(t)
	hub := w.add("Hub", "172.17.0.1", hubTunnel("Tunnel0", "10.0.0.1"), hubTunnel("Tunnel1", "10.0.1.1"))
	spoke := w.add("Spoke", "172.17.0.11", spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1"),
		spokeTunnel("Tunnel1", "10.0.1.11", "10.0.1.1", "172.17.0.1"))
	spoke.cfg.Interfaces[1].Authentication = "wrong"
	w.boot()
	for range 60 {
		w.run(60 * sec)
		servers := spoke.Snapshot().Servers
		if servers[0].State != Responding || servers[1].State == Responding {
			t.Fatalf("at %v: %v and %v", w.now, servers[0].State, servers[1].State)
		}
	}
	w.want("hub", sayNeighbors(hub.Engine), "10.0.0.11>172.17.0.11")
	if s := spoke.Snapshot().Servers[0]; s.Failed != 0 || len(spoke.wants) != 2 {
		t.Errorf("the good tunnel: %+v; open: %v", s, spoke.wants)
	}
}

// TestWrongServerOnOneTunnel: the same for a server that is not there.
func TestWrongServerOnOneTunnel(t *testing.T) {
	w := newNetwork(t)
	w.add("Hub", "172.17.0.1", hubTunnel("Tunnel0", "10.0.0.1"), hubTunnel("Tunnel1", "10.0.1.1"))
	spoke := w.add("Spoke", "172.17.0.11", spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1"),
		spokeTunnel("Tunnel1", "10.0.1.11", "10.0.1.2", "172.17.0.1"))
	w.boot()
	w.run(3600 * sec)
	servers := spoke.Snapshot().Servers
	if servers[0].State != Responding || servers[0].Failed != 0 || servers[1].State != Expecting {
		t.Errorf("servers: %+v", servers)
	}
}

// asking is a resolution request as it comes to a station from nbma.
func asking(from, src, srcNBMA, dst string, change func(*Message)) Packet {
	m := Message{Hops: 64, Type: ResolutionRequest, ID: 77, SrcNBMA: ip(srcNBMA), Src: ip(src),
		Dst: ip(dst), Clients: []Client{{Prefix: 32, Hold: 300}}}
	if change != nil {
		change(&m)
	}
	return Packet{"Tunnel0", ip(from), signed(m)}
}

var abusedHub = map[string]struct {
	packet Packet
	want   string
}{
	"a request under another's NBMA address": {asking("172.17.0.66", "10.0.0.11", "172.17.0.11", "10.0.0.12", nil),
		"log resolve from 172.17.0.66 refused: 10.0.0.11 spoofed, error 7 to 172.17.0.66"},
	"a request under another's tunnel address": {asking("172.17.0.66", "10.0.0.11", "172.17.0.66", "10.0.0.12", nil),
		"log resolve from 172.17.0.66 refused: 10.0.0.11 unknown source, error 7 to 172.17.0.66"},
	"a request of a station that never registered": {asking("172.17.0.66", "10.0.0.66", "172.17.0.66", "10.0.0.12", nil),
		"log resolve from 172.17.0.66 refused: 10.0.0.66 unknown source, error 7 to 172.17.0.66"},
	"a request in the hub's own name": {asking("172.17.0.66", "10.0.0.1", "172.17.0.66", "10.0.0.12", nil),
		"log resolve from 172.17.0.66 refused: 10.0.0.1 looped, error 3 to 172.17.0.66"},
	"a request that was here before": {asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.12", func(m *Message) {
		m.addRecord(extForwardTransit, Client{Addr: ip("10.0.0.9")})
		m.addRecord(extForwardTransit, Client{Addr: ip("10.0.0.1")})
	}), "log resolve from 172.17.0.11 refused: 10.0.0.12 looped, error 3 to 172.17.0.11"},
	"a request at the end of its hops": {asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.12", func(m *Message) {
		m.Hops = 1
	}), "log resolve from 172.17.0.11 refused: 10.0.0.12 hops exceeded, error 15 to 172.17.0.11"},
	"a request with no hops": {asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.1", func(m *Message) {
		m.Hops = 0
	}), "log resolve from 172.17.0.11 refused: 10.0.0.1 hops exceeded, error 15 to 172.17.0.11"},
	"a request with an extension nobody knows": {asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.1", func(m *Message) {
		m.setExtension(99, true, []byte{1})
	}), "log resolve from 172.17.0.11 refused: 10.0.0.1 unknown extension, error 1 to 172.17.0.11"},
	"a request with an extension that may be ignored": {asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.1", func(m *Message) {
		m.setExtension(98, false, []byte{2})
	}), "resolution 77 to 172.17.0.11"},
	"a client's request for the hub": {asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.1", nil),
		"resolution 77 to 172.17.0.11"},
	"the same in passing, and one that may be ignored": {asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.12", func(m *Message) {
		m.setExtension(99, true, []byte{1})
		m.setExtension(98, false, []byte{2})
	}), "resolve 77 to 172.17.0.12"},
	"an answer in another's name": {Packet{"Tunnel0", ip("172.17.0.66"), signed(Message{Hops: 64, Type: ResolutionReply, ID: 77,
		SrcNBMA: ip("172.17.0.11"), Src: ip("10.0.0.11"), Dst: ip("10.0.0.12"),
		Clients: []Client{{Hold: 300, NBMA: ip("172.17.0.66"), Addr: ip("10.0.0.12")}}})},
		"log resolution from 172.17.0.66 refused: 10.0.0.12 spoofed"},
	"an answer to who is not here": {Packet{"Tunnel0", ip("172.17.0.12"), signed(Message{Hops: 64, Type: ResolutionReply, ID: 77,
		Src: ip("10.0.0.77"), Dst: ip("10.0.0.12")})}, ""},
	"an error about nothing": {Packet{"Tunnel0", ip("172.17.0.12"), signed(Message{Hops: 64, Type: ErrorIndication, Code: 7,
		Src: ip("10.0.0.12"), Dst: ip("10.0.0.1")})}, "log error 7 from 172.17.0.12"},
	"rubbish":          {Packet{"Tunnel0", ip("172.17.0.12"), []byte("rubbish")}, "log malformed from 172.17.0.12"},
	"nothing":          {Packet{"Tunnel0", ip("172.17.0.12"), nil}, "log malformed from 172.17.0.12"},
	"another tunnel's": {Packet{"Tunnel9", ip("172.17.0.12"), nil}, ""},
}

func TestAbuseOfTheHub(t *testing.T) {
	for name, r := range abusedHub {
		w, hub, _, _ := registeredCloud(t)
		before := sayEntries(hub.Engine, w.now)
		out := hub.take(w, r.packet)
		w.want(name, out.String(), r.want)
		if r.want != "resolve 77 to 172.17.0.12" { // passing marks the entry it goes by
			w.want(name+": entries", sayEntries(hub.Engine, w.now), before)
		}
		if out.Changed {
			t.Errorf("%s: changes the neighbours", name)
		}
	}
}

// TestPassedRequest: a server leaves its trace, one hop, and everything else
// as it was, unknown extensions included.
func TestPassedRequest(t *testing.T) {
	w, hub, _, _ := registeredCloud(t)
	in := asking("172.17.0.11", "10.0.0.11", "172.17.0.11", "10.0.0.12", func(m *Message) {
		m.Extensions = []Extension{{extForwardTransit, true, nil}, {98, false, []byte{2}}}
	})
	out := hub.take(w, in)
	got, _ := Parse(out.Send[0].Payload)
	want, _ := Parse(in.Payload)
	want.Hops--
	want.Extensions[0].Value = appendClients(nil, []Client{{Hold: 600, NBMA: hub.nbma, Addr: ip("10.0.0.1")}})
	if !equal(got, want) {
		t.Errorf("passed on as %+v, want %+v", got, want)
	}
	if n := hub.Snapshot().Traffic[0].Forwarded[ResolutionRequest]; n != 1 {
		t.Errorf("%d counted as passed on", n)
	}
	w.want("the entry it went by", sayEntries(hub.Engine, w.now), `
10.0.0.11/32 Tunnel0 dynamic unique registered 172.17.0.11 4m55.01s
10.0.0.12/32 Tunnel0 dynamic unique registered used 172.17.0.12 4m55.01s`)
}

// TestPassedReply: the same for the way back.
func TestPassedReply(t *testing.T) {
	w, hub, _, _ := registeredCloud(t)
	in := answering("172.17.0.12", 1002, "172.17.0.12", func(m *Message) {
		m.Extensions = []Extension{{extReverseTransit, true, nil}}
	})
	out := hub.take(w, in)
	w.want("passed on", out.String(), "resolution 1002 to 172.17.0.11")
	got, _ := Parse(out.Send[0].Payload)
	want, _ := Parse(in.Payload)
	want.Hops--
	want.Extensions[0].Value = appendClients(nil, []Client{{Hold: 600, NBMA: hub.nbma, Addr: ip("10.0.0.1")}})
	if !equal(got, want) {
		t.Errorf("passed on as %+v, want %+v", got, want)
	}
}

// TestAnswersAreBounded: many requesters behind one NBMA address, whose
// protection is awaited, do not make us hold an answer for each.
func TestAnswersAreBounded(t *testing.T) {
	w, _, spoke1, _ := registeredCloud(t)
	for n := range 2 * answersMax {
		src := netip.AddrFrom4([4]byte{10, 0, 0, byte(100 + n)})
		spoke1.take(w, asking("172.17.0.1", src.String(), "172.17.0.66", "10.0.0.11", nil))
	}
	if out := spoke1.PeerUp(w.now, "Tunnel0", ip("172.17.0.66")); len(out.Send) != answersMax {
		t.Errorf("%d answers were held, want %d", len(out.Send), answersMax)
	}
}

// answering is an answer for 10.0.0.12, as it comes to the first spoke.
func answering(from string, id uint32, nbma string, change func(*Message)) Packet {
	m := Message{Hops: 64, Type: ResolutionReply, ID: id, SrcNBMA: ip("172.17.0.11"), Src: ip("10.0.0.11"),
		Dst: ip("10.0.0.12"), Clients: []Client{{Prefix: 32, Hold: 300, NBMA: ip(nbma), Addr: ip("10.0.0.12")}}}
	if change != nil {
		change(&m)
	}
	return Packet{"Tunnel0", ip(from), signed(m)}
}

var abusedSpoke = map[string]struct {
	packet Packet
	want   string
}{
	"an answer with an unknown id": {answering("172.17.0.12", 4711, "172.17.0.12", nil), ""},
	"an answer to what nobody asked": {answering("172.17.0.12", 1002, "172.17.0.12", func(m *Message) {
		m.Dst = ip("10.0.0.13")
	}), ""},
	"an answer without a mapping": {answering("172.17.0.12", 1002, "172.17.0.12", func(m *Message) { m.Clients = nil }), ""},
	"an answer from a third station": {answering("172.17.0.66", 1002, "172.17.0.12", nil),
		"log resolution from 172.17.0.66 refused: 10.0.0.12 spoofed"},
	"a no from a third station": {answering("172.17.0.66", 1002, "172.17.0.12", func(m *Message) {
		m.Clients[0] = Client{Code: 12}
	}), "log resolution from 172.17.0.66 refused: 10.0.0.12 spoofed"},
	"an answer for another address": {answering("172.17.0.12", 1002, "172.17.0.12", func(m *Message) {
		m.Clients[0].Addr = ip("10.0.0.1")
	}), "log resolution from 172.17.0.12 refused: 10.0.0.12 bad address, error 10 to 172.17.0.12"},
	"an answer that is over at once": {answering("172.17.0.12", 1002, "172.17.0.12", holdFor(0)),
		"log resolution from 172.17.0.12 refused: 10.0.0.12 bad address, error 10 to 172.17.0.12"},
	"an answer that leads to ourselves": {answering("172.17.0.1", 1002, "172.17.0.11", nil),
		"log resolution from 172.17.0.1 refused: 10.0.0.12 bad address, error 10 to 172.17.0.1"},
	"a mapping that its station pushes": {asking("172.17.0.66", "10.0.0.12", "172.17.0.66", "10.0.0.11", nil),
		"resolution 77 to 172.17.0.66"},
	"a server's mapping for the server": {asking("172.17.0.66", "10.0.0.1", "172.17.0.66", "10.0.0.11", nil),
		"resolution 77 to 172.17.0.66"},
	"a server that gives its own address away": {asking("172.17.0.1", "10.0.0.1", "172.17.0.66", "10.0.0.11", nil),
		"resolution 77 to 172.17.0.1"},
	"a request for another by the server": {asking("172.17.0.1", "10.0.0.12", "172.17.0.12", "10.0.0.99", nil),
		"resolution 77 code 12 to 172.17.0.1"},
	"a redirect": {Packet{"Tunnel0", ip("172.17.0.1"), signed(Message{Hops: 1, Type: TrafficIndication,
		Src: ip("10.0.0.1"), Dst: ip("10.0.0.11"), Payload: make([]byte, 84)})}, ""},
}

func TestAbuseOfTheSpoke(t *testing.T) {
	for name, r := range abusedSpoke {
		w, _, spoke1, _ := registeredCloud(t)
		spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12"))
		before := sayEntries(spoke1.Engine, w.now)
		w.want(name, spoke1.take(w, r.packet).String(), r.want)
		w.want(name+": entries", sayEntries(spoke1.Engine, w.now), before)
	}
}

// TestNobodyTakesALearntAddress: what a station says of itself prolongs what a
// server has vouched for, and does not replace it.
func TestNobodyTakesALearntAddress(t *testing.T) {
	w, _, spoke1, _ := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.run(100 * sec)
	spoke1.want(t, w, asking("172.17.0.66", "10.0.0.12", "172.17.0.66", "10.0.0.11", nil), "resolution 77 to 172.17.0.66")
	w.want("not taken", sayNeighbors(spoke1.Engine), "10.0.0.1>172.17.0.1 10.0.0.12>172.17.0.12")
	spoke1.want(t, w, asking("172.17.0.12", "10.0.0.12", "172.17.0.12", "10.0.0.11", nil), "resolution 77 to 172.17.0.12")
	if left := spoke1.Snapshot().Entries[1].Expires.Sub(w.now); left != 300*sec {
		t.Errorf("prolonged to %v, want the 300 s it said", left)
	}
}

// TestRedirectFlood: what is not understood is counted and costs nothing.
func TestRedirectFlood(t *testing.T) {
	w, _, spoke1, _ := registeredCloud(t)
	for range 1000 {
		if out := spoke1.take(w, abusedSpoke["a redirect"].packet); out.String() != "" || out.Changed {
			t.Fatalf("a redirect is answered: %v", out)
		}
	}
	if n := spoke1.Snapshot().Traffic[0].Received[TrafficIndication]; n != 1000 {
		t.Errorf("%d counted", n)
	}
}

// TestErrorsAreThrottled: a flood of wrong packets gets few answers, and takes
// none from who does right.
func TestErrorsAreThrottled(t *testing.T) {
	w, hub, _, _ := registeredCloud(t)
	w.run(10 * sec)
	sent := 0
	for range 1000 {
		sent += len(hub.take(w, abusedHub["a request with no hops"].packet).Send)
	}
	if want := DefaultMaxSend.Packets / errorShare; sent != want {
		t.Errorf("%d error indications, want %d", sent, want)
	}
	hub.want(t, w, registering("10.0.0.11", "172.17.0.11", holdFor(300)), "registration 7 to 172.17.0.11")
}

// TestWarningsAreThrottled: nobody fills the log from outside, and nobody is
// left out of the counters.
func TestWarningsAreThrottled(t *testing.T) {
	stranger := registering("10.0.0.66", "172.17.0.66", nil)
	m, _ := Parse(stranger.Payload)
	m.sign("wrong")
	stranger.Payload = m.AppendTo(nil)
	thief := registering("10.0.0.11", "172.17.0.66", nil)
	for name, r := range map[string]struct {
		packet  Packet
		counted func(Traffic) uint64
	}{
		"without our string": {stranger, func(c Traffic) uint64 { return c.AuthFailed }},
		"malformed":          {Packet{"Tunnel0", ip("172.17.0.66"), []byte{1}}, func(c Traffic) uint64 { return c.Malformed }},
		"a thief":            {thief, func(c Traffic) uint64 { return c.UniqueRefused }},
	} {
		w, hub, _, _ := registeredCloud(t)
		said := 0
		for range 1000 {
			said += len(hub.take(w, r.packet).Log)
		}
		if want := DefaultMaxSend.Packets / errorShare; said != want {
			t.Errorf("%s: %d lines, want %d", name, said, want)
		}
		if n := r.counted(hub.Snapshot().Traffic[0]); n != 1000 {
			t.Errorf("%s: %d counted", name, n)
		}
		if w.run(10 * sec); len(hub.take(w, r.packet).Log) != 1 {
			t.Errorf("%s: no line ten seconds later", name)
		}
	}
}

// TestRecordedPacketsDoNoHarm lets what another implementation sent come in at
// every kind of station, from every side, whole and cut.
func TestRecordedPacketsDoNoHarm(t *testing.T) {
	w, hub, spoke1, _ := registeredCloud(t)
	for _, s := range []*station{hub, spoke1} {
		for _, from := range []string{"172.17.0.1", "172.17.0.11", "172.17.0.12"} {
			for _, b := range recorded(t) {
				for _, n := range []int{len(b), len(b) - 1, len(b) / 2, fixedOctets} {
					out := s.take(w, Packet{"Tunnel0", ip(from), resized(b, n)})
					if len(out.Send) > 1 {
						t.Errorf("one packet is answered with %d", len(out.Send))
					}
				}
			}
		}
	}
	if !slices.ContainsFunc(hub.Snapshot().Entries, func(n Entry) bool { return n.Target == prefix("10.0.0.12/32") }) {
		t.Error("the recorded registration did not keep the client's entry")
	}
}
