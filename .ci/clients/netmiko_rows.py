"""netmiko, unmodified: A2, A3 and A14."""

import hashlib
import os
import re
import tempfile
import threading

import netmiko
from netmiko import ConnectHandler, SSHDetect, file_transfer

from rows import HOST, PASSWORD, PORTS, SECRET, USER, equal, finish, holds, row

BANNER = "motd line one\nmotd line two"


def connect(node, **more):
    return ConnectHandler(host=HOST, port=PORTS[node], device_type="cisco_ios", username=USER,
                          password=PASSWORD, secret=SECRET, **more)


def prompts():
    for node in PORTS:
        with connect(node) as c:
            equal("prompt", c.find_prompt(), node + "#")
            equal("enabled", c.check_enable_mode(), True)
            holds("version", c.send_command("show version"), "Cisco IOS Software", f"{node} uptime is ")
            equal("alive", c.is_alive(), True)


def autodetect():
    guess = SSHDetect(host=HOST, port=PORTS["R1"], device_type="autodetect", username=USER, password=PASSWORD)
    equal("device type", guess.autodetect(), "cisco_ios")


def enable():
    def guest(secret):
        return ConnectHandler(host=HOST, port=PORTS["R1"], device_type="cisco_ios", username="guest",
                              password="guest", secret=secret)

    with guest(SECRET) as c:
        equal("prompt", c.find_prompt(), "R1>")
        c.enable()
        equal("prompt", c.find_prompt(), "R1#")
        c.exit_enable_mode()
        equal("prompt", c.find_prompt(), "R1>")
    with guest("wrong") as c:
        try:
            c.enable()
        except ValueError:
            return
        raise AssertionError("a wrong secret was taken")


def wrong_password():
    try:
        ConnectHandler(host=HOST, port=PORTS["R1"], device_type="cisco_ios", username=USER, password="wrong")
    except netmiko.NetmikoAuthenticationException:
        return
    raise AssertionError("a wrong password was taken")


def textfsm():
    with connect("R1") as c:
        brief = c.send_command("show ip interface brief", use_textfsm=True)
        equal("addresses", {i["interface"]: i["ip_address"] for i in brief}["Ethernet0"], "10.0.0.1")
        version = c.send_command("show version", use_textfsm=True)[0]
        equal("version", (version["hostname"], version["version"]), ("R1", "15.7"))


def configure():
    lines = []
    for n in range(100):
        lines += [f"interface Loopback{1000 + n}", f"description number {n}"]
    with connect("R1") as c:
        said = c.send_config_set(lines)
        equal("refused", "%" in said, False)
        shown = c.send_command("show running-config")
        equal("descriptions", re.findall(r"description number (\d+)", shown), [str(n) for n in range(100)])
        c.send_config_set([f"no interface Loopback{1000 + n}" for n in range(100)])
        equal("removed", "number" in c.send_command("show running-config"), False)


def refusals():
    with connect("R1") as c:
        try:
            c.send_config_set(["hostname R1", "nonsense"], error_pattern=r"% Invalid input")
        except netmiko.exceptions.ConfigInvalidException:
            c.exit_config_mode()
            equal("mode", c.check_config_mode(), False)
            return
        raise AssertionError("nonsense was taken")


def banner():
    with connect("R2") as c:
        c.send_config_set(["banner motd ^", *BANNER.split("\n"), "^"])
        holds("banner", c.send_command("show running-config | begin banner motd"), "motd line one", "motd line two")
        c.send_config_set(["no banner motd"])


def save():
    with connect("R1") as c:
        holds("saved", c.save_config(), "[OK]")


def hostnames():
    for name in ("a" * 20, "b" * 21, "c" * 40):
        with connect("R2") as c:
            c.send_config_set([f"hostname {name}"], cmd_verify=False, exit_config_mode=False)
            c.set_base_prompt()
            c.exit_config_mode()
            c.set_base_prompt()
            holds("prompt", c.find_prompt(), name[:16])
            c.send_config_set(["hostname R2"], cmd_verify=False, exit_config_mode=False)
            c.set_base_prompt()
            c.exit_config_mode()


def narrow():
    with connect("R1") as c:
        c.send_command("terminal width 80")
        long = "show running-config | include " + "a line that is much longer than the terminal is wide, " * 3
        equal("nothing", c.send_command(long).strip(), "")


def transfer():
    with connect("R1") as c, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.bin")
        with open(path, "wb") as f:
            f.write(b"configuration\n" * 50000)
        with open(path, "rb") as f:
            sum_ = hashlib.md5(f.read()).hexdigest()
        c.send_config_set(["no ip scp server enable"])
        try:
            file_transfer(c, source_file=path, dest_file="file.bin", file_system="flash:", overwrite_file=True)
        except Exception:
            pass
        else:
            raise AssertionError("copied without a server")
        c.send_config_set(["ip scp server enable"])
        done = file_transfer(c, source_file=path, dest_file="file.bin", file_system="flash:", overwrite_file=True)
        equal("put", (done["file_exists"], done["file_verified"]), (True, True))
        holds("sum", c.send_command("verify /md5 flash:file.bin"), sum_)
        back = os.path.join(folder, "back.bin")
        done = file_transfer(c, source_file="file.bin", dest_file=back, file_system="flash:", direction="get")
        equal("got", (done["file_exists"], done["file_verified"]), (True, True))
        c.send_command("delete /force flash:file.bin")


def hundred_sessions():
    faults, gate = [], threading.Barrier(100)

    def one(n):
        try:
            with connect(("R1", "R2")[n % 2], conn_timeout=60, auth_timeout=60, banner_timeout=60) as c:
                gate.wait(120)
                for _ in range(5):
                    holds("clock", c.send_command("show ip interface brief", read_timeout=60), "Ethernet0")
        except Exception as e:
            faults.append(repr(e))
            gate.abort()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(32)]
    gate = threading.Barrier(len(threads))
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal("faults", faults[:3], [])


finish(
    row("A2", "netmiko " + netmiko.__version__, prompts, autodetect, enable, wrong_password, textfsm, configure,
        refusals, banner, save, hostnames, narrow),
    row("A3", "netmiko scp", transfer),
    row("A14", "netmiko load", hundred_sessions),
)
