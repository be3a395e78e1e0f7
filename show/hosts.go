package show

import (
	"io"
	"net/netip"
	"strings"

	"gresh/backend/config"
)

// Hosts renders "show hosts": what names are completed with, who is asked, and
// the names that are configured.
func Hosts(w io.Writer, c *config.Config) {
	hostsHead(w, c)
	printf(w, "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate\n"+
		"       temp - temporary, perm - permanent\n"+
		"       NA - Not Applicable None - Not defined\n\n"+
		"Host                      Port  Flags      Age Type   Address(es)\n")
	for _, h := range c.Hosts {
		printf(w, "%-25s None  (perm, OK)  0   IP      %s\n", h.Name, join(h.Addresses, " "))
	}
}

// HostsSummary renders "show hosts summary".
func HostsSummary(w io.Writer, c *config.Config) {
	hostsHead(w, c)
	printf(w, "Local cache entries: %d\nDynamic cache entries: 0\n", len(c.Hosts))
}

func hostsHead(w io.Writer, c *config.Config) {
	domain, servers := c.DomainName, join(c.NameServers, ", ")
	if domain == "" {
		domain = "not set"
	}
	printf(w, "Default domain is %s\n", domain)
	if c.NoDomainLookup {
		printf(w, "Name/address lookup uses static mappings\n\n")
		return
	}
	if servers == "" {
		servers = "255.255.255.255"
	}
	printf(w, "Name servers are %s\n\n", servers)
}

func join(all []netip.Addr, between string) string {
	text := make([]string, len(all))
	for i, a := range all {
		text[i] = a.String()
	}
	return strings.Join(text, between)
}

// Protocols renders "show protocols".
func Protocols(w io.Writer, all []Interface) {
	printf(w, "Global values:\n  Internet Protocol routing is enabled\n")
	for _, i := range portsFirst(all) {
		printf(w, "%s is %s, line protocol is %s\n", i.Config.Name, i.status(), i.protocol())
		if i.Address.IsValid() {
			printf(w, "  Internet address is %v\n", i.Address)
		}
	}
}
