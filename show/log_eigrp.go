package show

import (
	"fmt"

	"gresh/backend/eigrp"
)

// eigrpLine words what happens to the neighbours of EIGRP.
func eigrpLine(e any, release Release) []string {
	process := func(as uint16) string {
		if release == Release12 {
			return fmt.Sprintf("IP-EIGRP(0) %d", as)
		}
		return fmt.Sprintf("EIGRP-IPv4 %d", as)
	}
	adjacency := func(as uint16, addr fmt.Stringer, dev, state, reason string) []string {
		return one("%%DUAL-5-NBRCHANGE: %s: Neighbor %v (%s) is %s: %s", process(as), addr, dev, state, reason)
	}
	switch e := e.(type) {
	case eigrp.NeighborUp:
		return adjacency(e.AS, e.Addr, e.Interface, "up", "new adjacency")
	case eigrp.NeighborDown:
		return adjacency(e.AS, e.Addr, e.Interface, "down", eigrpReasons[e.Reason])
	case eigrp.NotOnSubnet:
		if release != Release12 {
			return one("%%DUAL-6-NBRINFO: %s: Neighbor %v (%s) is blocked: not on common subnet (%v)", process(e.AS), e.Addr, e.Interface, e.Local)
		}
		return one("IP-EIGRP(Default-IP-Routing-Table:%d): Neighbor %v not on common subnet for %s", e.AS, e.Addr, e.Interface)
	case eigrp.Stuck:
		return one("%%DUAL-3-SIA: Route %v stuck-in-active state in %s.  Cleaning up", e.Prefix, process(e.AS))
	case eigrp.AuthenticationFailed:
		return adjacency(e.AS, e.Addr, e.Interface, "down", "Auth failure")
	case eigrp.Malformed:
		return one("%%DUAL-4-BADPACKET: %s: a packet from %v (%s) could not be read: %v", process(e.AS), e.Addr, e.Interface, e.Err)
	}
	return nil
}

// eigrpReasons word why an adjacency is over.
var eigrpReasons = map[eigrp.Reason]string{
	eigrp.HoldingTimeExpired:   "holding time expired",
	eigrp.RetryLimitExceeded:   "retry limit exceeded",
	eigrp.GoodbyeReceived:      "Interface Goodbye received",
	eigrp.PeerTerminated:       "Peer Termination received",
	eigrp.PeerRestarted:        "peer restarted",
	eigrp.KMismatch:            "K-value mismatch",
	eigrp.ManuallyCleared:      "manually cleared",
	eigrp.InterfaceDown:        "interface down",
	eigrp.InterfacePassive:     "interface passive",
	eigrp.StuckInActive:        "stuck in active",
	eigrp.ConfigurationChanged: "route configuration changed",
}
