"""ntc-templates as an oracle: A9. A template fails on any line that IOS does not print."""

from ntc_templates.parse import parse_output

from oracles import connect, spoke
from rows import PORTS, USER, equal, finish, holds, row


def parsed(c, command, *fields):
    """What the template makes of a command's output: rows of the fields that are asked for."""
    rows = parse_output(platform="cisco_ios", command=command, data=c.send_command(command, read_timeout=20))
    return [tuple(r[f] for f in fields) for r in rows]


def box():
    with connect(PORTS["R1"]) as c:
        equal("version", parsed(c, "show version", "hostname", "version", "config_register"), [("R1", "15.7", "0x2102")])
        equal("inventory", parsed(c, "show inventory", "name", "pid"), [("chassis", "GRESH")])
        equal("users", parsed(c, "show users", "user", "location"), [(USER, "127.0.0.1")])
        equal("clock", parsed(c, "show clock", "timezone", "year"), [("UTC", "2002")])
        equal("file systems", parsed(c, "show file systems", "prefixes")[0], ("nvram:",))
        equal("archive", parsed(c, "show archive", "next_filename"), [("flash:archive-1",)])
        equal("CPU", [0 <= int(u[0]) <= 100 for u in parsed(c, "show processes cpu", "cpu_usage_1_min")][:1], [True])
        holds("log", parsed(c, "show logging", "facility", "severity", "mnemonic"), ("SYS", "5", "RESTART"))


def network():
    with connect(PORTS["R1"]) as c:
        c.send_command("ping 10.0.0.2", read_timeout=20)
        equal("brief", parsed(c, "show ip interface brief", "interface", "ip_address", "status", "proto"),
              [("Ethernet0", "10.0.0.1", "up", "up"), ("Loopback0", "192.0.2.1", "up", "up")])
        equal("interfaces", sorted(parsed(c, "show interfaces", "interface", "link_status", "protocol_status", "ip_address", "prefix_length")),
              [("Ethernet0", "up", "up", "10.0.0.1", "24"), ("Loopback0", "up", "up", "192.0.2.1", "32")])
        equal("IP", sorted(parsed(c, "show ip interface", "interface", "ip_address", "prefix_length")),
              [("Ethernet0", ["10.0.0.1"], ["24"]), ("Loopback0", ["192.0.2.1"], ["32"])])
        equal("descriptions", parsed(c, "show interfaces description", "port", "description")[0], ("Et0", "to R2"))
        equal("routes", parsed(c, "show ip route", "protocol", "network", "prefix_length", "nexthop_ip", "nexthop_if"),
              [("C", "10.0.0.0", "24", "", "Ethernet0"), ("C", "192.0.2.1", "32", "", "Loopback0"), ("S", "192.0.2.2", "32", "10.0.0.2", "")])
        equal("ARP", parsed(c, "show ip arp", "ip_address", "mac_address", "interface"),
              [("10.0.0.1", "aabb.cc00.0100", "Ethernet0"), ("10.0.0.2", "aabb.cc00.0200", "Ethernet0")])


def tunnels():
    with connect(spoke()) as c:
        c.send_command("ping 10.0.0.12", read_timeout=20)
        equal("DMVPN", parsed(c, "show dmvpn", "peer_nbma", "peer_tunnel", "state", "attribute"),
              [("172.17.0.1", "10.0.0.1", "UP", "S"), ("172.17.0.12", "10.0.0.12", "UP", "D"), ("172.17.0.5", "10.0.1.1", "UP", "S")])
        equal("tunnels", [i for i in parsed(c, "show interfaces", "interface", "hardware_type", "ip_address") if i[1] == "Tunnel"],
              [("Tunnel0", "Tunnel", "10.0.0.11"), ("Tunnel1", "Tunnel", "10.0.1.11")])


finish(row("A9", "ntc-templates", box, network, tunnels))
