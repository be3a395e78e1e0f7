package sadb

import (
	"slices"
	"testing"
	"time"
)

// TestSockets: holds are counted, one socket and one pair serve all tunnels.
func TestSockets(t *testing.T) {
	play(t, map[string][]row{
		"two tunnels, one pair": {
			{0, "open T0 A", "ask A", 180 * s},
			{0, "open T1 A", "", 180 * s},
			{0, "open T1 A", "", 180 * s}, // held already
			{1 * s, "mine 10 A", "up T0 A, up T1 A", 3541 * s},
			{1 * s, "sas", "10 >11", 3541 * s},
			{2 * s, "instances", "65537 A [T0 T1] 10", 3541 * s},
			{3 * s, "close T0 A", "down T0 A", 3541 * s}, // the sibling's SPI stays
			{3 * s, "close T0 A", "", 3541 * s},
			{3 * s, "sas", "10 >11", 3541 * s},
			{4 * s, "open T0 A", "up T0 A", 3541 * s},
			{5 * s, "close T1 A", "down T1 A", 3541 * s},
			{6 * s, "close T0 A", "delete 10, down T0 A", never},
			{6 * s, "sas", "", never},
			{6 * s, "instances", "", never},
		},
		"closed and opened again in one output": {
			{0, "open T0 A", "ask A", 180 * s},
			{0, "mine 10 A", "up T0 A", 3540 * s},
			{1 * s, "close T0 A", "delete 10, down T0 A", never},
			{1 * s, "open T0 A", "ask A", 181 * s},
		},
		"the peer comes first": {
			{0, "theirs 10 A", "", 3600 * s}, // nobody holds it: its end is all there is to do
			{0, "instances", "65537 A [] 10", 3600 * s},
			{1 * s, "open T0 A", "up T0 A", 3570 * s},
		},
		"the peer comes first, and nobody else": {
			{0, "theirs 10 A", "", 3600 * s},
			{10 * s, "carried 10 90", "", 3600 * s},
			{3600 * s, "advance", "delete 10", never},
			{3600 * s, "instances", "", never},
		},
		"opened late: the rekey is overdue": {
			{0, "theirs 10 A", "", 3600 * s},
			{3580 * s, "open T0 A", "ask A in place of 10, up T0 A", 3600 * s},
		},
		"let go while IKE is at work": {
			{0, "open T0 A", "ask A", 180 * s},
			{1 * s, "close T0 A", "", never},
			{2 * s, "mine 10 A", "delete 10", never}, // nobody wants it any more
			{3 * s, "failed A", "", never},
		},
		"idle": {
			{0, "config idle", "", never},
			{0, "theirs 10 A", "", 600 * s},
			{0, "theirs 20 B", "", 600 * s},
			{9 * s, "open T0 A", "up T0 A", 600 * s},
			{600 * s, "advance", "delete 20", 3570 * s},
			{3570 * s, "advance", "ask A in place of 10", 3600 * s}, // held: in use
		},
		"idle time, configured late": {
			{0, "theirs 10 A", "", 3600 * s},
			{9 * s, "config idle", "", 600 * s},
			{10 * s, "config shared", "", 3600 * s},
		},
	})
}

// TestNobodys: what is of nobody does nothing.
func TestNobodys(t *testing.T) {
	play(t, map[string][]row{
		"what is nobody's": {
			{0, "open T7 A", "", never},
			{0, "close T0 A", "", never},
			{0, "close T7 A", "", never},
			{0, "open T0 C", "", never}, // no address
			{0, "deleted 10", "", never},
			{0, "carried 10 100", "", never},
			{0, "failed A", "", never},
			{0, "acquire A", "", never},
		},
		"told twice": {
			{0, "theirs 10 A", "", 3600 * s},
			{5 * s, "theirs 10 A", "", 3600 * s},
			{5 * s, "sas", "10 >11", 3600 * s},
		},
	})
}

// TestNumbers: an instance gets the lowest number that is free.
func TestNumbers(t *testing.T) {
	play(t, map[string][]row{"lowest free": {
		{0, "theirs 10 A", "", 3600 * s},
		{1 * s, "theirs 20 B", "", 3600 * s},
		{1 * s, "instances", "65537 A [] 10, 65538 B [] 20", 3600 * s},
		{2 * s, "deleted 10", "", 3601 * s},
		{2 * s, "instances", "65538 B [] 20", 3601 * s},
		{3 * s, "theirs 30 A", "", 3601 * s},
		{3 * s, "instances", "65537 A [] 30, 65538 B [] 20", 3601 * s},
		{4 * s, "deleted 20 31", "", never},
		{5 * s, "theirs 40 B", "", 3605 * s},
		{5 * s, "instances", "65537 B [] 40", 3605 * s},
	}})
}

// TestConfigure: what stays is left alone, and holds follow their tunnels.
func TestConfigure(t *testing.T) {
	start := func(rows ...row) []row {
		return append([]row{
			{0, "open T0 A", "ask A", 180 * s},
			{0, "open T1 A", "", 180 * s},
			{0, "mine 10 A", "up T0 A, up T1 A", 3540 * s}}, rows...)
	}
	play(t, map[string][]row{
		"nothing new": start(
			row{1 * s, "config shared", "", 3540 * s}),
		"a tunnel is shut down": start(
			row{1 * s, "config T0 left", "down T0 A", 3540 * s},
			row{1 * s, "close T0 A", "", 3540 * s}, // NHRP says so as well
			row{1 * s, "sas", "10 >11", 3540 * s},
			row{2 * s, "open T0 A", "", 3540 * s}),
		"a tunnel goes to an SADB of its own": start(
			row{1 * s, "config two", "down T0 A, ask A for one", 181 * s},
			row{1 * s, "instances", "65537 A [T0], 65537 A [T1] 10", 181 * s},
			row{2 * s, "config shared", "up T0 A", 3540 * s},
			row{2 * s, "instances", "65537 A [T1 T0] 10", 3540 * s}),
		"the SADB goes": start(
			row{1 * s, "config none", "delete 10, down T0 A, down T1 A", never},
			row{1 * s, "close T0 A", "", never},
			row{1 * s, "mine 20 A", "delete 20", never},
			row{1 * s, "sas", "", never},
			row{2 * s, "config shared", "", never},
			row{2 * s, "instances", "", never}),
		"the address changes": start(
			row{1 * s, "config moved", "delete 10, down T0 A, down T1 A, ask A from 192.0.2.1", 181 * s},
			row{1 * s, "instances", "65537 A [T0 T1]", 181 * s},
			row{2 * s, "mine 20 A", "delete 20", 7 * s}, // of the old address
			row{3 * s, "theirs 30 A", "delete 30", 7 * s},
			row{7 * s, "advance", "ask A from 192.0.2.1", 187 * s}),
		"the address changes while a retry waits": {
			{0, "open T0 A", "ask A", 180 * s},
			{30 * s, "failed A", "", 35 * s},
			{31 * s, "config moved", "ask A from 192.0.2.1", 211 * s}},
		"the address changes while IKE is at work": {
			{0, "open T0 A", "ask A", 180 * s},
			{31 * s, "config moved", "ask A from 192.0.2.1", 211 * s}},
		"the address changes, nobody holds": {
			{0, "theirs 10 A", "", 3600 * s},
			{1 * s, "config moved", "delete 10", never},
			{1 * s, "instances", "", never}},
		"another address, while IKE is at work": {
			{0, "open T0 A", "ask A", 180 * s},
			{1 * s, "config moved", "ask A from " + elsewhere.String(), 181 * s},
			{2 * s, "failed-old A", "", 181 * s}}, // what was asked from there
		"another policy": start(
			row{1 * s, "config other policy", "", 3540 * s}, // until the rekey
			row{1 * s, "sas", "10 >11", 3540 * s}),
		"a tunnel to somebody else": start(
			row{1 * s, "open T0 B", "ask B", 181 * s},
			row{2 * s, "mine 20 B", "up T0 B", 3540 * s},
			row{3 * s, "config T0 to A", "delete 20, down T0 B", 3540 * s},
			row{3 * s, "open T0 B", "", 3540 * s}),
	})
}

// TestClear: all, one peer, one map; held sockets go on.
func TestClear(t *testing.T) {
	start := func(rows ...row) []row {
		return append([]row{
			{0, "open T0 A", "ask A", 180 * s},
			{0, "mine 10 A", "up T0 A", 3540 * s},
			{0, "mine 12 A", "", 5 * s},
			{0, "theirs 20 B", "", 5 * s}}, rows...)
	}
	play(t, map[string][]row{
		"all":         start(row{1 * s, "clear", "delete 10, delete 12, delete 20, down T0 A, ask A", 181 * s}),
		"a peer":      start(row{1 * s, "clear B", "delete 20", 5 * s}),
		"a map":       start(row{1 * s, "clear - vpnprof", "delete 10, delete 12, delete 20, down T0 A, ask A", 181 * s}),
		"another map": start(row{1 * s, "clear - other", "", 5 * s}),
		"a stranger":  start(row{1 * s, "clear A other", "", 5 * s}),
	})
}

// TestChanged: SAs is remade when Changed was said, and only then.
func TestChanged(t *testing.T) {
	a := newActor()
	a.Open(boot, "T0", spokeAddr)
	out := a.Installed(boot, pairOf("vpnprof", hubAddr, spokeAddr, true, 10))
	first := a.SAs()
	if !out.Changed || len(first) != 2 {
		t.Fatalf("installed: changed %v, %d SAs", out.Changed, len(first))
	}
	if out := a.Open(boot, "T1", spokeAddr); out.Changed || &a.SAs()[0] != &first[0] {
		t.Errorf("a second holder changed the SAs")
	}
	if out := a.Installed(boot, pairOf("vpnprof", hubAddr, otherAddr, false, 20)); !out.Changed || len(first) != 2 ||
		first[1].SPI != 11 || len(a.SAs()) != 4 {
		t.Errorf("changed %v: %s became %s", out.Changed, spisOf(first), spisOf(a.SAs()))
	}
	if soft, hard := first[0].SoftOctets, first[0].HardOctets; soft != 921600 || hard != 1024000 {
		t.Errorf("limits %d and %d", soft, hard)
	}
}

// TestOrder: SAs go by SADB as configured, even if nothing else changes.
func TestOrder(t *testing.T) {
	a := newActor()
	two := slices.Clone(configs["two"])
	a.Configure(boot, Config{two})
	a.Installed(boot, pairOf("one", hubAddr, spokeAddr, false, 10))
	a.Installed(boot, pairOf("vpnprof", hubAddr, spokeAddr, false, 20))
	before := spisOf(a.SAs())
	slices.Reverse(two)
	a.Configure(boot, Config{two})
	if after := spisOf(a.SAs()); before != "10 >11 20 >21" || after != "20 >21 10 >11" {
		t.Errorf("%s, and turned about %s", before, after)
	}
}

// TestOwnCopy: what IKE gave is not written to.
func TestOwnCopy(t *testing.T) {
	p := pairOf("vpnprof", hubAddr, spokeAddr, false, 10)
	newActor().Installed(boot, p)
	if p.In[0].HardOctets != 0 || p.Out[0].SoftOctets != 0 {
		t.Error("the limits were written into the caller's SAs")
	}
}

// TestLog: holders come and go, negotiations fail; each is said once.
func TestLog(t *testing.T) {
	a, at := newActor(), func(d time.Duration) time.Time { return boot.Add(d) }
	var log []Event
	log = append(log, a.Open(at(0), "T0", spokeAddr).Log...)
	log = append(log, a.Failed(at(s), Request{SADB: "vpnprof", Local: hubAddr, Peer: spokeAddr}, "timeout").Log...)
	log = append(log, a.Failed(at(s), Request{SADB: "vpnprof", Local: hubAddr, Peer: spokeAddr}, "timeout").Log...)
	log = append(log, a.Installed(at(2*s), pairOf("vpnprof", hubAddr, spokeAddr, false, 10)).Log...)
	log = append(log, a.Configure(at(3*s), Config{configs["moved"]}).Log...)
	want := []Event{NegotiationFailed{"vpnprof", spokeAddr, "timeout"},
		SocketUp{"T0", hubAddr, spokeAddr}, SocketDown{"T0", hubAddr, spokeAddr}}
	if !slices.Equal(log, want) {
		t.Errorf("%+v, want %+v", log, want)
	}
}
