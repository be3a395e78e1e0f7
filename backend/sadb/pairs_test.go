package sadb

import "testing"

// opened is a held socket with a pair that we began: rekeyed at 3540 s.
func opened(rows ...row) []row {
	return append([]row{
		{0, "open T0 A", "ask A", 180 * s},
		{0, "mine 10 A", "up T0 A", 3540 * s}}, rows...)
}

// TestRekey: the successor is asked for before the end. It is sent under at once
// if the other side began, since that side has it; if we did, soon. The old pair
// is received under a while longer, and what was sent under stays for as long.
func TestRekey(t *testing.T) {
	play(t, map[string][]row{
		"by who began": opened(
			row{3539 * s, "advance", "", 3540 * s}, // early
			row{3540 * s, "advance", "ask A in place of 10", 3600 * s},
			row{3541 * s, "mine 20 A", "", 3546 * s},
			row{3541 * s, "sas", "10 20 >11", 3546 * s},
			row{3541 * s, "instances", "65537 A [T0] 10- 20", 3546 * s},
			row{3546 * s, "advance", "", 3600 * s},
			row{3546 * s, "sas", "10 20 >11 >21", 3600 * s},
			row{3600 * s, "advance", "delete 10", 7081 * s},
			row{3600 * s, "sas", "20 >21", 7081 * s}),
		"by the other side, who deletes": opened(
			row{100 * s, "theirs 20 A", "", 190 * s},
			row{100 * s, "sas", "10 20 >11 >21", 190 * s},
			row{160 * s, "deleted 11", "", 3670 * s}, // its end of 10
			row{160 * s, "sas", "20 >21", 3670 * s}),
		"by the other side, who does not": opened(
			row{100 * s, "theirs 20 A", "", 190 * s},
			row{190 * s, "advance", "delete 10", 3670 * s}),
		"by us, though the other side began": {
			{0, "open T0 A", "ask A", 180 * s},
			{1 * s, "theirs 10 A", "up T0 A", 3571 * s}, // later than the other side
			{3571 * s, "advance", "ask A in place of 10", 3601 * s},
			{3572 * s, "mine 20 A", "", 3577 * s}},
		"by volume": opened(
			row{60 * s, "carried 10 89", "", 3540 * s},
			row{60 * s, "carried 11 90", "ask A in place of 10", 240 * s},
			row{60 * s, "carried 10 90", "", 240 * s}, // asked already
			row{61 * s, "failed A", "", 66 * s},
			row{66 * s, "advance", "ask A in place of 10", 246 * s},
			row{67 * s, "mine 20 A", "", 72 * s},
			row{68 * s, "carried 10 95", "", 72 * s}, // superseded
			row{69 * s, "carried 10 100", "delete 10", 3607 * s}),
		"by volume, in vain": opened(
			row{60 * s, "carried 10 90", "ask A in place of 10", 240 * s},
			row{61 * s, "carried 10 100", "delete 10, down T0 A", 240 * s},
			row{62 * s, "mine 20 A", "up T0 A", 3602 * s}),
		"the peer does not answer": opened(
			row{3540 * s, "advance", "ask A in place of 10", 3600 * s},
			row{3570 * s, "failed A", "", 3575 * s}, // the live SA is left alone
			row{3570 * s, "sas", "10 >11", 3575 * s},
			row{3575 * s, "advance", "ask A in place of 10", 3600 * s},
			row{3600 * s, "advance", "delete 10, down T0 A", 3755 * s}, // IKE is still at work
			row{3605 * s, "failed A", "", 3615 * s},
			row{3615 * s, "advance", "ask A", 3795 * s}),
		"a retry waits when the pair ends": opened(
			row{3540 * s, "advance", "ask A in place of 10", 3600 * s},
			row{3598 * s, "failed A", "", 3600 * s},
			row{3600 * s, "advance", "delete 10, down T0 A", 3603 * s},
			row{3603 * s, "advance", "ask A", 3783 * s}),
		"traffic while a rekey waits": opened( // has a pair
			row{60 * s, "carried 10 90", "ask A in place of 10", 240 * s},
			row{61 * s, "failed A", "", 66 * s},
			row{63 * s, "acquire A", "", 66 * s}),
		"IKE does not answer": opened(
			row{60 * s, "carried 10 90", "ask A in place of 10", 240 * s},
			row{240 * s, "advance", "ask A in place of 10", 420 * s}),
		"a late failure": opened( // the peer was quicker than our request
			row{3540 * s, "advance", "ask A in place of 10", 3600 * s},
			row{3550 * s, "theirs 20 A", "", 3600 * s},
			row{3560 * s, "failed A", "", 3600 * s}),
		"the other policy": opened(
			row{9 * s, "config other policy", "", 3540 * s},
			row{3540 * s, "advance", "ask A in place of 10", 3600 * s}),
	})
}

// TestHandover: who began goes on to send under the old pair, until the other
// side may be taken to have the new one, or the old one is gone.
func TestHandover(t *testing.T) {
	play(t, map[string][]row{
		"by us, and the other side does not have it yet": opened(
			row{100 * s, "mine 20 A", "", 105 * s},
			row{104 * s, "unconfirmed 20", "", 109 * s},
			row{108 * s, "unconfirmed 20", "", 113 * s},
			row{112 * s, "advance", "", 113 * s},
			row{112 * s, "sas", "10 20 >11", 113 * s},
			row{113 * s, "advance", "", 160 * s},
			row{114 * s, "unconfirmed 20", "", 160 * s}, // what has begun is not taken back
			row{114 * s, "sas", "10 20 >11 >21", 160 * s}),
		"by us, when the old one is about to end": opened(
			row{3598 * s, "mine 20 A", "", 3599 * s},
			row{3599 * s, "advance", "", 3600 * s},
			row{3599 * s, "sas", "10 20 >11 >21", 3600 * s}),
		"by us, and the old one ends at once": opened(
			row{100 * s, "mine 20 A", "", 105 * s},
			row{101 * s, "deleted 10", "", 3640 * s},
			row{101 * s, "sas", "20 >21", 3640 * s}),
		"by us, and the new one ends at once": opened(
			row{100 * s, "mine 20 A", "", 105 * s},
			row{101 * s, "deleted 20", "", 106 * s}, // not round and round
			row{101 * s, "sas", "10 >11", 106 * s}),
	})
}

// TestMoved: where a peer's pair is sent to changes with his NAT's port, and
// what was handed out before does not.
func TestMoved(t *testing.T) {
	a := newActor()
	p := pairOf("vpnprof", hubAddr, spokeAddr, false, 10)
	p.PeerPort, p.In[0].Encap, p.Out[0].Encap = 4500, Encap{4500, 4500}, Encap{4500, 4500}
	a.Installed(boot, p)
	before := a.SAs()
	if out := a.Moved(boot, []Key{p.In[0].Key()}, 40000); !out.Changed {
		t.Error("nobody would tell the data path")
	}
	after := a.SAs()
	if in, out := after[0].Encap, after[1].Encap; in != (Encap{40000, 4500}) || out != (Encap{4500, 40000}) {
		t.Errorf("encapsulated %v, and back %v", in, out)
	}
	if before[0].Encap.SrcPort != 4500 || p.In[0].Encap.SrcPort != 4500 {
		t.Error("what was handed out has changed")
	}
	if out := a.Moved(boot, []Key{p.In[0].Key(), {}}, 40000); out.Changed {
		t.Error("told twice")
	}
}

// TestNoLifetime: a pair that has no end of any kind is left alone.
func TestNoLifetime(t *testing.T) {
	a := newActor()
	a.Open(boot, "T0", spokeAddr)
	p := pairOf("vpnprof", hubAddr, spokeAddr, true, 10)
	p.Lifetime = Lifetime{}
	a.Installed(boot, p)
	if out := a.Volume(boot, p.In[0].Key(), 1<<60); out.String() != "" || !a.Next().IsZero() {
		t.Errorf("%q, next %v", out, a.Next())
	}
	if soft, hard := a.SAs()[0].SoftOctets, a.SAs()[0].HardOctets; soft != 0 || hard != 0 {
		t.Errorf("limits %d and %d", soft, hard)
	}
}

// TestCrossing: of two pairs begun at once, the one with the lowest SPI is sent
// under, in whatever order they came; the other goes after a while.
func TestCrossing(t *testing.T) {
	play(t, map[string][]row{
		"ours first, and wins": opened(
			row{1 * s, "theirs 20 A", "", 61 * s},
			row{1 * s, "sas", "20 10 >11", 61 * s},
			row{61 * s, "advance", "delete 20", 3540 * s}),
		"ours last, and wins": {
			{0, "open T0 A", "ask A", 180 * s},
			{1 * s, "theirs 20 A", "up T0 A", 3571 * s},
			{2 * s, "mine 10 A", "", 7 * s},
			{2 * s, "sas", "20 10 >21", 7 * s},
			{7 * s, "advance", "", 62 * s},
			{7 * s, "sas", "20 10 >21 >11", 62 * s},
			{62 * s, "advance", "delete 20", 3542 * s}},
		"theirs first, and wins": {
			{0, "open T0 A", "ask A", 180 * s},
			{1 * s, "theirs 5 A", "up T0 A", 3571 * s},
			{2 * s, "mine 10 A", "", 92 * s},
			{2 * s, "sas", "10 5 >6", 92 * s},
			{62 * s, "deleted 10", "", 3571 * s}},
		"theirs last, and wins": opened(
			row{1 * s, "theirs 5 A", "", 91 * s},
			row{1 * s, "sas", "10 5 >11 >6", 91 * s}),
		"the winner goes": opened( // what lingers stands in until there is another
			row{1 * s, "theirs 20 A", "", 61 * s},
			row{9 * s, "deleted 10", "ask A in place of 20", 61 * s},
			row{9 * s, "sas", "20 >21", 61 * s},
			row{10 * s, "mine 30 A", "", 15 * s},
			row{15 * s, "advance", "", 61 * s},
			row{61 * s, "advance", "delete 20", 3550 * s}),
		"the winner goes, nobody holds": {
			{0, "theirs 20 A", "", 3600 * s},
			{20 * s, "theirs 30 A", "", 110 * s},
			{30 * s, "deleted 30", "", 110 * s},
			{31 * s, "open T0 A", "ask A in place of 20, up T0 A", 110 * s}},
		"later than that": opened(
			row{15 * s, "theirs 20 A", "", 105 * s},
			row{15 * s, "sas", "10 20 >11 >21", 105 * s}),
		"twice from one side": opened(
			row{1 * s, "mine 20 A", "", 6 * s},
			row{1 * s, "sas", "10 20 >11", 6 * s}),
		"while rekeying": opened(
			row{3540 * s, "advance", "ask A in place of 10", 3600 * s},
			row{3541 * s, "theirs 30 A", "", 3600 * s},
			row{3542 * s, "mine 20 A", "", 3547 * s},
			row{3542 * s, "sas", "10 30 20 >11 >31", 3547 * s},
			row{3547 * s, "advance", "", 3600 * s},
			row{3547 * s, "sas", "10 30 20 >11 >31 >21", 3600 * s},
			row{3600 * s, "advance", "delete 10", 3602 * s},
			row{3602 * s, "advance", "delete 30", 7082 * s}),
		"without end": opened(
			row{1 * s, "mine 20 A", "", 6 * s}, row{2 * s, "mine 30 A", "", 7 * s},
			row{3 * s, "mine 40 A", "", 8 * s}, row{4 * s, "mine 50 A", "", 9 * s},
			row{5 * s, "mine 60 A", "", 10 * s}, row{6 * s, "mine 70 A", "", 11 * s},
			row{7 * s, "mine 80 A", "", 12 * s},
			row{7 * s, "sas", "10 20 30 40 50 60 70 80 >11", 12 * s},
			row{8 * s, "mine 90 A", "delete 10", 62 * s},
			row{9 * s, "sas", "20 30 40 50 60 70 80 90 >91", 62 * s}),
	})
}

// TestDeleted: the peer deletes, or is dead.
func TestDeleted(t *testing.T) {
	play(t, map[string][]row{
		"held": opened(
			row{60 * s, "deleted 10", "down T0 A, ask A", 240 * s},
			row{61 * s, "theirs 20 A", "up T0 A", 3631 * s}),
		"both ends": opened(row{60 * s, "deleted 11 10", "down T0 A, ask A", 240 * s}),
		"all of a dead peer": opened(
			row{60 * s, "mine 20 A", "", 65 * s},
			row{70 * s, "deleted 20 10", "down T0 A, ask A", 250 * s}),
		"nobody holds": {
			{0, "theirs 10 A", "", 3600 * s},
			{1 * s, "deleted 10", "", never}},
		"at once": opened( // not round and round
			row{1 * s, "deleted 10", "down T0 A", 6 * s},
			row{6 * s, "advance", "ask A", 186 * s}),
		"at once, while IKE is at work": opened(
			row{1 * s, "carried 10 90", "ask A in place of 10", 181 * s},
			row{2 * s, "deleted 10", "down T0 A", 181 * s}),
		"a superseded one": opened( // is no failure
			row{1 * s, "theirs 20 A", "", 61 * s},
			row{2 * s, "deleted 20", "", 3540 * s}),
		"while IKE is at work": opened(
			row{3540 * s, "advance", "ask A in place of 10", 3600 * s},
			row{3541 * s, "deleted 10", "down T0 A", 3720 * s},
			row{3542 * s, "mine 20 A", "up T0 A", 7082 * s}),
	})
}

// TestRetry: a failure is followed by another try, later each time, and sooner
// if there is traffic.
func TestRetry(t *testing.T) {
	play(t, map[string][]row{
		"backs off": {
			{0, "open T0 A", "ask A", 180 * s},
			{30 * s, "failed A", "", 35 * s},
			{35 * s, "advance", "ask A", 215 * s},
			{36 * s, "failed A", "", 46 * s},
			{46 * s, "advance", "ask A", 226 * s},
			{47 * s, "failed A", "", 67 * s},
			{67 * s, "advance", "ask A", 247 * s},
			{68 * s, "failed A", "", 108 * s},
			{108 * s, "advance", "ask A", 288 * s},
			{110 * s, "failed A", "", 170 * s},
			{170 * s, "advance", "ask A", 350 * s},
			{171 * s, "failed A", "", 231 * s}, // no later than that
			{180 * s, "theirs 10 A", "up T0 A", 3750 * s},
			{190 * s, "deleted 10", "down T0 A, ask A", 370 * s},
			{191 * s, "failed A", "", 196 * s}, // forgotten
		},
		"traffic": {
			{0, "acquire A", "", never}, // nobody holds it
			{0, "open T0 A", "ask A", 180 * s},
			{1 * s, "acquire A", "", 180 * s}, // IKE is at work
			{30 * s, "failed A", "", 35 * s},
			{30 * s, "acquire A", "", 31 * s}, // no sooner than that
			{30 * s, "acquire A", "", 31 * s},
			{31 * s, "advance", "ask A", 211 * s},
			{32 * s, "failed A", "", 42 * s},
			{34 * s, "acquire A", "ask A", 214 * s},
			{35 * s, "mine 10 A", "up T0 A", 3575 * s},
			{36 * s, "acquire A", "", 3575 * s}, // there is a pair
		},
		"let go": {
			{0, "open T0 A", "ask A", 180 * s},
			{30 * s, "failed A", "", 35 * s},
			{31 * s, "close T0 A", "", never},
		},
		"a sibling comes while a retry waits": {
			{0, "open T0 A", "ask A", 180 * s},
			{30 * s, "failed A", "", 35 * s},
			{31 * s, "open T1 A", "", 35 * s},
			{31 * s, "close T0 A", "", 35 * s},
			{35 * s, "advance", "ask A", 215 * s},
		},
		"two at one time": {
			{0, "open T0 B", "ask B", 180 * s},
			{0, "open T0 A", "ask A", 180 * s},
			{180 * s, "advance", "ask A, ask B", 360 * s},
		},
	})
}
