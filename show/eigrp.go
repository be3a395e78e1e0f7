package show

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gresh/backend/config"
	"gresh/backend/eigrp"
)

// inaccessible is the distance to what cannot be reached.
const inaccessible = 1<<32 - 1

// EIGRPNeighbors renders "show ip eigrp neighbors [detail]".
func EIGRPNeighbors(w io.Writer, s eigrp.Snapshot, now time.Time, release Release, detail bool) {
	width := 22
	if release == Release12 {
		width = 15
		printf(w, "IP-EIGRP neighbors for process %d\n", s.Config.AS)
	} else {
		printf(w, "EIGRP-IPv4 Neighbors for AS(%d)\n", s.Config.AS)
	}
	if len(s.Neighbors) > 0 {
		printf(w, "H   Address                 %-*s Hold Uptime   SRTT   RTO  Q  Seq\n", width, "Interface")
		printf(w, "%28s%*s (sec)         (ms)       Cnt Num\n", "", width, "")
	}
	for _, n := range s.Neighbors {
		printf(w, "%-4d%-24v%-*s%5d %-8s%5d%6d%3d  %d\n", n.Handle, n.Addr, width, shortName(n.Interface),
			max(seconds(n.HoldUntil.Sub(now)), 0), uptime(now.Sub(n.Since)),
			n.SRTT.Milliseconds(), n.RTO.Milliseconds(), n.Queued, n.Seq)
		if detail {
			eigrpNeighborDetail(w, n, release)
		}
	}
}

func eigrpNeighborDetail(w io.Writer, n eigrp.Neighbor, release Release) {
	if n.Static {
		printf(w, "   Static neighbor\n")
	}
	v := n.Version
	printf(w, "   Version %d.%d/%d.%d, Retrans: %d, Retries: %d", v.Release[0], v.Release[1], v.TLV[0], v.TLV[1],
		n.Resent, n.Retries)
	if n.Prefixes > 0 {
		printf(w, ", Prefixes: %d", n.Prefixes)
	}
	printf(w, "\n")
	if release != Release12 {
		printf(w, "   Topology-ids from peer - 0 \n")
	}
	if n.Stub != nil {
		printf(w, "   Stub Peer Advertising (%s) Routes\n   Suppressing queries\n", stubWords(*n.Stub))
	}
}

// stubWords says what a stub router advertises.
func stubWords(s eigrp.Stub) string {
	words := ""
	for bit, word := range []string{"CONNECTED", "STATIC", "SUMMARY", "RECEIVE-ONLY", "REDISTRIBUTED", "LEAK-MAP"} {
		if s&(1<<bit) != 0 {
			words += " " + word
		}
	}
	return words + " "
}

// EIGRPInterfaces renders "show ip eigrp interfaces [detail]". Passive ones
// are not in it.
func EIGRPInterfaces(w io.Writer, s eigrp.Snapshot, release Release, detail bool) {
	if release == Release12 {
		printf(w, "IP-EIGRP interfaces for process %d\n\n", s.Config.AS)
		printf(w, "                        Xmit Queue   Mean   Pacing Time   Multicast    Pending\n")
		printf(w, "Interface        Peers  Un/Reliable  SRTT   Un/Reliable   Flow Timer   Routes\n")
	} else {
		printf(w, "EIGRP-IPv4 Interfaces for AS(%d)\n", s.Config.AS)
		printf(w, "                              Xmit Queue   PeerQ        Mean   Pacing Time   Multicast    Pending\n")
		printf(w, "Interface              Peers  Un/Reliable  Un/Reliable  SRTT   Un/Reliable   Flow Timer   Routes\n")
	}
	for _, i := range s.Interfaces {
		if i.Interface.Passive || !i.Interface.Up {
			continue
		}
		queue, pacing := fmt.Sprintf("0/%d", i.Ready), fmt.Sprintf("0/%d", i.Pacing.Milliseconds())
		name, srtt := shortName(i.Interface.Name), i.MeanSRTT.Milliseconds()
		if release == Release12 {
			printf(w, "%-16s%4d%11s%10d%10s%13d%12d\n", name, i.Peers, queue, srtt, pacing, 8*srtt, i.Pending)
		} else {
			printf(w, "%-22s%4d%11s%10s%12d%10s%13d%12d\n", name, i.Peers, queue, fmt.Sprintf("0/%d", i.Queued),
				srtt, pacing, 8*srtt, i.Pending)
		}
		if detail {
			eigrpInterfaceDetail(w, i, release)
		}
	}
}

func eigrpInterfaceDetail(w io.Writer, i eigrp.InterfaceState, release Release) {
	c := i.Interface
	if release == Release12 {
		printf(w, "  Hello interval is %d sec\n", seconds(c.Hello))
	} else {
		printf(w, "  Hello-interval is %d, Hold-time is %d\n", seconds(c.Hello), seconds(c.Hold))
		printf(w, "  Split-horizon is %s\n", map[bool]string{false: "enabled", true: "disabled"}[c.NoSplitHorizon])
	}
	printf(w, "  Next xmit serial <none>\n")
	if release != Release12 {
		printf(w, "  Packetized sent/expedited: %d/0\n", i.Unicasts+i.Multicasts-i.Resent)
		printf(w, "  Hello's sent/expedited: %d/0\n", i.Hellos)
	}
	printf(w, "  Un/reliable mcasts: 0/%d  Un/reliable ucasts: 0/%d\n", i.Multicasts, i.Unicasts)
	printf(w, "  Mcast exceptions: %d  CR packets: %d  ACKs suppressed: 0\n", i.Conditional, i.Conditional)
	printf(w, "  Retransmissions sent: %d  Out-of-sequence rcvd: 0\n", i.Resent)
	if release != Release12 {
		printf(w, "  Topology-ids on interface - 0 \n")
	}
	if len(c.Keys) > 0 {
		printf(w, "  Authentication mode is md5\n")
	} else {
		printf(w, "  Authentication mode is not set\n")
	}
	if release != Release12 {
		printf(w, "  Topologies advertised on this interface:  base\n")
		printf(w, "  Topologies not advertised on this interface:\n\n")
	}
}

// EIGRPTopology renders "show ip eigrp topology [all-links]". Without all,
// paths that are not feasible are left out.
func EIGRPTopology(w io.Writer, s eigrp.Snapshot, now time.Time, release Release, all bool) {
	if release == Release12 {
		printf(w, "IP-EIGRP Topology Table for AS(%d)/ID(%v)\n\n", s.Config.AS, s.Config.RouterID)
	} else {
		printf(w, "EIGRP-IPv4 Topology Table for AS(%d)/ID(%v)\n", s.Config.AS, s.Config.RouterID)
	}
	printf(w, "Codes: P - Passive, A - Active, U - Update, Q - Query, R - Reply,\n")
	printf(w, "       r - reply Status, s - sia Status \n\n")
	for _, d := range s.Topology {
		eigrpDestination(w, d, now, all)
	}
}

func eigrpDestination(w io.Writer, d eigrp.Destination, now time.Time, all bool) {
	state, distance, tag := "P", fmt.Sprint(d.Feasible), ""
	if d.Active {
		state = "A"
	}
	if d.Feasible == inaccessible {
		distance = "Inaccessible"
	}
	if d.Tag != 0 {
		tag = fmt.Sprintf(", tag is %d", d.Tag)
	}
	printf(w, "%s %v, %d successors, FD is %s%s\n", state, d.Prefix, d.Successors, distance, tag)
	if d.Active {
		origins := []string{"Local origin", "Local origin", "Multiple Origins", "Successor Origin"}
		printf(w, "    %d replies, active %s, query-origin: %s\n", len(d.Waiting), uptime(now.Sub(d.Since)), origins[d.Origin])
	}
	for _, p := range d.Paths {
		if p.Feasible || all || d.Active {
			printf(w, "        via %s\n", eigrpPath(p))
		}
	}
	if len(d.Waiting) > 0 {
		printf(w, "      Remaining replies:\n")
	}
	for _, n := range d.Waiting {
		status := "r"
		if n.Reminded > 0 {
			status = "rs"
		}
		printf(w, "         via %v, %s, %s\n", n.Addr, status, n.Interface)
	}
}

// eigrpPath is a path of the topology table.
func eigrpPath(p eigrp.Path) string {
	distances := fmt.Sprintf("(%d/%d)", p.Distance, p.Reported)
	switch p.Origin {
	case eigrp.Connected:
		return "Connected, " + p.Interface
	case eigrp.Summarized:
		return "Summary " + distances + ", Null0"
	case eigrp.Redistribution:
		from := map[uint8]string{eigrp.FromConnected: "Rconnected", eigrp.FromStatic: "Rstatic"}[p.External.Protocol]
		if from == "" {
			from = "Redistributed"
		}
		return from + " " + distances
	}
	return fmt.Sprintf("%v %s, %s", p.Via, distances, p.Interface)
}

// EIGRPTraffic renders "show ip eigrp traffic".
func EIGRPTraffic(w io.Writer, s eigrp.Snapshot, release Release) {
	if release == Release12 {
		printf(w, "IP-EIGRP Traffic Statistics for AS %d\n", s.Config.AS)
	} else {
		printf(w, "EIGRP-IPv4 Traffic Statistics for AS(%d)\n", s.Config.AS)
	}
	t := s.Traffic
	line := func(what string, op eigrp.Opcode) {
		printf(w, "  %s sent/received: %d/%d\n", what, t.Sent[op], t.Received[op])
	}
	line("Hellos", eigrp.Hello)
	line("Updates", eigrp.Update)
	line("Queries", eigrp.Query)
	line("Replies", eigrp.Reply)
	printf(w, "  Acks sent/received: %d/%d\n", t.AcksSent, t.AcksReceived)
	line("SIA-Queries", eigrp.SIAQuery)
	line("SIA-Replies", eigrp.SIAReply)
}

// EIGRPProtocol renders what "show ip protocols" says of a process.
func EIGRPProtocol(w io.Writer, s eigrp.Snapshot, c config.EIGRP, now time.Time) {
	e := s.Config
	printf(w, "Routing Protocol is \"eigrp %d\"\n", e.AS)
	printf(w, "  Outgoing update filter list for all interfaces is not set\n")
	printf(w, "  Incoming update filter list for all interfaces is not set\n")
	printf(w, "  Default networks %s in outgoing updates\n", map[bool]string{false: "flagged", true: "not flagged"}[e.NoDefaultOut])
	printf(w, "  Default networks %s from incoming updates\n", map[bool]string{false: "accepted", true: "not accepted"}[e.NoDefaultIn])
	k := e.Weights
	printf(w, "  EIGRP metric weight K1=%d, K2=%d, K3=%d, K4=%d, K5=%d\n", k[0], k[1], k[2], k[3], k[4])
	printf(w, "  EIGRP maximum hopcount %d\n  EIGRP maximum metric variance %d\n", e.MaximumHops, e.Variance)
	if e.Stub != 0 {
		printf(w, "  EIGRP stub,%s\n", strings.ToLower(strings.TrimRight(stubWords(e.Stub), " ")))
	}
	printf(w, "  Redistributing: %s\n", strings.Join(append(redistributed(c), fmt.Sprintf("eigrp %d", e.AS)), ", "))
	printf(w, "  Automatic network summarization is not in effect\n  Maximum path: %d\n", e.MaximumPaths)
	printf(w, "  Routing for Networks:\n")
	for _, n := range c.Networks {
		printf(w, "    %s\n", networkWords(n))
	}
	passive := false
	for _, i := range s.Interfaces {
		if i.Interface.Passive && !passive {
			passive = true
			printf(w, "  Passive Interface(s):\n")
		}
		if i.Interface.Passive {
			printf(w, "    %s\n", i.Interface.Name)
		}
	}
	printf(w, "  Routing Information Sources:\n    Gateway         Distance      Last Update\n")
	for _, n := range s.Neighbors {
		if !n.Updated.IsZero() {
			printf(w, "    %-16v%8d      %s\n", n.Addr, e.Internal, uptime(now.Sub(n.Updated)))
		}
	}
	printf(w, "  Distance: internal %d external %d\n\n", e.Internal, e.External)
}

// redistributed are the protocols of the redistribute lines.
func redistributed(c config.EIGRP) (names []string) {
	for _, line := range c.Redistribute {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}
	return names
}

// networkWords is a network statement as "show ip protocols" has it.
func networkWords(n config.Network) string {
	if !n.Wildcard.IsValid() {
		return n.Addr.String()
	}
	ones, wild := 0, n.Wildcard.As4()
	for _, b := range wild {
		for ; b != 0; b &= b - 1 {
			ones++
		}
	}
	return fmt.Sprintf("%v/%d", n.Addr, 32-ones)
}
