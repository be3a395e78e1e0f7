"""genie, Cisco's own parsers, as an oracle: A9. What they read is what the lab is."""

from importlib.metadata import version

from genie.conf.base import Device

from oracles import connect, spoke
from rows import USER, equal, finish, holds, row

DEVICE = Device("Spoke1", os="iosxe")
DEVICE.custom.abstraction = {"order": ["os"]}
SPOKE = connect(spoke())
SPOKE.send_command("ping 10.0.0.12", read_timeout=20)


def parsed(command):
    return DEVICE.parse(command, output=SPOKE.send_command(command, read_timeout=20))


def interfaces():
    brief = parsed("show ip interface brief")["interface"]
    equal("brief", {n: (i["ip_address"], i["method"], i["status"]) for n, i in brief.items()},
          {"Ethernet0": ("172.17.0.11", "DHCP", "up"), "Ethernet1": ("192.168.1.1", "NVRAM", "up"),
           "Tunnel0": ("10.0.0.11", "NVRAM", "up"), "Tunnel1": ("10.0.1.11", "NVRAM", "up")})
    tunnel = parsed("show interfaces")["Tunnel0"]
    equal("Tunnel0", (tunnel["type"], tunnel["bandwidth"], tunnel["delay"], list(tunnel["ipv4"])), ("Tunnel", 1000, 10000, ["10.0.0.11/24"]))
    ip = parsed("show ip interface")
    equal("how addresses came", {n: i["address_determined_by"] for n, i in ip.items() if "Eth" in n}["Ethernet0"], "DHCP")
    equal("descriptions", set(parsed("show interfaces description")["interfaces"]), set(brief))


def routes():
    routes = parsed("show ip route")["vrf"]["default"]["address_family"]["ipv4"]["routes"]
    equal("connected", {r for r, v in routes.items() if v["source_protocol"] == "connected"},
          {"10.0.0.0/24", "10.0.1.0/24", "172.17.0.8/29", "192.168.1.0/24"})
    arp = parsed("show ip arp")["interfaces"]["Ethernet0"]["ipv4"]["neighbors"]
    equal("ARP", arp["172.17.0.9"]["link_layer_address"], "aabb.cc00.0502")


def dmvpn():
    tunnel = parsed("show dmvpn")["interfaces"]["Tunnel0"]
    peers = tunnel["ent"][1]["peers"]
    equal("DMVPN", (tunnel["type"], {p: list(v["tunnel_addr"]) for p, v in peers.items()}),
          ("Spoke", {"172.17.0.1": ["10.0.0.1"], "172.17.0.12": ["10.0.0.12"]}))
    nhrp = parsed("show ip nhrp")
    equal("NHRP", {k: (v["via"][k[:-3]]["type"], v["via"][k[:-3]]["nbma_address"]) for k, v in nhrp.items()},
          {"10.0.0.1/32": ("static", "172.17.0.1"), "10.0.0.12/32": ("dynamic", "172.17.0.12"), "10.0.1.1/32": ("static", "172.17.0.5")})


def crypto():
    peers = {"172.17.0.1", "172.17.0.5", "172.17.0.12"}
    sas = parsed("show crypto isakmp sa")["isakmp_stats"]["IPv4"].values()
    equal("IKE", {s["session_state"] for s in sas}, {"QM_IDLE"})
    equal("IKE's peers", {a for s in sas for a in (s["source"], s["destination"])} - {"172.17.0.11"}, peers)
    tunnel = parsed("show crypto ipsec sa")["interface"]["Tunnel0"]
    equal("local address", tunnel["local_addr"], "172.17.0.11")
    equal("identities", {i["remote_ident"]["addr"] for i in tunnel["ident"].values()} <= peers, True)
    equal("sockets", parsed("show crypto sockets")["socket_connections"]["total_socket_connections"], 3)
    holds("profile", parsed("show crypto ipsec profile")["ipsec_profile_name"], "vpnprof")
    holds("map", parsed("show crypto map")["ipv4"]["crypto_map_tag"], "vpnprof-head-1")


def box():
    equal("privilege", parsed("show privilege")["current_privilege_level"], 15)
    equal("users", [u["user"] for u in parsed("show users")["line"].values()], [USER])
    equal("clock", parsed("show clock")["timezone"], "UTC")
    equal("SSH", parsed("show ip ssh")["ssh"]["enabled"], True)
    holds("line", parsed("show line")["tty"], "0")
    equal("CPU", 0 <= parsed("show processes cpu")["one_min_cpu"] <= 100, True)
    equal("log", parsed("show logging")["logging"]["console"]["status"], "enabled")
    equal("files", {s["prefixes"] for s in parsed("show file systems")["file_systems"].values()} >= {"flash:", "nvram:"}, True)


finish(row("A9", "genie " + version("genie"), interfaces, routes, dmvpn, crypto, box))
