package show

import (
	"io"

	"gresh/backend/config"
)

// IPInterfaces renders "show ip interface". It says what the data path does:
// what it cannot be asked to do is off.
func IPInterfaces(w io.Writer, all []Interface, release Release) {
	for _, i := range portsFirst(all) {
		printf(w, "%s is %s, line protocol is %s\n", i.Config.Name, i.status(), i.protocol())
		if !i.Address.IsValid() {
			printf(w, "  Internet protocol processing disabled\n")
			continue
		}
		printf(w, "  Internet address is %v\n  Broadcast address is 255.255.255.255\n", i.Address)
		printf(w, "  Address determined by %s\n", determined(i.Config))
		printf(w, "  MTU is %d bytes\n  Helper address is not set\n  Directed broadcast forwarding is disabled\n", i.MTU)
		for _, s := range i.Config.Secondary {
			printf(w, "  Secondary address %v\n", s)
		}
		ipServices(w, i.Config, release)
	}
}

func determined(c *config.Interface) string {
	if c.DHCP {
		return "DHCP"
	}
	return "non-volatile memory"
}

func ipServices(w io.Writer, c *config.Interface, release Release) {
	printf(w, "  Outgoing access list is not set\n  Inbound  access list is not set\n")
	printf(w, "  Proxy ARP is disabled\n  Local Proxy ARP is disabled\n  Security level is default\n")
	printf(w, "  Split horizon is enabled\n  ICMP redirects are never sent\n")
	unreachables := "always"
	if c.NoUnreach {
		unreachables = "never"
	}
	printf(w, "  ICMP unreachables are %s sent\n  ICMP mask replies are never sent\n", unreachables)
	printf(w, "  IP fast switching is disabled\n  IP Flow switching is disabled\n")
	printf(w, "  IP CEF switching is disabled\n  IP multicast fast switching is disabled\n")
	printf(w, "  Router Discovery is disabled\n  IP output packet accounting is disabled\n  IP access violation accounting is disabled\n")
	printf(w, "  TCP/IP header compression is disabled\n  RTP/IP header compression is disabled\n")
	printf(w, "  Policy routing is disabled\n  Network address translation is disabled\n")
	if release == Release15 {
		printf(w, "  BGP Policy Mapping is disabled\n")
	}
}
