package show

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gresh/backend/nhrp"
)

// IPNHRP renders "show ip nhrp".
func IPNHRP(w io.Writer, s nhrp.Snapshot, now time.Time, release Release) {
	for _, e := range s.Entries {
		if release == Release12 {
			nhrpEntry12(w, e, now)
		} else {
			nhrpEntry15(w, e, now)
		}
	}
}

func nhrpEntry12(w io.Writer, e nhrp.Entry, now time.Time) {
	via := ""
	if e.Via.IsValid() {
		via = fmt.Sprintf(" via %v", e.Via)
	}
	printf(w, "%v%s, %s created %s, %s\n", e.Target, via, e.Tunnel, uptime(now.Sub(e.Created)), expiry(e, now))
	printf(w, "  Type: %s, Flags: %s\n", nhrpTypes[e.Type], flags(e.Flags))
	if e.Type == nhrp.Incomplete {
		printf(w, "  Cache hits: %d\n", e.Hits)
		return
	}
	printf(w, "  NBMA address: %v\n", e.NBMA)
	if e.NoSocket {
		printf(w, "    (no-socket)\n")
	}
}

// nhrpEntry15 has the blanks that devices leave at the ends of lines.
func nhrpEntry15(w io.Writer, e nhrp.Entry, now time.Time) {
	printf(w, "%v", e.Target)
	if e.Via.IsValid() {
		printf(w, " via %v", e.Via)
	}
	ends := expiry(e, now)
	if e.Expires.IsZero() {
		ends += " "
	}
	printf(w, "\n   %s created %s, %s\n", e.Tunnel, uptime(now.Sub(e.Created)), ends)
	printf(w, "   Type: %s, Flags: %s \n", nhrpTypes[e.Type], flags(e.Flags))
	if e.Type == nhrp.Incomplete {
		printf(w, "   Cache hits: %d\n", e.Hits)
		return
	}
	printf(w, "   NBMA address: %v \n", e.NBMA)
	if e.NoSocket {
		printf(w, "    (no-socket) \n")
	}
}

func expiry(e nhrp.Entry, now time.Time) string {
	if e.Expires.IsZero() {
		return "never expire"
	}
	return "expire " + uptime(e.Expires.Sub(now))
}

var nhrpTypes = map[nhrp.EntryType]string{nhrp.Static: "static", nhrp.Dynamic: "dynamic", nhrp.Incomplete: "incomplete"}

var nhrpFlags = []struct {
	flag nhrp.Flags
	name string
}{
	{nhrp.Router, "router"}, {nhrp.Unique, "unique"}, {nhrp.Registered, "registered"},
	{nhrp.UsedFlag, "used"}, {nhrp.Negative, "negative"},
}

func flags(f nhrp.Flags) string {
	var names []string
	for _, n := range nhrpFlags {
		if f&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, " ")
}

// IPNHRPBrief renders "show ip nhrp brief".
func IPNHRPBrief(w io.Writer, s nhrp.Snapshot) {
	printf(w, "   Target             Via            NBMA           Mode   Intfc   Claimed \n")
	for _, e := range s.Entries {
		if e.Type == nhrp.Incomplete {
			printf(w, "%-18v %-15v incomplete\n", e.Target, e.Target.Addr())
			continue
		}
		printf(w, "%-18v %-15v %-15v %-8s %-7s <   >\n", e.Target, e.Via, e.NBMA, nhrpTypes[e.Type], shortName(e.Tunnel))
	}
}

// IPNHRPServers renders "show ip nhrp nhs".
func IPNHRPServers(w io.Writer, s nhrp.Snapshot, now time.Time, release Release) {
	if len(s.Servers) == 0 {
		return
	}
	legend := "Legend: E=Expecting replies, R=Responding, W=Waiting"
	if release == Release15 {
		legend += ", D=Dynamic"
	}
	printf(w, "%s\n", legend)
	tunnel := ""
	for _, n := range s.Servers {
		if n.Tunnel != tunnel {
			tunnel = n.Tunnel
			printf(w, "%s:\n", tunnel)
		}
		state := [...]string{"W", "E", "RE"}[n.State]
		if release == Release12 {
			printf(w, "%v  %s  req-sent %d  req-failed %d  repl-recv %d%s\n", n.Addr, state, n.Sent, n.Failed, n.Received, ago(n, now))
			continue
		}
		nbma := ""
		if n.NBMA.IsValid() {
			nbma = fmt.Sprintf("NBMA Address: %v ", n.NBMA)
		}
		printf(w, "%v %3s  %spriority = 0 cluster = 0  req-sent %d  req-failed %d  repl-recv %d%s\n",
			n.Addr, state, nbma, n.Sent, n.Failed, n.Received, ago(n, now))
	}
}

func ago(n nhrp.Server, now time.Time) string {
	if n.LastReply.IsZero() {
		return ""
	}
	return fmt.Sprintf(" (%s ago)", uptime(now.Sub(n.LastReply)))
}
