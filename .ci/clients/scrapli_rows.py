"""scrapli, unmodified, over each of its transports: A8."""

import asyncio

import scrapli
from scrapli.driver.core import AsyncIOSXEDriver, IOSXEDriver

from rows import HOST, PASSWORD, PORTS, SECRET, USER, equal, finish, holds, row


def options(transport):
    return {"host": HOST, "port": PORTS["R1"], "auth_username": USER, "auth_password": PASSWORD,
            "auth_secondary": SECRET, "auth_strict_key": False, "transport": transport,
            "ssh_config_file": False, "timeout_ops": 20}


def exercise(c):
    equal("prompt", c.get_prompt(), "R1#")
    holds("version", c.send_command("show version").result, "Cisco IOS Software")
    all_ = c.send_commands(["show ip interface brief", "show users", "show nonsense"])
    equal("failed", [r.failed for r in all_], [False, False, True])
    brief = all_[0].textfsm_parse_output()
    equal("address", [i["ip_address"] for i in brief if i["interface"] == "Ethernet0"], ["10.0.0.1"])
    said = c.send_interactive([("clear logging", "[confirm]", False), ("", "R1#", False)])
    equal("interactive", said.failed, False)
    said = c.send_configs(["interface Loopback8", "description of scrapli", "nonsense", "no description"])
    equal("configured", [r.failed for r in said], [False, False, True, False])
    c.send_config("no interface Loopback8")
    for level in ("exec", "privilege_exec", "configuration", "privilege_exec"):
        c.acquire_priv(level)
    equal("prompt", c.get_prompt(), "R1#")


def system():
    with IOSXEDriver(**options("system")) as c:
        exercise(c)


def paramiko():
    with IOSXEDriver(**options("paramiko")) as c:
        exercise(c)


def asyncssh():
    async def run():
        async with AsyncIOSXEDriver(**options("asyncssh")) as c:
            equal("prompt", await c.get_prompt(), "R1#")
            holds("version", (await c.send_command("show version")).result, "Cisco IOS Software")
            said = await c.send_configs(["interface Loopback8", "nonsense", "no interface Loopback8"])
            equal("configured", [r.failed for r in said], [False, True, False])
            await c.acquire_priv("exec")

    asyncio.run(run())


finish(row("A8", "scrapli " + scrapli.__version__ if hasattr(scrapli, "__version__") else "scrapli", system, paramiko, asyncssh))
