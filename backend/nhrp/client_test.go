package nhrp

import (
	"testing"
	"time"
)

// Each row is one call: what happens and when, what must go out, when the
// engine must want to run next, and the letters of "show ip nhrp nhs" after it.
var clientTests = map[string][]struct {
	at    time.Duration
	event string // "": time passes; "up", "down": protection; else a reply, by its code
	id    uint32 // of the reply
	want  string
	next  time.Duration // -1: never
	state string
}{
	"registers and refreshes": {
		{at: 0, event: "up", want: "register 1 to 172.17.0.1", next: 1 * sec, state: "E"},
		{at: sec / 2, event: "ok", id: 1, want: "log server 10.0.0.1 up", next: 60 * sec, state: "RE"},
		{at: 60 * sec, next: 100*sec + sec/2, state: "RE"}, // the mark of the request fades
		{at: 100 * sec, next: 100*sec + sec/2, state: "RE"},
		{at: 101 * sec, want: "register 2 to 172.17.0.1", next: 102 * sec, state: "RE"},
		{at: 101 * sec, event: "ok", id: 2, next: 161 * sec, state: "RE"}, // still up: no news
	},
	"backs off, gives the server up, and goes on at 64 seconds": {
		{at: 0, event: "up", want: "register 1 to 172.17.0.1", next: 1 * sec, state: "E"},
		{at: 0, event: "ok", id: 1, want: "log server 10.0.0.1 up", next: 60 * sec, state: "RE"},
		{at: 100 * sec, want: "register 2 to 172.17.0.1", next: 101 * sec, state: "RE"},
		{at: 101 * sec, want: "register 2 to 172.17.0.1", next: 103 * sec, state: "RE"},
		{at: 103 * sec, want: "register 2 to 172.17.0.1", next: 107 * sec, state: "RE"},
		{at: 107 * sec, want: "register 2 to 172.17.0.1", next: 115 * sec, state: "RE"},
		{at: 115 * sec, want: "log server 10.0.0.1 down (no answer), register 2 to 172.17.0.1",
			next: 131 * sec, state: "E"},
		{at: 131 * sec, want: "register 2 to 172.17.0.1", next: 163 * sec, state: "E"},
		{at: 163 * sec, want: "register 2 to 172.17.0.1", next: 223 * sec, state: "E"},
		{at: 223 * sec, next: 227 * sec, state: "E"},
		{at: 227 * sec, want: "register 2 to 172.17.0.1", next: 287 * sec, state: "E"},
		{at: 290 * sec, next: 291 * sec, state: "E"},
		{at: 291 * sec, want: "register 2 to 172.17.0.1", next: 351 * sec, state: "E"},
		{at: 292 * sec, event: "ok", id: 2, want: "log server 10.0.0.1 up", next: 351 * sec, state: "RE"},
	},
	"waits for protection": {
		{at: 0, next: -1, state: "W"},
		{at: 500 * sec, next: -1, state: "W"},
		{at: 600 * sec, event: "up", want: "register 1 to 172.17.0.1", next: 601 * sec, state: "E"},
		{at: 600 * sec, event: "up", next: 601 * sec, state: "E"}, // again: no news
		{at: 601 * sec, event: "down", next: 660 * sec, state: "W"},
		{at: 640 * sec, event: "up", want: "register 2 to 172.17.0.1", next: 641 * sec, state: "E"},
		{at: 640 * sec, event: "ok", id: 2, want: "log server 10.0.0.1 up", next: 700 * sec, state: "RE"},
		{at: 650 * sec, event: "down", want: "log server 10.0.0.1 down (unprotected)", next: 700 * sec, state: "W"},
	},
	"ignores a late, a repeated and a foreign reply": {
		{at: 0, event: "up", want: "register 1 to 172.17.0.1", next: 1 * sec, state: "E"},
		{at: 0, event: "ok", id: 7, next: 1 * sec, state: "E"},
		{at: 0, event: "forged", id: 1, next: 1 * sec, state: "E"},
		{at: 0, event: "ok", id: 1, want: "log server 10.0.0.1 up", next: 60 * sec, state: "RE"},
		{at: 50 * sec, event: "ok", id: 1, next: 60 * sec, state: "RE"},
		{at: 50 * sec, event: "taken", id: 0, next: 60 * sec, state: "RE"}, // the id of no request
		{at: 100 * sec, want: "register 2 to 172.17.0.1", next: 101 * sec, state: "RE"},
		{at: 100 * sec, event: "ok", id: 1, next: 101 * sec, state: "RE"},
	},
	"retries what was refused by backing off only": {
		{at: 0, event: "up", want: "register 1 to 172.17.0.1", next: 1 * sec, state: "E"},
		{at: sec / 2, event: "taken", id: 1, want: "log server 10.0.0.1 refused: 14", next: 1 * sec, state: "E"},
		{at: 1 * sec, want: "register 1 to 172.17.0.1", next: 3 * sec, state: "E"},
		{at: 1 * sec, event: "taken", id: 1, want: "log server 10.0.0.1 refused: 14", next: 3 * sec, state: "E"},
		{at: 3 * sec, want: "register 1 to 172.17.0.1", next: 7 * sec, state: "E"},
		{at: 4 * sec, event: "ok", id: 1, want: "log server 10.0.0.1 up", next: 63 * sec, state: "RE"},
		{at: 104 * sec, want: "register 2 to 172.17.0.1", next: 105 * sec, state: "RE"},
		{at: 104 * sec, event: "taken", id: 2, want: "log server 10.0.0.1 down (rejected), " +
			"log server 10.0.0.1 refused: 14", next: 105 * sec, state: "E"},
	},
}

var replyCodes = map[string]Code{"ok": Success, "taken": UniqueAlreadyRegistered}

func registrationReplyFor(id uint32, code Code) []byte {
	return signed(Message{Hops: 64, Type: RegistrationReply, ID: id, SrcNBMA: ip("172.17.0.11"),
		Src: ip("10.0.0.11"), Dst: ip("10.0.0.1"), Clients: []Client{{Code: uint8(code), Prefix: 32, Hold: 300}}})
}

// newSpoke is the documented spoke, with its server's protection asked for.
func newSpoke(t *testing.T) *Engine {
	t.Helper()
	e, tunnel := New(), spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1")
	tunnel.NBMA = ip("172.17.0.11")
	out := e.Configure(boot, Config{Rand: &counter{}, Interfaces: []Interface{tunnel}})
	if got := out.String(); got != "open 172.17.0.1" {
		t.Fatalf("a spoke begins with %q", got)
	}
	return e
}

func TestClient(t *testing.T) {
	for name, rows := range clientTests {
		e := newSpoke(t)
		for _, r := range rows {
			now, out := boot.Add(r.at), Output{}
			switch r.event {
			case "":
				out = e.Advance(now)
			case "up":
				out = e.PeerUp(now, "Tunnel0", ip("172.17.0.1"))
			case "down":
				out = e.PeerDown(now, "Tunnel0", ip("172.17.0.1"))
			case "forged":
				out = e.Receive(now, Packet{"Tunnel0", ip("172.17.0.66"), registrationReplyFor(r.id, Success)})
			default:
				out = e.Receive(now, Packet{"Tunnel0", ip("172.17.0.1"), registrationReplyFor(r.id, replyCodes[r.event])})
			}
			next := time.Duration(-1)
			if !e.Next().IsZero() {
				next = e.Next().Sub(boot)
			}
			state := []string{"W", "E", "RE"}[e.Snapshot().Servers[0].State]
			if got := out.String(); got != r.want || next != r.next || state != r.state {
				t.Fatalf("%s, at %v: %q, next %v, %s; want %q, next %v, %s",
					name, r.at, got, next, state, r.want, r.next, r.state)
			}
		}
	}
}

func TestServerCounters(t *testing.T) {
	e := newSpoke(t)
	e.PeerUp(boot, "Tunnel0", ip("172.17.0.1"))
	e.Advance(boot.Add(1 * sec))
	s := e.Snapshot().Servers[0]
	if !s.Pending || s.RequestID != 1 || s.Retry != 2*sec || s.Sent != 2 || s.Failed != 1 || s.Received != 0 {
		t.Errorf("after one unanswered request: %+v", s)
	}
	e.Receive(boot.Add(2*sec), Packet{"Tunnel0", ip("172.17.0.1"), registrationReplyFor(1, Success)})
	s = e.Snapshot().Servers[0]
	if s.Pending || s.Received != 1 || !s.LastReply.Equal(boot.Add(2*sec)) || !s.Since.Equal(s.LastReply) {
		t.Errorf("after the reply: %+v", s)
	}
}

// TestRegistrationRequestOnTheWire: what is configured is what is sent.
func TestRegistrationRequestOnTheWire(t *testing.T) {
	for _, unique := range []bool{true, false} {
		e := New()
		i := spokeTunnel("Tunnel0", "10.0.0.11", "10.0.0.1", "172.17.0.1")
		i.NBMA, i.Protected, i.Unique, i.MTU = ip("172.17.0.11"), false, unique, 1400
		out := e.Configure(boot, Config{Rand: &counter{}, Interfaces: []Interface{i}})
		if len(out.Send) != 1 || len(out.Open) != 0 {
			t.Fatalf("an unprotected tunnel begins with %v, want its registration at once", out)
		}
		m, err := Parse(out.Send[0].Payload)
		flags, prefix := uint16(flagNAT|flagUnique), uint8(0xff)
		if !unique {
			flags, prefix = flagNAT, 32
		}
		want := Client{Prefix: prefix, MTU: 1400, Hold: 300}
		if err != nil || m.Flags != flags || len(m.Clients) != 1 || m.Clients[0] != want {
			t.Errorf("unique %v: flags %#x, client %+v, want %#x, %+v", unique, m.Flags, m.Clients, flags, want)
		}
		if m.SrcNBMA != i.NBMA || m.Src != ip("10.0.0.11") || m.Dst != ip("10.0.0.1") || !m.authentic("test") {
			t.Errorf("sent as %+v", m)
		}
	}
}

// TestNATAddress: a client behind a NAT learns its address from the server,
// and says it when it asks.
func TestNATAddress(t *testing.T) {
	e := newSpoke(t)
	e.PeerUp(boot, "Tunnel0", ip("172.17.0.1"))
	m, _ := Parse(registrationReplyFor(1, Success))
	m.setExtension(extNAT, false, appendClients(nil, []Client{{Prefix: 32, NBMA: ip("192.0.2.1"), Addr: ip("10.0.0.11")}}))
	e.Receive(boot, Packet{"Tunnel0", ip("172.17.0.1"), signed(m)})
	if got := e.Snapshot().Servers[0].NATAddress; got != ip("192.0.2.1") {
		t.Errorf("NAT address %v", got)
	}
	out := e.Resolve(boot, "Tunnel0", ip("10.0.0.12"))
	m, _ = Parse(out.Send[0].Payload)
	if got := m.seen(ip("10.0.0.11"), m.SrcNBMA); got != ip("192.0.2.1") {
		t.Errorf("asks as %v", got)
	}
}
