package eigrp

import (
	"encoding/binary"
	"math"
	"net/netip"
	"os"
	"testing"
	"time"
)

// A heard packet is one of the recording, with what stood around it.
type heard struct {
	at       time.Time
	from, to netip.Addr
	payload  []byte
}

func recording(t *testing.T) (all []heard) {
	b, err := os.ReadFile("../../testdata/capture/eigrp-frr103.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for b = b[24:]; len(b) > 0; {
		n := int(binary.LittleEndian.Uint32(b[8:]))
		at := time.Unix(int64(binary.LittleEndian.Uint32(b)), int64(binary.LittleEndian.Uint32(b[4:]))*1000)
		packet := b[16+14 : 16+n]
		b = b[16+n:]
		all = append(all, heard{at, netip.AddrFrom4([4]byte(packet[12:])), netip.AddrFrom4([4]byte(packet[16:])),
			packet[20:binary.BigEndian.Uint16(packet[2:])]})
	}
	return all
}

// TestInPlaceOfARecordedRouter: the engine takes the place of either router of
// the recording, and hears what that router heard. They must become
// neighbours, and the engine have the route of the other.
func TestInPlaceOfARecordedRouter(t *testing.T) {
	for me, want := range map[string]string{
		"172.17.0.1":  "192.168.11.0/24 via 172.17.0.11",
		"172.17.0.11": "192.168.1.0/24 via 172.17.0.1",
	} {
		e := New()
		e.seq = math.MaxUint32 // so that the acknowledgments of the recording fit
		var now time.Time
		step := func(out Output) {
			for _, event := range out.Log {
				if down, is := event.(NeighborDown); is {
					t.Errorf("%s: %v at %v", me, spell(down), now)
				}
			}
		}
		for k, p := range recording(t) {
			if k == 0 {
				i := Interface{Name: "Ethernet0", Addr: netip.PrefixFrom(ip(me), 24), Up: true, Bandwidth: 100000, Delay: 10}
				step(e.Configure(p.at, Config{AS: 1, RouterID: ip(me), Interfaces: []Interface{i}}))
			}
			for next := e.Next(); next.Before(p.at); next = e.Next() {
				now = next
				step(e.Advance(next))
			}
			now = p.at
			if p.from != ip(me) && (p.to == Group || p.to == ip(me)) {
				step(e.Receive(now, Packet{Interface: "Ethernet0", Addr: p.from, Multicast: p.to == Group, Payload: p.payload}))
			}
		}
		routes := e.Routes()
		if len(routes) != 1 || routes[0].Prefix.String()+" via "+routes[0].Via.String() != want || routes[0].Metric != 30720 {
			t.Errorf("%s has %v, want %s at 30720", me, routes, want)
		}
	}
}
