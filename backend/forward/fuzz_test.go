package forward

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gresh/backend/gre"
	"gresh/backend/sadb"
)

// FuzzReceive feeds frames to a path in the state that serves most: nothing it
// is sent may stop it, or make GRE of a protected tunnel leave in clear.
func FuzzReceive(f *testing.F) {
	for _, frame := range traffic() {
		f.Add(frame, uint8(0))
		f.Add(frame, uint8(8))
	}
	mac := [6]byte{2, 0, 0, 0, 0, 2}
	f.Fuzz(func(t *testing.T, frame []byte, more uint8) {
		p := NewPath(Options{Rand: rand.NewChaCha8([32]byte{}), MACs: map[string][6]byte{"Ethernet0": mac}})
		sas := append(pair(shared, 0x1000, 1, 2), bundle(0x3000, 1, 2)...)
		p.SetLink(noon, "Ethernet0", true)
		if _, err := p.Sync(noon, with(guide(2, shared, shared, 1), sas...)); err != nil {
			t.Fatal(err)
		}
		if more&8 == 0 && len(frame) > etherLen+ipHeaderLen { // most inputs should be sound IP to us
			frame = bytes.Clone(frame)
			copy(frame, mac[:])
			frame[12], frame[13], frame[etherLen] = 8, 0, 0x45
			reseal(frame[etherLen : etherLen+ipHeaderLen])
		}
		before := bytes.Clone(frame)
		results := []Result{p.Receive(noon, "Ethernet0", frame), p.Receive(noon, "Ethernet0", frame)}
		if !bytes.Equal(before, frame) {
			t.Fatal("the frame was changed")
		}
		results = append(results, p.Advance(noon.Add(time.Hour)))
		p.Counters()
		for _, r := range results {
			for _, f := range r.Frames {
				if f.Data[13] == 0 && f.Data[etherLen+9] == protoGRE {
					t.Fatalf("GRE left in clear: %x", f.Data)
				}
			}
		}
	})
}

// traffic is frames of every kind, as R1 sends them to R2.
func traffic() (frames [][]byte) {
	t := new(testing.T)
	sas := pair(shared, 0x1000, 1, 2)
	b, r1, _ := protected(t, sas...)
	r1.ping("10.0.0.2")
	r1.pingWith(SendIP{Dst: addr("172.17.0.2"), TTL: 9}, 3000)
	r1.pingWith(SendIP{Dst: addr("10.0.0.2"), TTL: 9}, 3000)
	r1.send(SendTunnel{"Tunnel0", addr("172.17.0.2"), gre.NHRP, []byte("nhrp")})
	r1.send(SendIP{Dst: addr("172.17.0.2"), TTL: 9, Protocol: protoUDP, Payload: datagram(500)})
	r1.send(SendIP{Dst: addr("172.17.0.2"), TTL: 9, Protocol: protoUDP, Payload: datagram(4500)})
	for name, change := range suiteTests {
		if name == "GCM" || name == "AH tunnel" || name == "UDP" {
			changed := []sadb.SA{sas[0], sas[1]}
			change(&changed[0])
			change(&changed[1])
			r1.sync(with(guide(1, shared, shared, 2), changed...))
			r1.ping("10.0.0.2")
		}
	}
	r1.sync(guide(1, "", "", 2))
	r1.ping("10.0.1.2")
	return b.wire
}

// TestSameSeedSameBytes: nothing of a map's order shows.
func TestSameSeedSameBytes(t *testing.T) {
	run := func() string {
		b, r1, _ := sharing(t)
		for n := 3; n < 40; n++ {
			r1.ping(fmt.Sprintf("172.17.0.%d", n))
			r1.ping(fmt.Sprintf("10.0.0.%d", n))
		}
		r1.ping("10.0.0.2")
		b.pass(10 * time.Second)
		return fmt.Sprintf("%x %+v %+v", b.wire, r1.up, r1.Counters())
	}
	first := run()
	for range 5 {
		if run() != first {
			t.Fatal("another history")
		}
	}
}

func TestLimiter(t *testing.T) {
	l := limiter{}
	allowed := func(at time.Duration, what string) bool { return l.allow(noon.Add(at), what, time.Second, 2) }
	for i, v := range []struct {
		at   time.Duration
		what string
		want bool
	}{
		{0, "a", true}, {0, "a", true}, {0, "a", false}, {0, "b", true},
		{time.Second - 1, "a", false}, {time.Second, "a", true}, {time.Second, "a", false},
		{time.Hour, "a", true}, {time.Hour, "a", true}, {time.Hour, "a", false},
	} {
		if got := allowed(v.at, v.what); got != v.want {
			t.Errorf("row %d: %v at %v is %v", i, v.what, v.at, got)
		}
	}
	for i := range 3 * limitsMax {
		l.allow(noon.Add(2*time.Hour), i, time.Second, 1)
	}
	if len(l) > limitsMax {
		t.Errorf("%d things remembered", len(l))
	}
}
