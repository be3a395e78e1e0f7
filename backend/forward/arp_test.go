package forward

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// arpTable is what "show ip arp" is made of, a line each.
func (n *node) arpTable() string {
	var lines []string
	for _, e := range n.Counters().ARP {
		line := fmt.Sprintf("%v %s %x", e.Addr, e.Dev, e.MAC)
		switch {
		case e.Own:
			line += " own"
		case e.Incomplete:
			line += " incomplete"
		default:
			line += fmt.Sprint(" ", n.b.now.Sub(e.Since))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestARP(t *testing.T) {
	b, h1, r, _ := threeNodes(t)
	if want := "10.1.0.254 Ethernet0 020000000002 own\n10.2.0.254 Ethernet1 020000010002 own"; r.arpTable() != want {
		t.Errorf("before any traffic:\n%s\nwant\n%s", r.arpTable(), want)
	}
	h1.mustPing("10.1.0.254")
	b.pass(time.Minute)
	want := "10.1.0.1 Ethernet0 020000000001 1m0s\n" +
		"10.1.0.254 Ethernet0 020000000002 own\n10.2.0.254 Ethernet1 020000010002 own"
	if r.arpTable() != want {
		t.Errorf("after a ping:\n%s\nwant\n%s", r.arpTable(), want)
	}
	b.pass(arpLife - time.Minute - 1)
	if !strings.Contains(r.arpTable(), "10.1.0.1 ") {
		t.Error("forgotten early")
	}
	if b.pass(1); strings.Contains(r.arpTable(), "10.1.0.1 ") {
		t.Error("not forgotten")
	}
	h1.mustPing("10.2.0.1")
	if r.ClearARP(); strings.Contains(r.arpTable(), "10.1.0.1 ") {
		t.Error("not cleared")
	}
	h1.mustPing("10.2.0.1")
	r.carry(r.SetLink(b.now, "Ethernet0", false))
	if strings.Contains(r.arpTable(), "10.1.0.1 ") {
		t.Error("known on a link that is down")
	}
}

// TestARPAsksThreeTimes: what waits is bounded, and given up in the end.
func TestARPAsksThreeTimes(t *testing.T) {
	b, h1, _, _ := threeNodes(t)
	b.wire = nil
	for range 20 {
		h1.ping("10.1.0.77")
	}
	if len(b.wire) != 1 || h1.Next() != b.now.Add(arpRetry) {
		t.Errorf("asked %d times at once; next at %v", len(b.wire), h1.Next().Sub(b.now))
	}
	if !strings.Contains(h1.arpTable(), "10.1.0.77 Ethernet0 000000000000 incomplete") {
		t.Errorf("while asking:\n%s", h1.arpTable())
	}
	h1.dropped(NoNeighbor, 20-arpQueue)
	if b.pass(10 * time.Second); len(b.wire) != arpTries {
		t.Errorf("asked %d times", len(b.wire))
	}
	h1.dropped(NoNeighbor, 20)
	if strings.Contains(h1.arpTable(), "incomplete") || !h1.Next().IsZero() {
		t.Errorf("still asking; next at %v", h1.Next())
	}
}

// TestARPQueue: packets that waited leave in order when the answer comes.
func TestARPQueue(t *testing.T) {
	b, h1, _, _ := threeNodes(t)
	b.lose = func(string, []byte) bool { return true }
	for i := range 3 {
		h1.send(SendIP{Dst: addr("10.1.0.254"), TTL: byte(i + 10), Protocol: protoICMP, Payload: echo(8)})
	}
	b.lose, b.wire = nil, nil
	h1.up = nil
	b.pass(arpRetry)
	if got := taken[ICMP](h1); len(got) != 3 {
		t.Errorf("%d replies", len(got))
	}
	var ttls []byte
	for _, f := range b.wire {
		if f[12] == 8 && f[13] == 0 && f[11] == 1 {
			ttls = append(ttls, f[etherLen+8])
		}
	}
	if string(ttls) != "\x0a\x0b\x0c" {
		t.Errorf("left in the order of %v", ttls)
	}
}

func TestARPAnswers(t *testing.T) {
	b, h1, r, _ := threeNodes(t)
	theirs := [6]byte{2, 9, 9, 9, 9, 9}
	ask := func(from, to string) (replies int) {
		frame := append(append(append([]byte{}, broadcastMAC[:]...), theirs[:]...), 8, 6)
		frame = append(frame, arpMessage(arpRequest, theirs, addr(from), [6]byte{}, addr(to))...)
		for _, f := range r.Receive(b.now, "Ethernet0", frame).Frames {
			if f.Data[21] == arpReply && [6]byte(f.Data[:6]) == theirs && len(f.Data) == etherFloor {
				replies++
			}
		}
		return replies
	}
	for _, v := range []struct {
		name, from, to string
		replies        int
		learnt         bool
	}{
		{"a neighbour asks", "10.1.0.7", "10.1.0.254", 1, true},
		{"for somebody else", "10.1.0.8", "10.1.0.1", 0, false},
		{"for our address on another port", "10.1.0.9", "10.2.0.254", 0, false},
		{"a probe has no sender", "0.0.0.0", "10.1.0.254", 1, false},
		{"a stranger asks", "192.0.2.1", "10.1.0.254", 1, false},
		{"who claims our address", "10.1.0.254", "10.1.0.254", 0, false},
	} {
		if got := ask(v.from, v.to); got != v.replies {
			t.Errorf("%s: %d replies, want %d", v.name, got, v.replies)
		}
		if learnt := strings.Contains(r.arpTable(), v.from+" Ethernet0 020909090909"); learnt != v.learnt {
			t.Errorf("%s: learnt is %v", v.name, learnt)
		}
	}
	h1.mustPing("10.1.0.254")
	ask("10.1.0.1", "10.1.0.99")
	if !strings.Contains(r.arpTable(), "10.1.0.1 Ethernet0 020909090909") {
		t.Error("a neighbour that is known has moved, and was not followed")
	}
}

// TestAnnounce: an address that comes up is announced, once.
func TestAnnounce(t *testing.T) {
	_, _, r, _ := threeNodes(t)
	announced := func(result Result) (all []string) {
		for _, f := range result.Frames {
			if f.Data[13] == 6 && [4]byte(f.Data[28:32]) == [4]byte(f.Data[38:42]) {
				all = append(all, fmt.Sprintf("%s %d.%d", f.Dev, f.Data[28], f.Data[29]))
			}
		}
		return all
	}
	table := between()
	again, _ := r.Sync(noon, table)
	table = between()
	table.Interfaces[0].Addresses = append(table.Interfaces[0].Addresses, prefix("10.7.0.1/24"))
	added, _ := r.Sync(noon, table)
	down, up := r.SetLink(noon, "Ethernet0", false), r.SetLink(noon, "Ethernet0", true)
	got := fmt.Sprint(announced(again), announced(added), announced(down), announced(up))
	if want := "[] [Ethernet0 10.7] [] [Ethernet0 10.1 Ethernet0 10.7]"; got != want {
		t.Errorf("announced %s, want %s", got, want)
	}
}

// TestInterfaceTakenAway: whom it had learnt goes with it.
func TestInterfaceTakenAway(t *testing.T) {
	_, h1, r, _ := threeNodes(t)
	h1.mustPing("10.2.0.1")
	less := between()
	less.Interfaces = less.Interfaces[1:]
	r.sync(less)
	for _, e := range r.Counters().ARP {
		if e.Dev == "Ethernet0" {
			t.Errorf("still there: %+v", e)
		}
	}
}
