"""netmiko as Debian 12 has it, which waits for a prompt nobody asked for: A2."""

import netmiko
from netmiko import ConnectHandler

from rows import GUEST, HOST, PASSWORD, PORTS, SECRET, USER, equal, finish, holds, row


def connect(node="R1", **more):
    return ConnectHandler(**{"host": HOST, "port": PORTS[node], "device_type": "cisco_ios", "username": USER,
                             "password": PASSWORD, "secret": SECRET, **more})


def prompts():
    for node in PORTS:
        c = connect(node)
        equal("prompt", c.find_prompt(), node + "#")
        holds("version", c.send_command("show version"), "Cisco IOS Software", f"{node} uptime is ")
        equal("alive", c.is_alive(), True)
        c.disconnect()


def enable():
    c = connect(username=GUEST, password=GUEST)
    equal("prompt", c.find_prompt(), "R1>")
    c.enable()
    equal("prompt", c.find_prompt(), "R1#")
    c.disconnect()


def configure():
    c = connect()
    c.send_config_set(["interface Loopback0", "description of debian"])
    holds("configured", c.send_command("show running-config interface Loopback0"), " description of debian\n")
    holds("saved", c.save_config(), "[OK]")
    c.disconnect()


finish(row("A2", "netmiko " + netmiko.__version__, prompts, enable, configure))
