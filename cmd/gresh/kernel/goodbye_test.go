//go:build linux

package kernel

import (
	"strings"
	"testing"
	"time"

	"gresh/backend/linux/uml"
	"gresh/backend/nhrp"
)

// TestGoodbye: a hub of ours forgets a spoke of ours as soon as that is no
// client of it any more, whatever ends it, and not before.
func TestGoodbye(t *testing.T) {
	for name, leave := range map[string]func(spoke *router){
		"no server": func(spoke *router) { spoke.configure("interface Tunnel0", "no ip nhrp nhs "+hubIP) },
		"shutdown":  func(spoke *router) { spoke.configure("interface Tunnel0", "shutdown") },
		"no NHRP":   func(spoke *router) { spoke.configure("interface Tunnel0", "no ip nhrp network-id") },
		"the end":   func(spoke *router) { spoke.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			w := uml.NewNet(t)
			wire := w.Capture("wan")
			hub := run(t, w.Node("hub", ""), greshTunnel(hubNBMA, hubIP, ""))
			spoke := run(t, w.Node("spoke", ""), greshTunnel(spokeNBMA, spokeIP, nhs), "-on-exit", "clean")
			hub.shows("show ip nhrp", registering, "NBMA address: "+spokeNBMA)
			leave(spoke)
			uml.Wait(t, "the hub to forget", 2*time.Second, func() bool {
				return !strings.Contains(hub.say("show ip nhrp"), spokeNBMA)
			})
			asked, answered := hear(t, wire, nhrp.PurgeRequest), hear(t, wire, nhrp.PurgeReply)
			if wanted := name == "no server"; len(asked) != 1 || (len(answered) == 1) != wanted {
				t.Errorf("%d purge requests, %d replies", len(asked), len(answered))
			}
		})
	}
}
