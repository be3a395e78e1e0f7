//go:build linux

package kernel

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gresh/backend/linux/uml"
)

// tunnelRounds is how often either tunnel is measured, in turns.
const tunnelRounds = 5

// A tunnelSuite is a suite as gresh and as ip(8) call it.
type tunnelSuite struct{ name, ours, iproute string }

var tunnelSuites = []tunnelSuite{
	{"gcm", "esp-gcm", "aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128"},
	{"aes-sha", "esp-aes esp-sha-hmac", "enc cbc(aes) 0x000102030405060708090a0b0c0d0e0f " +
		"auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96"},
	{"des-md5", "esp-des esp-md5-hmac", "enc cbc(des) 0x0001020304050607 " +
		"auth-trunc hmac(md5) 0x000102030405060708090a0b0c0d0e0f 96"},
}

// BenchmarkTunnel measures, in turns on one kernel, a tunnel that two routers
// have made, and the same tunnel made by hand with ip(8): the throughput of TCP
// and the round trip. A ratio of one says that nothing of gresh is in the way.
func BenchmarkTunnel(b *testing.B) {
	for _, s := range tunnelSuites {
		b.Run(s.name, func(b *testing.B) {
			w := uml.NewNet(b)
			ours, hand := tunnelByGresh(b, w, s), tunnelByHand(b, w, s)
			var rates, trips [2][]float64
			for range tunnelRounds {
				for i, t := range []*measured{ours, hand} {
					rate, trip := t.round(b)
					rates[i], trips[i] = append(rates[i], rate), append(trips[i], trip)
				}
			}
			b.ReportMetric(median(rates[0]), "Mbit/s")
			b.ReportMetric(median(rates[1]), "by-hand-Mbit/s")
			b.ReportMetric(median(rates[0])/median(rates[1]), "ratio")
			b.ReportMetric(median(trips[0])/median(trips[1]), "rtt-ratio")
		})
	}
}

func median(all []float64) float64 { return slices.Sorted(slices.Values(all))[len(all)/2] }

// A measured tunnel is one from a node to an address at the other end.
type measured struct {
	from *uml.Node
	to   string
}

var (
	received  = regexp.MustCompile(`([0-9.]+) Mbits/sec\s+receiver`)
	roundTrip = regexp.MustCompile(`= [0-9.]+/([0-9.]+)/`)
)

// round measures once: Mbit/s, and milliseconds.
func (m *measured) round(b *testing.B) (rate, trip float64) {
	number := func(r *regexp.Regexp, said string) float64 {
		found := r.FindStringSubmatch(said)
		if found == nil {
			b.Fatalf("no figure in\n%s", said)
		}
		n, _ := strconv.ParseFloat(found[1], 64)
		return n
	}
	rate = number(received, m.from.Must("iperf3", "-c", m.to, "-t", "2", "-f", "m"))
	trip = number(roundTrip, m.from.Must("ping", "-n", "-q", "-c", "200", "-i", "0.002", m.to))
	return rate, trip
}

// serve starts what answers at the other end, and waits until it does.
func serve(b testing.TB, from, at *uml.Node, to string) *measured {
	at.Start("iperf3", "-s")
	uml.Wait(b, to+" to answer", comesUp, func() bool {
		_, err := from.Run("iperf3", "-c", to, "-n", "1K")
		return err == nil
	})
	return &measured{from, to}
}

// tunnelByGresh has two routers, a hub and its spoke.
func tunnelByGresh(b *testing.B, w *uml.Net, s tunnelSuite) *measured {
	text := func(host, more string) string {
		return strings.NewReplacer("HOST", host, "MORE", more, "SUITE", s.ours).Replace(`hostname R
crypto isakmp policy 1
 authentication pre-share
crypto isakmp key cisco47 address 0.0.0.0 0.0.0.0
crypto ipsec transform-set t SUITE
 mode transport
crypto ipsec profile p
 set transform-set t
interface Tunnel0
 ip address 10.0.0.HOST 255.255.255.0
 ip mtu 1400
 ip nhrp network-id 1
 MORE
 tunnel source Ethernet0
 tunnel mode gre multipoint
 tunnel key 100000
 tunnel protection ipsec profile p
interface Ethernet0
 ip address 172.17.0.HOST 255.255.255.0
`)
	}
	hub := run(b, w.Node("hub", ""), text("1", "ip nhrp map multicast dynamic"))
	spoke := run(b, w.Node("spoke", ""), text("2", "ip nhrp map 10.0.0.1 172.17.0.1\n ip nhrp nhs 10.0.0.1"))
	return serve(b, spoke.Node, hub.Node, "10.0.0.1")
}

// tunnelByHand makes the same tunnel without any router.
func tunnelByHand(b *testing.B, w *uml.Net, s tunnelSuite) *measured {
	const a, z = "172.17.0.3", "172.17.0.4"
	nodes := map[string]*uml.Node{a: w.Node("by-hand-a", a+"/24"), z: w.Node("by-hand-z", z+"/24")}
	for self, n := range nodes {
		other := map[string]string{a: z, z: a}[self]
		for _, line := range []string{
			fmt.Sprintf("xfrm policy add dir out src %s/32 dst 0.0.0.0/0 proto gre tmpl proto esp reqid 1 mode transport", self),
			fmt.Sprintf("xfrm policy add dir in src 0.0.0.0/0 dst %s/32 proto gre tmpl proto esp reqid 1 mode transport", self),
			fmt.Sprintf("xfrm state add src %s dst %s proto esp spi 0x1000 reqid 1 mode transport replay-window 32 %s", a, z, s.iproute),
			fmt.Sprintf("xfrm state add src %s dst %s proto esp spi 0x2000 reqid 1 mode transport replay-window 32 %s", z, a, s.iproute),
			fmt.Sprintf("link add gre1 type gre local %s key 100000 ttl 255", self),
			"link set gre1 mtu 1400 arp on up",
			fmt.Sprintf("address add 10.1.0.%s/24 dev gre1", self[len("172.17.0."):]),
			fmt.Sprintf("neighbor add 10.1.0.%s lladdr %s dev gre1 nud permanent", other[len("172.17.0."):], other),
		} {
			n.IP(line)
		}
	}
	return serve(b, nodes[z], nodes[a], "10.1.0.3")
}
