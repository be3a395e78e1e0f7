package show

import (
	"io"
	"time"

	"gresh/backend/dhcp"
)

// DHCPBindings renders "show ip dhcp binding".
func DHCPBindings(w io.Writer, s dhcp.ServerSnapshot) {
	printf(w, "Bindings from all pools not associated with VRF:\n")
	printf(w, "%-19s %-23s %-23s %s\n", "IP address", "Client-ID/", "Lease expiration", "Type")
	printf(w, "%-19s %-23s\n%-19s %-23s\n", "", "Hardware address/", "", "User name")
	for _, b := range s.Bindings {
		expires, kind := "Infinite", "Automatic"
		if !b.Expires.IsZero() {
			expires = b.Expires.Format("Jan 02 2006 03:04 PM")
		}
		if b.Manual {
			kind = "Manual"
		}
		id := b.ClientID
		for first := true; first || id != ""; first = false {
			part := id[:min(len(id), 19)]
			id = id[len(part):]
			if first {
				printf(w, "%-19v %-23s %-23s %s\n", b.Address, part, expires, kind)
			} else {
				printf(w, "%-19s %s\n", "", part)
			}
		}
	}
}

// leaseStates are the states in which a client has a lease, as IOS numbers them.
var leaseStates = map[dhcp.State]string{dhcp.Bound: "5 Bound", dhcp.Renewing: "7 Renewing", dhcp.Rebinding: "8 Rebinding"}

// DHCPLease renders "show dhcp lease" for one interface; nothing if it has none.
func DHCPLease(w io.Writer, dev string, c dhcp.ClientSnapshot, now time.Time) {
	l := c.Lease
	if !l.Address.IsValid() {
		return
	}
	printf(w, "Temp IP addr: %v  for peer on Interface: %s\nTemp  sub net mask: %v\n", l.Address.Addr(), dev, mask(l.Address.Bits()))
	printf(w, "   DHCP Lease server: %v, state: %s\n", l.Server, leaseStates[c.State])
	renewal, rebind := l.Renew.Sub(l.Since), l.Rebind.Sub(l.Since)
	if l.Expires.IsZero() {
		renewal, rebind = dhcp.Infinite, dhcp.Infinite
	}
	printf(w, "   Lease: %d secs,  Renewal: %d secs,  Rebind: %d secs\n", seconds(l.Time), seconds(renewal), seconds(rebind))
	if len(l.Routers) > 0 {
		printf(w, "Temp default-gateway addr: %v\n", l.Routers[0])
	}
	if c.State == dhcp.Bound && !l.Renew.IsZero() {
		printf(w, "   Next timer fires after: %s\n", clock(l.Renew.Sub(now)))
	}
}
