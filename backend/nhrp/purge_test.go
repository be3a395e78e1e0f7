package nhrp

import (
	"slices"
	"testing"
	"time"
)

func purgeReplyFor(id uint32) []byte {
	return signed(Message{Hops: 64, Type: PurgeReply, ID: id, SrcNBMA: ip("172.17.0.11"),
		Src: ip("10.0.0.11"), Dst: ip("10.0.0.1")})
}

// TestPurgeIsRepeated: a server that is not one any more is asked to forget us
// until it says that it has, or for so long that it will not.
func TestPurgeIsRepeated(t *testing.T) {
	type row struct {
		at    time.Duration
		event string // "": time passes; "down": protection; else a purge reply by who sends it
		id    uint32
		want  string
		next  time.Duration // -1: never
	}
	const again = "purge 2 to 172.17.0.1"
	for name, rows := range map[string][]row{
		"answered": {
			{at: 1 * sec, want: again, next: 3 * sec},
			{at: 2 * sec, event: "172.17.0.66", id: 2, next: 3 * sec},
			{at: 2 * sec, event: "172.17.0.1", id: 1, next: 3 * sec},
			{at: 2 * sec, event: "172.17.0.1", id: 2, want: "close 172.17.0.1", next: -1},
			{at: 3 * sec, next: -1},
			{at: 3 * sec, event: "172.17.0.1", id: 2, next: -1},
		},
		"never answered": {
			{at: 1 * sec, want: again, next: 3 * sec},
			{at: 3 * sec, want: again, next: 7 * sec},
			{at: 7 * sec, want: again, next: 15 * sec},
			{at: 15 * sec, want: again, next: 31 * sec},
			{at: 31 * sec, want: "close 172.17.0.1", next: -1},
		},
		"not said in clear": {
			{at: 1 * sec, event: "down", next: 1 * sec},
			{at: 1 * sec, next: 3 * sec},
			{at: 3 * sec, next: 7 * sec},
		},
	} {
		e, tunnel := registeredSpoke(t)
		tunnel.NHS, tunnel.Maps, tunnel.Multicast = nil, nil, nil
		if got := configure(e, boot, tunnel).String(); got != again {
			t.Fatalf("%s: begins with %q", name, got)
		}
		for _, r := range rows {
			now, out := boot.Add(r.at), Output{}
			switch r.event {
			case "":
				out = e.Advance(now)
			case "down":
				out = e.PeerDown(now, "Tunnel0", ip("172.17.0.1"))
			default:
				out = e.Receive(now, Packet{"Tunnel0", ip(r.event), purgeReplyFor(r.id)})
			}
			next := time.Duration(-1)
			if !e.Next().IsZero() {
				next = e.Next().Sub(boot)
			}
			if got := out.String(); got != r.want || next != r.next {
				t.Fatalf("%s, at %v: %q, next %v; want %q, next %v", name, r.at, got, next, r.want, r.next)
			}
		}
	}
}

// registeredSpoke is the documented spoke, registered at boot.
func registeredSpoke(t *testing.T) (*Engine, Interface) {
	t.Helper()
	e := newSpoke(t)
	e.PeerUp(boot, "Tunnel0", ip("172.17.0.1"))
	e.Receive(boot, Packet{"Tunnel0", ip("172.17.0.1"), registrationReplyFor(1, Success)})
	if e.Snapshot().Servers[0].State != Responding {
		t.Fatal("not registered")
	}
	return e, e.cfg.Interfaces[0]
}

func configure(e *Engine, now time.Time, i Interface) Output {
	return e.Configure(now, Config{Rand: e.cfg.Rand, Interfaces: []Interface{i}})
}

// TestPurgeGivesWay: who registers again is not purged any more.
func TestPurgeGivesWay(t *testing.T) {
	e, tunnel := registeredSpoke(t)
	without := tunnel
	without.NHS = nil
	if got := configure(e, boot, without).String(); got != "purge 2 to 172.17.0.1" {
		t.Fatalf("without a server: %q", got)
	}
	if got := configure(e, boot, tunnel).String(); got != "register 3 to 172.17.0.1" {
		t.Fatalf("with it again: %q", got)
	}
	if got := e.Advance(boot.Add(1 * sec)).String(); got != "register 3 to 172.17.0.1" {
		t.Errorf("a second later: %q, want no purge", got)
	}
}

// TestLeave: who has our address hears when it is over, and only then.
func TestLeave(t *testing.T) {
	w, _, spoke1, spoke2 := registeredCloud(t)
	w.carry(spoke1, spoke1.Resolve(w.now, "Tunnel0", ip("10.0.0.12")))
	w.run(1 * sec)
	for name, change := range map[string]func(*Interface){
		"nothing":          func(*Interface) {},
		"another holdtime": func(i *Interface) { i.Holdtime = 900 * sec },
		"another address":  func(i *Interface) { i.Addr = prefix("10.0.0.21/24") }, // Configure does it
	} {
		to := Config{Interfaces: slices.Clone(spoke1.cfg.Interfaces)}
		change(&to.Interfaces[0])
		if out := spoke1.Leave(w.now, to); out.String() != "" {
			t.Errorf("%s: %v", name, out)
		}
	}
	gone := spoke1.cfg
	gone.Interfaces = nil
	out := spoke1.Leave(w.now, gone)
	w.want("leaves", out.String(), "purge 1003 to 172.17.0.1, purge 1004 to 172.17.0.12")
	w.said()
	w.carry(spoke1, out)
	w.run(1 * sec)
	w.want("the others", w.said(), `
Spoke1: purge 1003 to 172.17.0.1, purge 1004 to 172.17.0.12
Hub: close 172.17.0.11, log client 10.0.0.11 down (purged)
Spoke2: close 172.17.0.11`)
	w.want("spoke 2 knows", sayNeighbors(spoke2.Engine), "10.0.0.1>172.17.0.1")
}
