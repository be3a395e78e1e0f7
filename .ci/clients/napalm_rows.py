"""NAPALM's ios driver, unmodified: A5."""

import os
import tempfile

import napalm

from rows import HOST, PASSWORD, PORTS, SECRET, USER, equal, finish, holds, row


def device():
    return napalm.get_network_driver("ios")(
        HOST, USER, PASSWORD, optional_args={"port": PORTS["R1"], "secret": SECRET})


def facts():
    with device() as d:
        f = d.get_facts()
        equal("facts", (f["hostname"], f["fqdn"], f["vendor"]), ("R1", "R1.example.org", "Cisco"))
        holds("interfaces", f["interface_list"], "Ethernet0", "Loopback0")
        holds("version", f["os_version"], "15.7")


def interfaces():
    with device() as d:
        one = d.get_interfaces()["Ethernet0"]
        equal("Ethernet0", (one["is_up"], one["is_enabled"], one["description"], one["speed"], one["mtu"]),
              (True, True, "to R2", 10.0, 1500))
        equal("MAC", one["mac_address"], "AA:BB:CC:00:01:00")
        equal("addresses", d.get_interfaces_ip()["Ethernet0"], {"ipv4": {"10.0.0.1": {"prefix_length": 24}}})
        before = d.get_interfaces_counters()["Ethernet0"]["tx_unicast_packets"]
        d.ping("10.0.0.2", count=5)
        after = d.get_interfaces_counters()["Ethernet0"]["tx_unicast_packets"]
        equal("counted", after - before >= 5, True)


def arp():
    with device() as d:
        d.ping("10.0.0.2")
        table = {a["ip"]: a for a in d.get_arp_table()}
        equal("neighbour", (table["10.0.0.2"]["interface"], table["10.0.0.2"]["mac"]), ("Ethernet0", "AA:BB:CC:00:02:00"))


def environment():
    with device() as d:
        e = d.get_environment()
        equal("memory", e["memory"]["available_ram"] > 0, True)
        equal("cpu", 0 <= e["cpu"][0]["%usage"] <= 100, True)


def users():
    with device() as d:
        u = d.get_users()
        equal("levels", {n: u[n]["level"] for n in ("admin", "guest")}, {"admin": 15, "guest": 1})


def configuration():
    with device() as d:
        c = d.get_config()
        holds("running", c["running"], "hostname R1", " description to R2")
        holds("startup", c["startup"], "hostname R1")


def others():
    with device() as d:
        d.get_ntp_servers()
        d.get_lldp_neighbors()
        d.get_snmp_information()
        d.get_vlans()
        d.is_alive()


def ping():
    with device() as d:
        p = d.ping("10.0.0.2")["success"]
        equal("ping", (p["probes_sent"], p["packet_loss"]), (5, 0))
        p = d.ping("10.0.0.77", count=2, timeout=1)["success"]
        equal("nobody", (p["probes_sent"], p["packet_loss"]), (2, 2))
        t = d.traceroute("10.0.0.2")["success"]
        equal("hop", t[1]["probes"][1]["ip_address"], "10.0.0.2")


def merge():
    with device() as d:
        d.load_merge_candidate(config="interface Loopback9\n description merged\n ip address 192.0.2.9 255.255.255.255\n")
        holds("compare", d.compare_config(), "interface Loopback9", "description merged")
        d.commit_config()
        holds("addresses", d.get_interfaces_ip(), "Loopback9")
        equal("nothing left", d.compare_config(), "")
        d.rollback()
        equal("rolled back", "Loopback9" in d.get_interfaces_ip(), False)


def merge_refused():
    with device() as d:
        d.load_merge_candidate(config="interface Loopback9\nnonsense and more\n")
        try:
            d.commit_config()
        except napalm.base.exceptions.MergeConfigException:
            d.rollback()
            return
        raise AssertionError("nonsense was merged")


def discard():
    with device() as d:
        d.load_merge_candidate(config="hostname Nobody\n")
        holds("compare", d.compare_config(), "hostname Nobody")
        d.discard_config()
        equal("discarded", d.compare_config(), "")


def replace():
    with device() as d, tempfile.TemporaryDirectory() as folder:
        candidate = d.get_config()["running"].replace(" description to R2", " description replaced")
        path = os.path.join(folder, "candidate")
        with open(path, "w") as f:
            f.write(candidate)
        d.load_replace_candidate(filename=path)
        holds("compare", d.compare_config(), "+description replaced", "-description to R2")
        d.commit_config()
        equal("nothing left", d.compare_config(), "")
        equal("replaced", d.get_interfaces()["Ethernet0"]["description"], "replaced")
        d.rollback()
        equal("rolled back", d.get_interfaces()["Ethernet0"]["description"], "to R2")


def confirm():
    with device() as d:
        candidate = d.get_config()["running"].replace(" description to R2", " description confirmed")
        d.load_replace_candidate(config=candidate)
        d.commit_config(revert_in=120)
        equal("pending", d.has_pending_commit(), True)
        d.confirm_commit()
        equal("pending", d.has_pending_commit(), False)
        d.rollback()


finish(row("A5", "NAPALM " + napalm.__version__ if hasattr(napalm, "__version__") else "NAPALM", facts, interfaces, arp,
           environment, users, configuration, others, ping, merge, merge_refused, discard, replace, confirm))
