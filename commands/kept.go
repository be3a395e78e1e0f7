package commands

import (
	"slices"
	"strings"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

// Lines that real configurations have and that mean nothing here are accepted,
// kept and printed where IOS prints them, and listed as kept without effect.
// No line that would filter, encrypt or authenticate is among them: who typed
// one must not believe that it does.

// keptTopics helps with the words that several kept lines begin with.
var keptTopics = map[string]string{
	"ip":      "Global IP configuration subcommands",
	"service": "Modify use of network based services",
	"logging": "Modify message logging facilities",
	"aaa":     "Authentication, Authorization and Accounting",
	"http":    "HTTP server configuration",
	"mop":     "DEC MOP server commands",
	"cdp":     "Global CDP configuration subcommands",
	"clock":   "Configure time-of-day clock",
	"dhcp":    "Configure DHCP server and relay parameters",
	"snmp":    "Modify SNMP interface parameters",

	"mmi": "MMI configuration", "spanning-tree": "Spanning Tree Subsystem", "snmp-server": "Modify SNMP engine parameters",
	"license": "Configure license features", "enable": "Enable SNMP Traps", "tcp": "Global TCP parameters", "tftp": "tftp configuration commands",
	"ftp": "FTP configuration commands", "telnet": "Specify telnet options", "mgcp": "Enable MGCP", "parser": "Configure parser",
	"vlan": "VLAN commands", "lldp": "Global LLDP configuration subcommands", "event": "Interface logging events",
	"card": "Configure the card type", "qos": "Configure QoS", "arp": "Set arp type (arpa, probe, snap) or timeout", "client": "HTTP client",
	"flow": "NetFlow related commands", "ifindex": "Enable ifindex persistence",
}

// keptLine is a line by its words. The help is that of the last one.
func keptLine(text, help string) (line grammar.Line) {
	words := strings.Fields(text)
	for i, w := range words {
		if i < len(words)-1 {
			line = under(line, w, keptTopics[w])
		} else {
			line = under(line, w, help)
		}
	}
	return line
}

// kept is a line of which there is one: what follows its words replaces what
// followed before, and its "no" is kept too.
func kept[S any](field func(*S) *[]string, text, help string) modes.Command[S] {
	return keptAs(field, text, help, grammar.Text("The rest of the line"))
}

// keptAs is a kept line that knows what follows its words. It must be so where
// an abbreviation of them is the beginning of another mode's line.
func keptAs[S any](field func(*S) *[]string, text, help string, rest *grammar.Param[string]) modes.Command[S] {
	line := keptLine(text, help)
	whole := with(line, grammar.Opt(rest))
	about := func(t string) bool {
		t = strings.TrimPrefix(t, "no ")
		return t == text || strings.HasPrefix(t, text+" ")
	}
	forget := func(s *S, _ grammar.Args) error {
		*field(s) = emptied(slices.DeleteFunc(*field(s), about))
		return nil
	}
	remember := func(prefix string) func(*S, grammar.Args) error {
		return func(s *S, a grammar.Args) error {
			forget(s, a)
			*field(s) = append(*field(s), prefix+whole.Format(a))
			return nil
		}
	}
	return modes.Command[S]{
		Line: whole,
		Kept: true,
		Set:  remember(""), Unset: remember("no "), Default: forget,
		Get: func(s *S) (lines []grammar.Args) {
			for _, t := range *field(s) {
				if !about(t) {
					continue
				}
				positive, negated := strings.CutPrefix(t, "no ")
				var a grammar.Args
				if positive != text {
					a = rest.Is(positive[len(text)+1:])
				}
				if negated {
					a = modes.No(a)
				}
				lines = append(lines, a)
			}
			return lines
		},
	}
}

func keptOfConfig(c *config.Config) *[]string       { return &c.Kept }
func keptOfInterface(i *config.Interface) *[]string { return &i.Kept }

// keptHere is a line of configuration mode.
func keptHere(text, help string) modes.Command[config.Config] { return kept(keptOfConfig, text, help) }

// keptMany is a line of configuration mode that may be said several times.
func keptMany(text, help string) modes.Command[config.Config] {
	return modes.Keep(keptLine(text, help), keptOfConfig)
}

// keptManyAs is keptMany that knows what follows.
func keptManyAs(line grammar.Line, rest *grammar.Param[string]) modes.Command[config.Config] {
	return modes.KeepAs(line, rest, keptOfConfig)
}

// parted puts "!" around what a line of configuration mode prints.
func parted(s modes.Separator, c modes.Command[config.Config]) modes.Command[config.Config] {
	c.Section = s
	return c
}

var keptServices = modes.Mode[config.Config]{
	keptHere("service nagle", "Enable Nagle's congestion control algorithm"),
	keptHere("service pad", "Enable PAD commands"),
	keptHere("service tcp-keepalives-in", "Generate keepalives on idle incoming network connections"),
	keptHere("service tcp-keepalives-out", "Generate keepalives on idle outgoing network connections"),
}

var keptMoreServices = modes.Mode[config.Config]{
	keptHere("service call-home", "Enable call-home service"),
	keptHere("service dhcp", "Enable DHCP server and relay agent"),
	keptHere("service disable-ip-fast-frag", "Disable IP particle-based fast fragmentation"),
	keptHere("service finger", "Allow responses to finger requests"),
	keptHere("service internal", "Enable/Disable Internal commands"),
	keptHere("service prompt", "Enable mode specific prompt"),
	keptHere("service unsupported-transceiver", "Enable support for third-party transceivers"),
	keptMany("platform", "Configure platform specific commands"),
	keptHere("service compress-config", "Compress the nvram configuration file"),
	keptHere("service config", "TFTP load config files"),
	keptHere("service tcp-small-servers", "Enable small TCP servers (e.g., ECHO)"),
	keptHere("service udp-small-servers", "Enable small UDP servers (e.g., ECHO)"),
}

var keptBoot = modes.Mode[config.Config]{
	parted(modes.Opened, keptHere("boot-start-marker", "Beginning of the boot commands")),
	keptMany("boot", "Modify system boot parameters"),
	parted(modes.Closed, keptHere("boot-end-marker", "End of the boot commands")),
}

var keptMemory = modes.Mode[config.Config]{
	keptHere("mmi polling-interval", "MMI Polling Interval"),
	keptHere("mmi auto-configure", "MMI Auto-Configure"),
	keptHere("mmi pvc", "MMI PVC"),
	keptHere("mmi snmp-timeout", "SNMP timeout for MMI"),
	keptMany("card type", "Configure the card type"),
	keptMany("network-clock-participate", "Configure network clock participation"),
	keptMany("network-clock-select", "Configure network clock selection"),
	keptHere("memory-size", "Adjust memory size by percentage"),
}

var keptBox = modes.Mode[config.Config]{
	keptHere("clock summer-time", "Configure summer (daylight savings) time"),
	keptHere("dot11", "IEEE 802.11 config commands"),
	keptHere("ip source-route", "Process packets with source routing header options"),
	keptHere("ip icmp", "Global ICMP configuration"),
	keptHere("ip subnet-zero", "Allow 'subnet zero' subnets"),
	keptHere("ip gratuitous-arps", "Generate gratuitous ARPs for PPP/SLIP peer addresses"),
	keptHere("ip bootp", "Config BOOTP services"),
	keptHere("ip finger", "finger server"),
	keptHere("ip tcp synwait-time", "Set time to wait on new TCP connections"),
	keptHere("ip tcp path-mtu-discovery", "Enable path-MTU discovery on new TCP connections"),
	keptHere("ip tcp window-size", "TCP window size"),
	keptHere("ip tftp source-interface", "Specify interface for source address in TFTP connections"),
	keptHere("ip ftp source-interface", "Specify interface for source address in FTP connections"),
	keptHere("ip telnet source-interface", "Specify source interface"),
	parted(modes.Closed, keptHere("ip cef", "Cisco Express Forwarding")),
	keptHere("ipv6 cef", "Cisco Express Forwarding for IPv6"),
	keptHere("ip dhcp use", "Configure use of certain information during IP address allocation"),
}

// keptMultilink stands where the names end.
var keptMultilink = modes.Mode[config.Config]{
	parted(modes.Apart, keptHere("multilink", "PPP multilink global configuration")),
	keptHere("parser cache", "Configure parser cache"),
	keptMany("spanning-tree", "Spanning Tree Subsystem"),
	keptMany("license", "Configure license features"),
	keptMany("vtp", "Configure global VTP state"),
	keptHere("vlan internal", "VLAN internal configuration"),
}

var keptForwarding = modes.Mode[config.Config]{
	keptHere("ip default-gateway", "Specify default gateway (if not routing IP)"),
	keptHere("ip classless", "Follow classless routing forwarding rules"),
	keptMany("ip forward-protocol", "Controls forwarding of physical and directed IP broadcasts"),
}

var keptServers = modes.Mode[config.Config]{
	parted(modes.Opened, keptHere("ip http server", "Enable http server")),
	keptHere("ip http secure-server", "Enable HTTP secure server"),
	keptHere("ip http timeout-policy", "Set http server time-out policy parameters"),
	keptHere("ip http client source-interface", "Specify interface for source address in all HTTP client requests"),
	keptHere("ip bgp-community", "Format for BGP community"),
	keptMany("ip flow-export", "Specify host/port to send flow statistics"),
	keptMany("ip flow-cache", "Configure netflow cache parameters"),
}

var keptServersAfter = modes.Mode[config.Config]{
	keptHere("cdp run", "Enable CDP"),
	keptHere("cdp timer", "Specify the rate at which CDP packets are sent"),
	keptHere("cdp holdtime", "Specify the holdtime to be sent in CDP packets"),
	keptHere("lldp run", "Enable LLDP"),
	community(),
	keptMany("snmp-server location", "Text for mib object sysLocation"),
	keptMany("snmp-server contact", "Text for mib object sysContact"),
	keptMany("snmp-server chassis-id", "String to uniquely identify this chassis"),
	keptMany("snmp-server enable traps", "Enable SNMP Traps"),
	keptHere("snmp-server ifindex persist", "Enable ifindex persistence"),
	keptHere("snmp-server trap-source", "Assign an interface for the source address of all traps"),
	keptHere("snmp-server system-shutdown", "Enable use of the SNMP reload command"),
}

// community is kept, for there is nobody whom it would let in; it is a secret
// all the same.
func community() modes.Command[config.Config] {
	return keptManyAs(keptLine("snmp-server community", "Enable SNMP; set community string and access privs"),
		grammar.Secret(grammar.Text("SNMP community string")))
}

var keptControl = modes.Mode[config.Config]{
	parted(modes.Apart, keptHere("control-plane", "Configure control plane services")),
	keptMany("mgcp", "Enable MGCP"),
}

var keptLast = modes.Mode[config.Config]{
	parted(modes.Opened, keptHere("scheduler", "Scheduler parameters")),
	keptMany("ntp", "Configure NTP"),
}

// routeCaches are the caches of "ip route-cache", which "ip route" abbreviates:
// a static route typed in interface mode must not be taken for one.
func routeCaches() *grammar.Param[string] {
	return grammar.Enum(
		choice("cef", "Enable Cisco Express Forwarding", "cef"),
		choice("distributed", "Enable distributed switching", "distributed"),
		choice("flow", "Enable flow fast-switching cache", "flow"),
		choice("policy", "Enable fast-switching policy cache", "policy"),
		choice("same-interface", "Enable fast-switching on the same interface", "same-interface"),
	)
}

// keptBeforeShutdown and keptAfterShutdown are the kept lines of an interface.
var (
	keptBeforeShutdown = modes.Mode[config.Interface]{
		kept(keptOfInterface, "ip directed-broadcast", "Enable forwarding of directed broadcasts"),
		kept(keptOfInterface, "ip mroute-cache", "Enable fast-switching cache for incoming multicast packets"),
		kept(keptOfInterface, "ip flow", "NetFlow related commands"),
		kept(keptOfInterface, "carrier-delay", "Specify delay for interface transitions"),
		kept(keptOfInterface, "arp timeout", "Set ARP cache timeout"),
		keptAs(keptOfInterface, "ip route-cache", "Enable fast-switching cache for outgoing packets", routeCaches()),
		kept(keptOfInterface, "ip virtual-reassembly", "Virtual Reassembly"),
		kept(keptOfInterface, "load-interval", "Specify interval for load calculation for an interface"),
	}
	keptAfterShutdown = modes.Mode[config.Interface]{
		kept(keptOfInterface, "keepalive", "Enable keepalive"),
		kept(keptOfInterface, "duplex", "Configure duplex operation."),
		kept(keptOfInterface, "speed", "Configure speed operation."),
		kept(keptOfInterface, "half-duplex", "Configure half-duplex operation"),
		kept(keptOfInterface, "full-duplex", "Configure full-duplex operational mode"),
		kept(keptOfInterface, "media-type", "Interface media type"),
		kept(keptOfInterface, "negotiation", "Select Autonegotiation mode"),
		kept(keptOfInterface, "cdp enable", "Enable CDP on interface"),
		kept(keptOfInterface, "mop enabled", "Enable MOP for interface"),
		kept(keptOfInterface, "mop sysid", "Enable sending of periodic MOP messages"),
		kept(keptOfInterface, "hold-queue", "Set hold queue depth"),
		kept(keptOfInterface, "fair-queue", "Enable Fair Queuing on an Interface"),
		kept(keptOfInterface, "tx-ring-limit", "Configure PA level transmit ring limit"),
		kept(keptOfInterface, "logging event", "Interface logging events"),
		kept(keptOfInterface, "lldp transmit", "Enable LLDP transmission on interface"),
		kept(keptOfInterface, "lldp receive", "Enable LLDP reception on interface"),
		kept(keptOfInterface, "qos pre-classify", "Enable QOS classification before packets are tunnel encapsulated"),
		kept(keptOfInterface, "snmp trap link-status", "Allow SNMP LINKUP and LINKDOWN traps"),
	}
)
