//go:build linux

package kernel

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gresh/backend/linux/uml"
	"gresh/cmd/gresh/scenario"
)

// These are known failures of other DMVPN and IPsec systems with two tunnels
// on one source, as they would show on a kernel.

const (
	hub1   = "172.17.0.1"
	hub2   = "172.17.0.5"
	spoke1 = "172.17.0.11"
	spoke2 = "172.17.0.12"
)

var kernelSPI = regexp.MustCompile(`spi (0x0*[1-9a-f][0-9a-f]*)`) // not those that the kernel still wants

// spis are those of the SAs that the kernel of a router has with a peer, both
// ways, sorted.
func (d *dualHub) spis(name, local, peer string) (all []string) {
	n := d.routers[name]
	for _, way := range []string{"src " + local + " dst " + peer, "src " + peer + " dst " + local} {
		for _, m := range kernelSPI.FindAllStringSubmatch(n.IP("xfrm state list "+way), -1) {
			all = append(all, m[1])
		}
	}
	slices.Sort(all)
	return all
}

// up is the network of the guide, with both hubs protected on Spoke 1.
func up(t *testing.T, changes map[string][]string) *dualHub {
	t.Helper()
	d := newDualHub(t)
	d.switchOn(changes)
	d.open("Spoke1", 2)
	d.answers("Spoke1", "10.0.0.1")
	d.answers("Spoke1", "10.0.1.1")
	return d
}

func (d *dualHub) answers(name, to string) {
	d.t.Helper()
	uml.Wait(d.t, fmt.Sprintf("an answer of %s to %s", to, name), comesUp, func() bool {
		return d.routers[name].Pings(to)
	})
}

// keeps checks that the SAs with a peer are those that they were.
func (d *dualHub) keeps(name, local, peer string, was []string) {
	d.t.Helper()
	if is := d.spis(name, local, peer); len(was) != 2 || !slices.Equal(is, was) {
		d.t.Errorf("%s: the SAs with %s were %v and are %v", name, peer, was, is)
	}
}

// steady counts what a flow of packets has lost while f is at work.
func (d *dualHub) steady(name, to string, f func()) {
	d.t.Helper()
	flow := d.routers[name].Node.Start("ping", "-n", "-i", "0.02", to)
	f()
	flow.Signal(syscall.SIGINT) // has it say how it went
	uml.Wait(d.t, "ping to end", starting, flow.Exited)
	if lost := unanswered(flow.Log()); len(lost) > 0 {
		d.t.Errorf("%s to %s: the packets %v were lost", name, to, lost)
	}
}

// S1. Elsewhere, taking the protection off one tunnel ends every SA of the
// profile. S6. Elsewhere, any commit starts the daemon again.
func TestS1S6ACommitChangesWhatItSays(t *testing.T) {
	d := up(t, nil)
	s := d.routers["Spoke1"]
	was := d.spis("Spoke1", spoke1, hub1)
	d.steady("Spoke1", "10.0.0.1", func() {
		s.configure("interface Tunnel1", "no tunnel protection ipsec profile vpnprof")
		s.configure("interface Tunnel1", "tunnel protection ipsec profile vpnprof shared")
		d.keeps("Spoke1", spoke1, hub1, was)
		objects := standing(s.Node)
		s.configure("hostname Other", "interface Ethernet1", "description a line that changes nothing", "exit",
			"crypto isakmp policy 30", "encryption aes", "authentication pre-share")
		if now := standing(s.Node); unmetered(now) != unmetered(objects) {
			t.Errorf("the kernel had\n%s\nand has\n%s", objects, now)
		}
	})
	d.keeps("Spoke1", spoke1, hub1, was)
	d.open("Spoke1", 2)
}

// unmetered leaves out what counts by itself.
func unmetered(s string) string {
	return regexp.MustCompile(`o?seq 0x[0-9a-f]+|\n\s+[0-9a-f]{8}( [0-9a-f]{8})*\s*`).ReplaceAllString(s, "")
}

// S2. Elsewhere, a registration that fails in one cloud ends the SA that it
// shares with the other, again and again.
func TestS2FailedRegistrationLeavesTheSibling(t *testing.T) {
	d := newDualHub(t)
	d.switchOn(map[string][]string{
		"Spoke1": {"ip nhrp map 10.0.1.1 172.17.0.5", "ip nhrp map 10.0.1.1 172.17.0.1",
			"ip nhrp map multicast 172.17.0.5", "ip nhrp map multicast 172.17.0.1"},
		"Hub1": {"tunnel protection IPsec profile vpnprof", `tunnel protection ipsec profile vpnprof shared
 interface Tunnel1
  ip address 10.0.1.1 255.255.255.0
  ip nhrp authentication wrong
  ip nhrp network-id 100001
  tunnel source Ethernet0
  tunnel mode gre multipoint
  tunnel key 100001
  tunnel protection ipsec profile vpnprof shared`},
	})
	d.open("Spoke1", 1)
	d.answers("Spoke1", "10.0.0.1")
	was := d.spis("Spoke1", spoke1, hub1)
	d.steady("Spoke1", "10.0.0.1", func() {
		// The fourth registration is seven seconds after the first.
		uml.Wait(t, "registrations that fail", comesUp, func() bool {
			return strings.Count(d.routers["Hub1"].say("show logging"), "Registration Request") >= 4
		})
	})
	d.keeps("Spoke1", spoke1, hub1, was)
}

// S3. Elsewhere, the tunnel of one customer opens on an SA that was negotiated
// with the profile and the secret of another.
func TestS3OnlyItsOwnSAOpensATunnel(t *testing.T) {
	d := customers(t, "wrong")
	d.answers("Spoke1", "10.0.0.1")
	uml.Wait(t, "blue's negotiation to fail", comesUp, func() bool {
		return strings.Contains(d.routers["Spoke1"].say("show logging"), "IKMP_MODE_FAILURE")
	})
	if d.routers["Spoke1"].Pings("10.0.1.1") {
		t.Error("blue's tunnel is open")
	}
	if all := d.spis("Spoke1", spoke1, hub1); len(all) != 2 {
		t.Errorf("the SAs are %v", all)
	}
}

// customers is the network in which Spoke 1 is a customer of Hub 1 twice.
func customers(t *testing.T, blueSecret string) *dualHub {
	t.Helper()
	d := newDualHub(t)
	hub, spoke := scenario.BothCustomers(blueSecret)
	d.startWith(map[string]string{"Provider": "", "Hub1": hub, "Spoke1": spoke})
	return d
}

// S4. Elsewhere, the Quick Mode of the second tunnel between the same
// addresses is taken for a rekeying of the first one's SA.
func TestS4TwoUnsharedTunnelsHaveTwoPairs(t *testing.T) {
	d := customers(t, "azure")
	d.answers("Spoke1", "10.0.0.1")
	d.answers("Spoke1", "10.0.1.1")
	all := d.spis("Spoke1", spoke1, hub1)
	if len(all) != 4 {
		t.Fatalf("the SAs are %v", all)
	}
	d.steady("Spoke1", "10.0.1.1", func() {
		d.routers["Spoke1"].say("clear crypto sa map Tunnel0-head-0")
		uml.Wait(t, "red's new pair", comesUp, func() bool {
			return d.routers["Spoke1"].Pings("10.0.0.1") && len(d.spis("Spoke1", spoke1, hub1)) == 4
		})
	})
	kept := 0
	for _, spi := range d.spis("Spoke1", spoke1, hub1) {
		if slices.Contains(all, spi) {
			kept++
		}
	}
	if kept != 2 {
		t.Errorf("red alone was to be replaced: %d of 4 SAs are the same", kept)
	}
}

// S5. Elsewhere, a peer that comes up has the SAs of others torn down and set
// up again.
func TestS5PeerUpTearsNothingDown(t *testing.T) {
	d := up(t, nil)
	d.routers["Spoke2"].Kill()
	one, two := d.spis("Spoke1", spoke1, hub1), d.spis("Spoke1", spoke1, hub2)
	d.steady("Spoke1", "10.0.0.1", func() {
		d.routers["Spoke2"].start()
		d.open("Spoke2", 2)
		d.answers("Spoke2", "10.0.0.11")
	})
	d.keeps("Spoke1", spoke1, hub1, one)
	d.keeps("Spoke1", spoke1, hub2, two)
}

// S7. Elsewhere, any spoke that is let in can take another's tunnel address.
func TestS7UniqueRegistrations(t *testing.T) {
	d := up(t, nil)
	d.routers["Spoke2"].configure("interface Tunnel0", "ip address 10.0.0.11 255.255.255.0")
	hub := d.routers["Hub1"]
	hub.shows("show logging", comesUp, "10.0.0.11", "(14)")
	if said := hub.IP("neighbor show dev Tunnel0"); !strings.Contains(said, "10.0.0.11 lladdr "+spoke1) {
		t.Errorf("the address is taken:\n%s", said)
	}
	d.ping("Hub1", "10.0.0.11", 5)
}

// S8. Elsewhere, the protection goes with the SA, and until the next one is
// there the tunnels' packets leave in clear.
func TestS8NoSANoPackets(t *testing.T) {
	d := up(t, quick("Hub1", "Hub2", "Spoke1"))
	wire := d.Capture("access")
	s := d.routers["Spoke1"]
	s.configure("no crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0")
	s.say("clear crypto session")
	if said := s.say("ping 10.0.0.1 repeat 20 timeout 0"); !strings.Contains(said, "Success rate is 0 percent") {
		t.Errorf("without a key:\n%s", said)
	}
	if n := dropped(s, "XfrmOutNoStates"); n == 0 {
		t.Error("the kernel has dropped nothing")
	}
	s.configure("crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0")
	d.answers("Spoke1", "10.0.0.1")
	if n := wire.Count(uml.Packet.GRE); n != 0 {
		t.Errorf("%d packets of GRE in clear", n)
	}
}

// dropped is one of the counters of the kernel's XFRM.
func dropped(r *router, name string) (n int) {
	for line := range strings.Lines(r.Must("cat", "/proc/net/xfrm_stat")) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == name {
			fmt.Sscan(f[1], &n)
		}
	}
	return n
}
