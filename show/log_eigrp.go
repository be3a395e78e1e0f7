package show

import (
	"fmt"

	"gresh/backend/eigrp"
)

// eigrpLine words what happens to the neighbours of EIGRP.
func eigrpLine(e any, _ Release) []string {
	switch e := e.(type) {
	case eigrp.NeighborUp:
		return adjacency(e.AS, e.Addr, e.Interface, "up", "new adjacency")
	case eigrp.NeighborDown:
		return adjacency(e.AS, e.Addr, e.Interface, "down", eigrpReasons[e.Reason])
	case eigrp.NotOnSubnet:
		return one("IP-EIGRP(Default-IP-Routing-Table:%d): Neighbor %v not on common subnet for %s", e.AS, e.Addr, e.Interface)
	case eigrp.Stuck:
		return one("%%DUAL-3-SIA: Route %v stuck-in-active state in IP-EIGRP(0) %d.  Cleaning up", e.Prefix, e.AS)
	case eigrp.AuthenticationFailed:
		return one("%%DUAL-5-NBRCHANGE: IP-EIGRP(0) %d: Neighbor %v (%s) is down: Auth failure", e.AS, e.Addr, e.Interface)
	case eigrp.Malformed:
		return one("%%DUAL-4-BADPACKET: IP-EIGRP(0) %d: a packet from %v (%s) could not be read: %v", e.AS, e.Addr, e.Interface, e.Err)
	}
	return nil
}

func adjacency(as uint16, addr fmt.Stringer, dev, state, reason string) []string {
	return one("%%DUAL-5-NBRCHANGE: IP-EIGRP(0) %d: Neighbor %v (%s) is %s: %s", as, addr, dev, state, reason)
}

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
	eigrp.ConfigurationChanged: "configuration changed",
}
