package commands

import (
	"fmt"
	"io"
	"strings"

	"gresh/modes"
	"gresh/modes/grammar"
)

// An absence is a feature that this router lacks, as IOS says of one that is
// not configured. A program that asks learns so, and need not guess from a
// caret that it mistyped.
type absence struct{ words, help, says string }

const (
	noCDP  = "% CDP is not enabled"
	noLLDP = "% LLDP is not enabled"
	noNTP  = "%NTP is not enabled."
	noBGP  = "% BGP not active"
	noVRF  = "  Name                             Default RD            Protocols   Interfaces"
)

var absences = []absence{
	{"cdp", "CDP information", noCDP},
	{"cdp neighbors", "CDP neighbor entries", noCDP},
	{"cdp neighbors detail", "Show detailed information", noCDP},
	{"lldp", "LLDP information", noLLDP},
	{"lldp neighbors", "LLDP neighbor entries", noLLDP},
	{"lldp neighbors detail", "Show detailed information", noLLDP},
	{"lldp interface", "LLDP interface status and configuration", noLLDP},
	{"ntp associations", "NTP associations", noNTP},
	{"ntp status", "NTP status", noNTP},
	{"bgp all summary", "Summary of BGP neighbor status", noBGP},
	{"ip bgp", "BGP information", noBGP},
	{"ip bgp summary", "Summary of BGP neighbor status", noBGP},
	{"ip bgp all summary", "Summary of BGP neighbor status", noBGP},
	{"ip bgp neighbors", "Detailed information on TCP and BGP neighbor connections", noBGP},
	{"ip ospf neighbor", "Neighbor list", ""},
	{"ipv6 interface", "IPv6 interface status and configuration", ""},
	{"ipv6 interface brief", "Brief summary of IPv6 status and configuration", ""},
	{"ipv6 neighbors", "Show IPv6 neighbor cache entries", ""},
	{"ipv6 route", "Show IPv6 route table entries", ""},
	{"access-lists", "List access lists", ""},
	{"ip access-lists", "List IP access lists", ""},
	{"snmp", "snmp statistics", "%SNMP agent not enabled"},
	{"snmp chassis", "show SNMP chassis", "%SNMP agent not enabled"},
	{"snmp user", "show SNMPv3 users", "%SNMP agent not enabled"},
	{"snmp community", "show SNMP communities", "%SNMP agent not enabled"},
	{"vrf", "VPN Routing/Forwarding instance information", noVRF},
	{"vrf detail", "Display detailed VRF information", ""},
	{"ip vrf", "VPN Routing/Forwarding instance information", "  Name                             Default RD          Interfaces"},
	{"environment", "Environmental monitor statistics", noSensors},
	{"environment all", "Show all environmental monitor parameters", noSensors},
	{"environment temperature", "Show temperature", noSensors},
	{"environment temperature status", "Show temperature status", noSensors},
	{"debugging", "State of each debugging option", ""},
}

const noSensors = "Environmental monitoring: Not Supported (there are no sensors)"

// absentTopics help with the words that lead to an absence.
var absentTopics = map[string]string{
	"cdp": "CDP information", "lldp": "LLDP information", "ntp": "Network time protocol",
	"bgp": "BGP information", "all": "All address families", "ip": "IP information", "ospf": "OSPF information",
	"ipv6": "IPv6 information", "snmp": "snmp statistics", "vrf": "VPN Routing/Forwarding instance information",
	"environment": "Environmental monitor statistics", "temperature": "Show temperature",
	"neighbors": "Neighbor entries", "interface": "Interface status and configuration",
}

// showAbsent are the views of what is not there.
func showAbsent() (all modes.Mode[Exec]) {
	for _, f := range absences {
		line := showing()
		words := strings.Fields(f.words)
		for i, w := range words {
			help := absentTopics[w]
			if i == len(words)-1 {
				help = f.help
			}
			line = under(line, w, help)
		}
		all = append(all, viewing(line, func(query, grammar.Args) (view, error) {
			return func(w io.Writer) {
				if f.says != "" {
					fmt.Fprintln(w, f.says)
				}
			}, nil
		}))
	}
	return all
}
