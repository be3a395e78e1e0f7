"""netmiko, unmodified: A2, A3 and A14."""

import hashlib
import io
import logging
import os
import re
import tempfile
import threading

import netmiko
from netmiko import ConnectHandler, file_transfer

from rows import GUEST, HOST, PASSWORD, PORTS, SECRET, USER, equal, finish, holds, lacks, refuses, row

logging.getLogger("paramiko").setLevel(logging.CRITICAL)
FAILURES = (netmiko.NetmikoAuthenticationException, netmiko.NetmikoTimeoutException, netmiko.ReadTimeout, ValueError, EOFError, OSError)


def connect(node="R1", **more):
    return ConnectHandler(**{"host": HOST, "port": PORTS[node], "device_type": "cisco_ios", "username": USER,
                             "password": PASSWORD, "secret": SECRET, **more})


def guest(**more):
    return connect(username=GUEST, password=GUEST, **more)


def routes(n):
    return [f"ip route 203.0.{i // 250}.{i % 250} 255.255.255.255 10.0.0.2" for i in range(n)]


def prompts():
    for node in PORTS:
        c = connect(node)
        equal("prompt", c.find_prompt(), node + "#")
        equal("enabled", c.check_enable_mode(), True)
        holds("version", c.send_command("show version"), "Cisco IOS Software", f"{node} uptime is ")
        equal("alive", c.is_alive(), True)
        c.disconnect()
        equal("alive after good-bye", c.is_alive(), False)


def enable():
    with guest() as c:
        equal("prompt", c.find_prompt(), "R1>")
        c.enable()
        equal("prompt", c.find_prompt(), "R1#")
        c.exit_enable_mode()
        equal("prompt", c.find_prompt(), "R1>")
    with guest(secret="wrong") as c:
        refuses("a wrong secret", (ValueError, netmiko.ReadTimeout), c.enable)
        c.write_channel("wrong\nwrong\n")
        holds("three wrong ones", c.read_until_pattern("R1>"), "% Bad secrets")


def wrong_password():
    refuses("a wrong password", netmiko.NetmikoAuthenticationException, lambda: connect(password="wrong"))


def textfsm():
    with connect() as c:
        brief = {i["interface"]: i for i in c.send_command("show ip interface brief", use_textfsm=True)}
        equal("addresses", {n: i["ip_address"] for n, i in brief.items()}, {"Ethernet0": "10.0.0.1", "Loopback0": "192.0.2.1"})
        equal("states", {(i["status"], i["proto"]) for i in brief.values()}, {("up", "up")})
        version = c.send_command("show version", use_textfsm=True)[0]
        equal("version", (version["hostname"], version["version"]), ("R1", "15.7"))
        static = [r for r in c.send_command("show ip route", use_textfsm=True) if r["protocol"] == "S"]
        equal("routes", [(r["network"], r["prefix_length"], r["nexthop_ip"]) for r in static], [("192.0.2.2", "32", "10.0.0.2")])


def configure():
    lines = []
    for n in range(100):
        lines += [f"interface Loopback{1000 + n}", f"description number {n}"]
    with connect() as c:
        lacks("said", c.send_config_set(lines), "% ")
        shown = c.send_command("show running-config")
        equal("descriptions", re.findall(r"description number (\d+)", shown), [str(n) for n in range(100)])
        c.send_config_set([f"no interface Loopback{1000 + n}" for n in range(100)])
        lacks("removed", c.send_command("show running-config"), "number")


def refusals():
    with connect() as c:
        e = refuses("a wrong line", netmiko.exceptions.ConfigInvalidException, lambda: c.send_config_set(
            ["interface Loopback0", "ip adress 192.0.2.9 255.255.255.255"], error_pattern="% Invalid input"))
        holds("said", str(e), "ip adress")
        c.exit_config_mode()
        equal("mode", c.check_config_mode(), False)


def banner():
    with connect("R2") as c:
        c.send_config_set(["banner motd ^", "motd line one", "motd line two", "^"])
        holds("banner", c.send_command("show running-config | begin banner motd"), "banner motd ^C\nmotd line one\nmotd line two\n^C\n")
        c.send_config_set(["no banner motd"])


def save():
    with connect() as c:
        c.send_config_set(["interface Loopback0", "description saved"])
        holds("saved", c.save_config(), "[OK]")
        holds("startup", c.send_command("show startup-config"), " description saved")


def long_output():
    with connect() as c:
        c.send_config_set(routes(2100), cmd_verify=False, read_timeout=120)
        shown = c.send_command("show running-config", read_timeout=60)
        equal("routes", len(re.findall(r"(?m)^ip route 203\.", shown)), 2100)
        lacks("shown", shown, "--More--", "\b")
        c.send_config_set(["no " + r for r in routes(2100)], cmd_verify=False, read_timeout=120)


def hostnames():
    for length in 20, 21, 40:
        name = ("R2." + "x" * 60)[:length]
        with connect("R2") as c:
            c.send_config_set([f"hostname {name}"], cmd_verify=False, exit_config_mode=False)
            c.set_base_prompt()
            c.exit_config_mode()
        with connect("R2") as c:
            equal("prompt", c.find_prompt(), name + "#")
            c.send_config_set(["interface Loopback0", f"description of {length}"])
            holds("configured", c.send_command("show running-config interface Loopback0"), f"description of {length}\n")
            c.send_config_set(["hostname R2"], cmd_verify=False, exit_config_mode=False)
            c.set_base_prompt()
            c.exit_config_mode()


def narrow():
    """A line that does not fit scrolls, as on the real thing, so that its echo is not the line."""
    with connect() as c:
        c.send_command("terminal width 80")
        fits = "show running-config | include ^interface Loopback0$"
        equal("what fits", c.send_command(fits).strip(), "interface Loopback0")
        text = "description " + " ".join(f"word{n}" for n in range(30))
        c.send_config_set(["interface Loopback0", text], cmd_verify=False)
        c.send_command("terminal width 511")
        holds("what does not", c.send_command("show running-config interface Loopback0"), f" {text}\n")


def questions():
    with connect() as c:
        holds("asked", c.send_command("clear logging", expect_string=r"confirm\]"), "[confirm]")
        c.send_command("\n", expect_string=r"R1#", cmd_verify=False)
        holds("copied", c.send_multiline([["copy running-config flash:copied.cfg", r"copied.cfg\]\?"], ["", r"R1#"]]), "bytes copied in")
        c.send_multiline([["delete flash:copied.cfg", r"copied.cfg\]\?"], ["", r"confirm\]"], ["", "R1#"]])
        lacks("deleted", c.send_command("dir flash:"), "copied.cfg")


def session_log():
    log = io.BytesIO()
    with guest(session_log=log) as c:
        c.enable()
        c.send_command("show clock")
    lacks("log", log.getvalue().decode(), SECRET, "\x1b", "\x00", "\x07")


def all_lines():
    """All virtual terminals are taken, and then there is none for one more."""
    sessions = []
    try:
        for _ in range(16):
            sessions.append(connect("R2"))
        refuses("one too many", FAILURES, lambda: sessions.append(connect("R2", conn_timeout=5, banner_timeout=5, auth_timeout=5)))
        equal("users", sessions[0].send_command("show users").count(USER), 16)
    finally:
        for c in sessions:
            c.disconnect()


def transfer():
    with connect() as c, tempfile.TemporaryDirectory() as folder:
        path, back = os.path.join(folder, "file.bin"), os.path.join(folder, "back.bin")
        with open(path, "wb") as f:
            f.write(b"configuration\n" * 50000)
        with open(path, "rb") as f:
            digest = hashlib.md5(f.read()).hexdigest()
        c.send_config_set(["no ip scp server enable"])
        put = {"source_file": path, "dest_file": "file.bin", "file_system": "flash:", "overwrite_file": True}
        refuses("copied without a server", Exception, lambda: file_transfer(c, **put))
        c.send_config_set(["ip scp server enable"])
        done = file_transfer(c, **put)
        equal("put", (done["file_exists"], done["file_transferred"], done["file_verified"]), (True, True, True))
        holds("sum", c.send_command("verify /md5 flash:file.bin"), digest)
        again = file_transfer(c, **put)
        equal("put again", (again["file_exists"], again["file_transferred"], again["file_verified"]), (True, False, True))
        done = file_transfer(c, source_file="file.bin", dest_file=back, file_system="flash:", direction="get")
        equal("got", (done["file_exists"], done["file_verified"]), (True, True))
        with open(back, "rb") as f:
            equal("the same", hashlib.md5(f.read()).hexdigest(), digest)
        c.send_command("delete /force flash:file.bin")


def hundred_sessions():
    """All connected before the first works, and none is gone before the last has."""
    def one():
        try:
            with connect(conn_timeout=60, auth_timeout=60, banner_timeout=60) as c:
                gate.wait(120)
                for _ in range(5):
                    holds("shown", c.send_command("show ip interface brief", read_timeout=60), "Ethernet0")
                gate.wait(120)
        except Exception as e:
            faults.append(repr(e))
            gate.abort()

    for _ in range(2):
        faults, gate = [], threading.Barrier(100)
        threads = [threading.Thread(target=one) for _ in range(100)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        equal("faults", faults[:3], [])
    with connect() as c:
        equal("who is left", c.send_command("show users").count(USER), 1)


finish(
    row("A2", "netmiko " + netmiko.__version__, prompts, enable, wrong_password, textfsm, configure, refusals, banner, save,
        long_output, hostnames, narrow, questions, session_log, all_lines),
    row("A3", "netmiko scp", transfer),
    row("A14", "netmiko load", hundred_sessions),
)
