//go:build linux

package kernel

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
)

// The addresses of the two peers, outside and inside of the tunnel.
const (
	ourNBMA, theirNBMA = "172.17.0.1", "172.17.0.2"
	ourIP, theirIP     = "10.0.0.1", "10.0.0.2"
)

// negotiating is how long two peers may take to agree, with nothing lost.
const negotiating = 15 * time.Second

// A suite is one choice of algorithms, in the words of both sides.
type suite struct {
	policy    string // of "crypto isakmp policy", lines joined by ", "
	transform string
	pfs       string // "" none
	ike, esp  string // charon's
}

var suites = map[string]suite{
	"des":  {"encr des, hash md5, group 2", "esp-des esp-md5-hmac", "", "des-md5-modp1024", "des-md5"},
	"3des": {"encr 3des, hash sha, group 2", "esp-3des esp-sha-hmac", "group14", "3des-sha1-modp1024", "3des-sha1-modp2048"},
	"aes":  {"encr aes, hash sha, group 14", "esp-aes esp-sha-hmac", "group2", "aes128-sha1-modp2048", "aes128-sha1-modp1024"},
	"gcm":  {"encr aes 256, hash sha256, group 19", "esp-gcm", "group19", "aes256-sha256-ecp256", "aes128gcm16-ecp256"},
}

const startup = `hostname R1
crypto isakmp policy 1
 authentication pre-share
 %s
crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0
crypto ipsec transform-set ts %s
 mode transport
crypto ipsec profile vpnprof
 set transform-set ts
 %s
interface Ethernet0
 ip address 172.17.0.1 255.255.255.0
interface Tunnel0
 ip address 10.0.0.1 255.255.255.0
 ip mtu 1400
 ip nhrp network-id 100000
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 100000
 tunnel protection ipsec profile vpnprof shared
`

// startup is our router's configuration for the suite.
func (s suite) startup() string {
	pfs := "!"
	if s.pfs != "" {
		pfs = "set pfs " + s.pfs
	}
	return fmt.Sprintf(startup, strings.ReplaceAll(s.policy, ", ", "\n "), s.transform, pfs)
}

// toPeer opens a session of ours to charon: a mapping whose traffic needs one.
var toPeer = []string{"interface Tunnel0", "ip nhrp map " + theirIP + " " + theirNBMA}

// A pair is our router and charon, on one wire, with a tunnel between them.
type pair struct {
	*uml.Net
	ours   *router
	theirs *uml.Node
	charon *uml.Charon
	wire   *uml.Capture
	offer  uml.Connection // what charon is configured with
}

// newPair starts both, with nothing negotiated yet. The change, if there is
// one, is made to charon's configuration first.
func newPair(t *testing.T, s suite, change func(*uml.Connection)) *pair {
	t.Helper()
	w := uml.NewNet(t)
	p := &pair{Net: w, wire: w.Capture("wan"), theirs: w.Node("peer", theirNBMA+"/24")}
	device(p.theirs, "gre0x", theirNBMA, theirIP, "100000", ourIP, ourNBMA)
	p.offer = uml.Connection{Local: theirNBMA, Remote: ourNBMA, IKE: s.ike, ESP: s.esp, Key: "cisco47"}
	if change != nil {
		change(&p.offer)
	}
	p.charon = p.theirs.Charon(p.offer)
	p.ours = run(t, w.Node("R1", ""), s.startup())
	return p
}

// device makes a mGRE device on a node by hand, with one neighbour.
func device(n *uml.Node, dev, local, inner, key, peerInner, peer string) {
	n.IP("link add " + dev + " type gre local " + local + " key " + key + " ttl 64")
	n.IP("address add " + inner + "/24 dev " + dev)
	n.IP("link set " + dev + " up")
	n.IP("neigh add " + peerInner + " lladdr " + peer + " dev " + dev + " nud permanent")
}

// agreed waits until both have one and the same pair of SAs.
func (p *pair) agreed(t *testing.T) uml.Child {
	t.Helper()
	var child uml.Child
	uml.Wait(t, "both to have one pair of SAs", negotiating, func() bool {
		all := p.charon.Installed()
		if len(all) != 1 {
			return false
		}
		child = all[0]
		said := strings.ToLower(p.ours.say("show crypto ipsec sa"))
		return strings.Contains(said, "0x"+strings.TrimLeft(child.SPIIn, "0")) &&
			strings.Contains(said, "0x"+strings.TrimLeft(child.SPIOut, "0"))
	})
	return child
}

// carries checks that the tunnel carries traffic both ways, all of it as ESP.
func (p *pair) carries(t *testing.T) {
	t.Helper()
	before := p.wire.Count(uml.Packet.ESP)
	uml.Wait(t, "the tunnel to carry a ping", negotiating, func() bool { return p.theirs.Pings(ourIP) })
	if said := p.ours.say("ping " + theirIP); !strings.Contains(said, "!!!!!") {
		t.Errorf("our ping: %s", said)
	}
	if n := p.wire.Count(uml.Packet.ESP) - before; n < 12 {
		t.Errorf("six pings were %d packets of ESP, want 12", n)
	}
	if n := p.wire.Count(uml.Packet.GRE); n > 0 {
		t.Errorf("%d packets were sent in clear", n)
	}
}

// TestStrongSwan negotiates every suite, with either side beginning.
func TestStrongSwan(t *testing.T) {
	for name, s := range suites {
		t.Run(name+"/responder", func(t *testing.T) {
			p := newPair(t, s, nil)
			if err := p.charon.Initiate(); err != nil {
				t.Fatal(err)
			}
			p.ours.configure(toPeer...)
			p.check(t, s)
		})
		t.Run(name+"/initiator", func(t *testing.T) {
			p := newPair(t, s, nil)
			p.ours.configure(toPeer...)
			p.check(t, s)
		})
	}
}

// check checks what was negotiated, and that it works.
func (p *pair) check(t *testing.T, s suite) {
	t.Helper()
	child := p.agreed(t)
	p.carries(t)
	if (s.pfs != "") != (child.Group != "") {
		t.Errorf("with %q configured, charon did PFS with %q", s.pfs, child.Group)
	}
	p.ours.shows("show crypto isakmp sa", time.Second, "QM_IDLE", theirNBMA)
	p.ours.shows("show crypto ipsec sa", time.Second, "current_peer "+theirNBMA)
	if all := p.charon.SAs(); len(all) != 1 || len(all[0].Children) != 1 {
		t.Errorf("charon has %+v, want one IKE SA with one child", all)
	}
}
