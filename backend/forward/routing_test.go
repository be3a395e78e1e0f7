package forward

import (
	"net/netip"
	"testing"
)

var eigrpGroup = addr("224.0.0.10")

// TestRoutingIsHandedUp sends EIGRP by cable and by tunnel, to the group and
// to the address of a router.
func TestRoutingIsHandedUp(t *testing.T) {
	_, h1, r, _ := threeNodes(t)
	hello := func(to netip.Addr) SendIP {
		return SendIP{Dev: "Ethernet0", Dst: to, TTL: 2, Protocol: protoEIGRP, Payload: []byte("hello")}
	}
	h1.send(hello(eigrpGroup))
	if got := taken[Routing](r); len(got) != 0 {
		t.Errorf("heard without listening to the group: %+v", got)
	}
	listening := between()
	listening.Interfaces[0].Groups = []netip.Addr{eigrpGroup}
	r.sync(listening)
	h1.send(hello(eigrpGroup))
	h1.send(hello(addr("10.1.0.254")))
	got := taken[Routing](r)
	if len(got) != 2 {
		t.Fatalf("handed up: %+v", got)
	}
	for i, dst := range []netip.Addr{eigrpGroup, addr("10.1.0.254")} {
		u := got[i]
		if u.Dev != "Ethernet0" || u.Src != addr("10.1.0.1") || u.Dst != dst || u.Protocol != protoEIGRP || string(u.Payload) != "hello" {
			t.Errorf("handed up: %+v", u)
		}
	}
	if got := taken[ICMP](h1); len(got) != 0 {
		t.Errorf("complained of: %+v", got)
	}
}
