package ike

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"gresh/backend/sadb"
)

// wantFailed says which request of a node must have failed, when and why.
func (w *world) wantFailed(sentence string, i int, at time.Duration, reason string) {
	w.t.Helper()
	n := w.nodes[i]
	for len(n.failed) == 0 {
		next := w.next()
		if next.IsZero() || next.Sub(boot) > time.Hour {
			w.t.Fatalf("%s: nothing failed; log %s", sentence, n.story())
		}
		w.run(next.Sub(w.now))
	}
	if got := w.now.Sub(boot); got != at || !strings.Contains(n.failed[0].Reason, reason) {
		w.t.Fatalf("%s: failed at %v because %q, want at %v because %q", sentence, got,
			n.failed[0].Reason, at, reason)
	}
	if len(n.failed) != 1 || len(n.pairs) != 0 {
		w.t.Fatalf("%s: %d failures and %d pairs of one request", sentence, len(n.failed), len(n.pairs))
	}
}

const ms = time.Millisecond

// mismatches are the ways in which two routers do not come together.
var mismatches = map[string]struct {
	hub    func(c *Config)
	at     time.Duration
	reason string // at the initiator
	event  string // at the responder
}{
	"other pre-shared key": {
		func(c *Config) { c.Keys[0].Secret = "cisco48" },
		31*time.Second + 40*ms, "no answer", "BadMessage{Peer:172.17.0.11"},
	"no pre-shared key for the peer": {
		func(c *Config) { c.Keys[0].Prefix = netip.MustParsePrefix("10.0.0.0/8") },
		31 * time.Second, "no answer", "NoKey{Peer:172.17.0.11}"},
	"no policy in common": {
		func(c *Config) { c.Policies[0].Hash = MD5 },
		31 * time.Second, "NO-PROPOSAL-CHOSEN", "ModeFailed{Mode:Main"},
	"no transform set in common": {
		func(c *Config) { c.SADBs[0].Sets[0].Cipher, c.SADBs[0].Sets[0].KeyBits = sadb.DES, 0 },
		80 * ms, "NO-PROPOSAL-CHOSEN", "ModeFailed{Mode:Quick"},
	"tunnel mode against transport mode": {
		func(c *Config) { c.SADBs[0].Sets[0].Mode = sadb.TunnelMode },
		80 * ms, "NO-PROPOSAL-CHOSEN", "ModeFailed{Mode:Quick"},
	"perfect forward secrecy on one side": {
		func(c *Config) { c.SADBs[0].PFS = 2 },
		80 * ms, "NO-PROPOSAL-CHOSEN", "ModeFailed{Mode:Quick"},
	"no SADB": {
		func(c *Config) { c.SADBs = nil },
		80 * ms, "NO-PROPOSAL-CHOSEN", "NoSADB{Local:172.17.0.1 Peer:172.17.0.11 Profile: Candidates:[]}"},
	"two SADBs": {
		func(c *Config) {
			second := c.SADBs[0]
			second.SADB = "Tunnel1-head-0"
			c.SADBs = append(c.SADBs, second)
		},
		80 * ms, "NO-PROPOSAL-CHOSEN", "Candidates:[vpnprof-head-1 Tunnel1-head-0]"},
	"SADB of an ISAKMP profile": {
		func(c *Config) { c.SADBs[0].ISAKMPProfile = "customer" },
		80 * ms, "NO-PROPOSAL-CHOSEN", "NoSADB{"},
	"tunnels to others only": {
		func(c *Config) {
			c.SADBs[0].Tunnels = []sadb.Member{{Name: "Tunnel0", Remote: netip.MustParseAddr("192.0.2.1")}}
		},
		80 * ms, "NO-PROPOSAL-CHOSEN", "NoSADB{"},
	"claimed by a profile with another key": {
		func(c *Config) {
			c.Profiles = []Profile{{Name: "a", Match: c.Keys[0].Prefixes(), Keys: []Key{{c.Keys[0].Prefix,
				"other"}}}}
			second := c.SADBs[0]
			second.SADB, second.ISAKMPProfile = "Tunnel1-head-0", "a"
			c.SADBs = append(c.SADBs, second)
		},
		31*time.Second + 40*ms, "no answer", "belongs to another ISAKMP profile"},
}

// Prefixes is the prefix of a key, as a match of a profile.
func (k Key) Prefixes() []netip.Prefix { return []netip.Prefix{k.Prefix} }

func TestMismatches(t *testing.T) {
	for name, m := range mismatches {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 5, hub, spoke)
			w.configure(0, m.hub)
			w.initiate(1, 0)
			w.wantFailed(name, 1, m.at, m.reason)
			w.wantEvent(name, 0, m.event)
			w.wantPairs(name, 0)
		})
	}
}

// TestNothingToTry has requests fail at once that cannot succeed.
func TestNothingToTry(t *testing.T) {
	for reason, change := range map[string]func(c *Config){
		"no pre-shared key":  func(c *Config) { c.Keys = nil },
		"no ISAKMP policy":   func(c *Config) { c.Policies = nil },
		"no such SADB":       func(c *Config) { c.SADBs[0].SADB = "other" },
		"no address":         func(c *Config) { c.SADBs[0].Local = netip.Addr{} },
		"EOF":                func(c *Config) { c.Rand = strings.NewReader("") },
		"IKE is not conf":    func(c *Config) { c.Rand = nil },
		"no ISAKMP policy ":  func(c *Config) { c.Policies[0].Group = 3 },
		"no pre-shared key ": func(c *Config) { c.SADBs[0].ISAKMPProfile = "undefined" },
	} {
		w := newWorld(t, 1, spoke)
		w.configure(0, change)
		n := w.nodes[0]
		w.carry(n, n.Initiate(w.now, Request{SADB: "vpnprof-head-1", Peer: hub}))
		w.wantFailed(reason, 0, 0, strings.TrimSpace(reason))
		if !n.Next().IsZero() {
			t.Errorf("%s: something is still due", reason)
		}
	}
}

// TestRepetition asserts the deadlines at which an unanswered message is sent
// again, and the end of it.
func TestRepetition(t *testing.T) {
	w := newWorld(t, 1, spoke)
	n := w.nodes[0]
	w.carry(n, n.Initiate(w.now, Request{SADB: "vpnprof-head-1", Local: spoke, Peer: hub}))
	for sent, second := range []int{1, 3, 7, 15, 23, 31} {
		next := n.Next()
		if got := next.Sub(boot); got != time.Duration(second)*time.Second {
			t.Fatalf("after %d messages the next deadline is %v, want %ds", sent+1, got, second)
		}
		if out := n.Advance(next.Add(-1)); len(out.Send) != 0 {
			t.Fatalf("an early Advance sent something")
		}
		w.now = next
		out := n.Advance(next)
		if (second < 31) != (len(out.Send) == 1) || (second == 31) != (len(out.Failed) == 1) {
			t.Fatalf("at %ds: %+v", second, out)
		}
	}
	if s := n.Snapshot().SAs[0]; !s.Deleted || s.State != MMNoState || s.ConnID != 0 {
		t.Errorf("a failed main mode is shown as %+v", s)
	}
	w.run(2 * time.Minute)
	if len(n.Snapshot().SAs) != 0 {
		t.Error("a failed main mode is shown for ever")
	}
}

// TestLostMessages loses each message in turn, once and twice: the exchange
// completes, and no later than its repetition lets it.
func TestLostMessages(t *testing.T) {
	for lost := 1; lost <= 9; lost++ {
		for times := 1; times <= 2; times++ {
			w := newWorld(t, 1, hub, spoke)
			count := 0
			w.drop = func(Datagram) bool {
				count++
				return count >= lost && count < lost+times
			}
			w.initiate(1, 0)
			w.run(4 * time.Second)
			w.wantPairs("one message lost", 0, spoke)
			w.wantPairs("one message lost", 1, hub)
			w.wantMirrored("one message lost", w.nodes[0].pairs[0], w.nodes[1].pairs[0])
			if w.wantSAs("one message lost", 0, 1); w.sent > 14 {
				t.Errorf("message %d lost %d times: %d sent", lost, times, w.sent)
			}
		}
	}
}

// TestFaults lets everything go wrong that a network can do.
func TestFaults(t *testing.T) {
	for seed := range uint64(40) {
		w := newWorld(t, seed, hub, spoke)
		w.loss, w.twice, w.jitter = 0.2, 0.2, 300*ms
		for try := 0; try < 5 && (len(w.nodes[0].pairs) == 0 || len(w.nodes[1].pairs) == 0); try++ {
			w.initiate(1, 0)
			w.run(60 * time.Second)
		}
		w.wantPairs("at 20% loss", 1, hub)
		last := w.nodes[1].pairs[len(w.nodes[1].pairs)-1]
		w.wantMirrored("at 20% loss", w.nodes[0].pairs[len(w.nodes[0].pairs)-1], last)
	}
}

// TestSlowComputing has every computation take longer than the repetitions of
// the peer: each is made once, what is repeated meanwhile changes nothing, and
// an SA that is gone when its result comes is not missed.
func TestSlowComputing(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	for i := range w.nodes {
		w.configure(i, func(c *Config) { c.SADBs[0].PFS = 2 })
	}
	w.slow = 4 * time.Second
	w.initiate(1, 0)
	w.run(40 * time.Second)
	w.wantPairs("slowly", 0, spoke)
	w.wantPairs("slowly", 1, hub)
	w.wantMirrored("slowly", w.nodes[0].pairs[0], w.nodes[1].pairs[0])
	w.wantSAs("slowly", 0, 1)
	if w.jobs != 3+3 {
		t.Errorf("%d computations, want three in each phase", w.jobs)
	}
	for _, after := range []time.Duration{time.Second, 5 * time.Second, 9 * time.Second, 13 * time.Second} {
		w.initiate(1, 0)
		w.run(after)
		for _, n := range w.nodes {
			w.carry(n, n.Clear(w.now, Selector{}))
		}
		w.run(time.Minute)
		for i, n := range w.nodes {
			if len(n.Engine.jobs) != 0 {
				t.Errorf("cleared after %v: node %d waits for %d results", after, i, len(n.Engine.jobs))
			}
		}
	}
}

// TestHalfAPair loses every third message: the responder, who never has the
// pair, gives up, and says so to the initiator, who has.
func TestHalfAPair(t *testing.T) {
	w := newWorld(t, 1, hub, spoke)
	for i := range w.nodes {
		w.configure(i, func(c *Config) { c.SADBs[0].Sets[0].AH = sadb.SHA1 })
	}
	from := 0
	w.drop = func(d Datagram) bool {
		h, _, err := parseHeader(d.Payload)
		if err != nil || h.exchange != quickMode || d.Local.Addr() != spoke {
			return false
		}
		from++
		return from > 1
	}
	w.initiate(1, 0)
	w.run(20 * time.Second)
	w.wantPairs("all this while", 1, hub)
	w.run(20 * time.Second)
	w.wantPairs("given up", 0)
	w.wantPairs("told", 1)
	w.drop = nil
	w.initiate(1, 0)
	w.run(time.Second)
	w.wantPairs("again", 0, spoke)
	w.wantPairs("again", 1, hub)
}
