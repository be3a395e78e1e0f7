"""OpenSSH's own client: A10; what is typed ahead: A15; and ssh-audit."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

from ssh_audit.builtin_policies import BUILTIN_POLICIES

from rows import GUEST, HOST, PASSWORD, PORTS, SECRET, USER, equal, finish, holds, lacks, row

COMMON = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
          "-o", "IdentityAgent=none", "-o", "LogLevel=ERROR"]

AUDIT = os.path.join(os.path.dirname(sys.executable), "ssh-audit")


def run(*words, stdin="", timeout=60):
    """Runs a program. The ends of lines in what it prints stay as they are."""
    done = subprocess.run(words, input=stdin.encode(), capture_output=True, timeout=timeout)
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def ssh(*args, stdin="", node="R1", user=USER, password=PASSWORD, options=()):
    """Runs ssh with options, or a command, or what is piped in."""
    return run("sshpass", "-p", password, "ssh", *options, *COMMON, "-p", str(PORTS[node]), f"{user}@{HOST}", *args, stdin=stdin)


def scp(*args, user=USER, password=PASSWORD, way="-O"):
    """Runs scp. A word that begins with a colon is a file of the router."""
    args = [f"{user}@{HOST}{a}" if a.startswith(":") else a for a in args]
    return run("sshpass", "-p", password, "scp", way, *COMMON, "-P", str(PORTS["R1"]), *args)


def configure(*lines, options=()):
    said = ssh(stdin="\n".join(["configure terminal", *lines, "end", "exit", ""]), options=["-T", *options])
    lacks("configured", said.stdout, "% ")


def one_command():
    for node, version in ("R1", "15.7"), ("R2", "12.4"):
        said = ssh("show version", node=node)
        equal("exit status", said.returncode, 0)
        holds("shown", said.stdout, "Cisco IOS Software", f"Version {version}", f"{node} uptime is")
        lacks("shown", said.stdout, node + "#", "--More--", "\x1b")
    equal("filtered", ssh("show running-config | include ^hostname").stdout.strip(), "hostname R1")


def refused_command():
    said = ssh("show nonsense")
    equal("refused", said.returncode != 0, True)
    holds("said", said.stdout + said.stderr, 'Line has invalid autocommand "show nonsense"')


def piped_without_terminal():
    said = ssh(stdin="terminal length 0\nshow privilege\nshow running-config\nexit\n", options=["-T"])
    equal("exit status", said.returncode, 0)
    holds("shown", said.stdout, "R1#show privilege\r\nCurrent privilege level is 15\r\nR1#", "\r\nend\r\n")


def piped_with_terminal():
    said = ssh(stdin="terminal length 0\nshow privilege\nshow running-config\nexit\n", options=["-tt"])
    equal("exit status", said.returncode, 0)
    holds("shown", said.stdout, "R1#show privilege\r\nCurrent privilege level is 15\r\nR1#", "\r\nend\r\n")
    lacks("shown", said.stdout, "\x1b", "--More--")


def enable():
    said = ssh(stdin=f"show privilege\nenable\n{SECRET}\nshow privilege\nexit\n", options=["-T"], user=GUEST, password=GUEST)
    holds("shown", said.stdout, "R1>show privilege\r\nCurrent privilege level is 1\r\n", "R1>enable\r\nPassword: \r\nR1#",
          "Current privilege level is 15")
    said = ssh(stdin="enable\na\nb\nc\nshow privilege\nexit\n", options=["-T"], user=GUEST, password=GUEST)
    equal("times asked", said.stdout.count("Password: "), 3)
    holds("shown", said.stdout, "% Bad secrets\r\n\r\nR1>", "Current privilege level is 1\r\n")


def long_input():
    routes = [f"ip route 203.0.{n // 250}.{n % 250} 255.255.255.255 10.0.0.2" for n in range(2000)]
    said = ssh(stdin="\n".join(["configure terminal", *[r + " name made" for r in routes], "end",
                                "show running-config | count ^ip route 203", "configure terminal", *["no " + r for r in routes],
                                "end", "show running-config | count ^ip route 203", "exit", ""]), options=["-tt"])
    equal("counted", re.findall(r"match regexp = (\d+)", said.stdout), ["2000", "0"])


def passwords():
    for way in "password", "keyboard-interactive":
        only = ["-o", f"PreferredAuthentications={way}"]
        holds(way, ssh("show privilege", options=only).stdout, "level is 15")
        for user, password in (USER, "wrong"), ("nobody", PASSWORD):
            said = ssh("show version", user=user, password=password, options=only)
            equal(f"{way} of {user}", (said.returncode != 0, said.stdout), (True, ""))


def wrong_passwords():
    with tempfile.TemporaryDirectory() as folder:
        ask = os.path.join(folder, "ask")
        with open(ask, "w") as f:
            f.write("#!/bin/sh\necho asked >>$0.times\necho wrong\n")
        os.chmod(ask, 0o700)
        said = subprocess.run(["ssh", *COMMON, "-o", "NumberOfPasswordPrompts=9", "-p", str(PORTS["R1"]), f"{USER}@{HOST}", "show version"],
                              capture_output=True, timeout=60, text=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, "SSH_ASKPASS": ask, "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"})
        equal("let in", said.returncode, 255)
        with open(ask + ".times") as f:
            equal("times asked", len(f.readlines()) <= 4, True)


def keys():
    with tempfile.TemporaryDirectory() as folder:
        files = {kind: os.path.join(folder, kind) for kind in ("rsa", "ed25519", "ecdsa")}
        for kind, file in files.items():
            run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", file)
        with open(files["rsa"] + ".pub") as f:
            text = f.read().split()[1]
        configure("ip ssh pubkey-chain", f"username {USER}", "key-string", *re.findall(".{1,72}", text), "exit")
        for kind, want in ("rsa", 0), ("ed25519", 255):
            said = run("ssh", *COMMON, "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", files[kind],
                       "-p", str(PORTS["R1"]), f"{USER}@{HOST}", "show privilege")
            equal(f"{kind}: {said.stderr}", said.returncode, want)
        configure("no ip ssh pubkey-chain")


def copies():
    with tempfile.TemporaryDirectory() as folder:
        file, back = os.path.join(folder, "file"), os.path.join(folder, "back")
        with open(file, "wb") as f:
            f.write(os.urandom(300_000))
        with open(file, "rb") as f:
            digest = hashlib.md5(f.read()).hexdigest()
        said = scp(file, ":flash:/copied.bin")
        equal("put", (said.returncode, said.stderr), (0, ""))
        holds("sum", ssh("verify /md5 flash:/copied.bin").stdout, digest)
        holds("listed", ssh("dir flash:").stdout, " 300000 ", "copied.bin")
        equal("got", scp(":flash:/copied.bin", back).returncode, 0)
        with open(back, "rb") as f:
            equal("the same", hashlib.md5(f.read()).hexdigest(), digest)
        ssh("delete /force flash:copied.bin")
        for why, said in {
            "astray": scp(file, ":flash:/../../etc/passwd\x1b[31m"),
            "no privilege": scp(file, ":flash:/x", user=GUEST, password=GUEST),
            "sftp": scp(file, ":flash:/x", way="-s"),
        }.items():
            equal(f"{why}: refused", said.returncode != 0, True)
        configure("no ip scp server enable")
        equal("no server: refused", scp(file, ":flash:/x").returncode != 0, True)
        configure("ip scp server enable")
        lacks("listed", ssh("dir flash:").stdout, "copied.bin", " x\r")


def old_algorithms():
    old = {"kex": "KexAlgorithms=diffie-hellman-group14-sha1", "encryption": "Ciphers=aes128-cbc", "mac": "MACs=hmac-sha1"}
    for option in old.values():  # of two values for a word ssh takes the first
        said = ssh("show version", options=["-o", option, "-o", "Ciphers=aes128-ctr", "-o", "LogLevel=INFO"])
        equal(option, said.returncode, 255)
        holds(option, said.stderr, "no matching")
    options = [w for o in old.values() for w in ("-o", o)]
    configure(*[f"ip ssh server algorithm {what} {option.partition('=')[2]}" for what, option in old.items()])
    said = ssh("show privilege", options=options)
    equal("old ones allowed: " + said.stderr, said.returncode, 0)
    configure(*[f"no ip ssh server algorithm {what}" for what in old], options=options)
    equal("modern ones again", ssh("show privilege").returncode, 0)


def banners():
    ssh(stdin="configure terminal\nbanner login #before#\nbanner motd #of the day#\nbanner exec #at the prompt#\nend\nexit\n", options=["-T"])
    said = ssh(stdin="exit\n", options=["-T", "-o", "LogLevel=INFO"])
    configure("no banner login", "no banner motd", "no banner exec")
    holds("before the password", said.stderr, "before")
    shown = [said.stdout.find(text) for text in ("of the day", "at the prompt", "R1#")]
    equal("order", (shown == sorted(shown), -1 in shown), (True, False))


def copy_at_once():
    said = ssh(stdin="copy running-config startup-config\r\rshow privilege\rexit\r", options=["-tt"])
    holds("shown", said.stdout, "Destination filename [startup-config]? \r\nBuilding configuration...\r\n[OK]\r\nR1#show privilege\r\n")


def configuration_at_once():
    said = ssh(stdin="conf t\ninterface loopback 55\nip address 192.0.2.55 255.255.255.255\nend\nwr\nshow run interface loopback 55\n"
               "conf t\nno interface loopback 55\nend\nexit\n", options=["-tt"])
    holds("shown", said.stdout, "[OK]", "interface Loopback55\r\n ip address 192.0.2.55 255.255.255.255\r\n")


def banner_at_once():
    said = ssh(stdin="conf t\rbanner login @\nhello\nworld\n@\rend\rshow running-config | begin banner login\rconf t\rno banner login\rend\rexit\r",
               options=["-tt", "-o", "LogLevel=ERROR"])
    holds("shown", said.stdout, "banner login ^C\r\nhello\r\nworld\r\n^C")


def secret_at_once():
    said = ssh(stdin=f"enable\r{SECRET}\rshow privilege\rexit\r", options=["-tt"], user=GUEST, password=GUEST)
    holds("shown", said.stdout, "Password: \r\nR1#show privilege\r\nCurrent privilege level is 15\r\n")
    lacks("shown", said.stdout, SECRET)


def hardened():
    """The newest hardened policy, except that a router may offer less: what it offers must all be in it. Later ones
    than that of 9.9 leave out key exchanges without which most clients of today have none."""
    policy = BUILTIN_POLICIES["Hardened OpenSSH Server v9.9 (version 1)"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        sizes = {name: size for name, size in policy["hostkey_sizes"].items()}
        print('name = "hardened"\nversion = 1\nallow_algorithm_subset_and_reordering = true\n'
              "allow_hostkey_subset_and_reordering = true\n"
              f"host keys = {', '.join(policy['host_keys'])}\noptional host keys = {', '.join(policy['optional_host_keys'])}\n"
              f"key exchanges = {', '.join(policy['kex'])}\nciphers = {', '.join(policy['ciphers'])}\n"
              f"macs = {', '.join(policy['macs'])}\nhost_key_sizes = {json.dumps(sizes)}", file=f, flush=True)
        said = run(AUDIT, "-j", "-P", f.name, "-p", str(PORTS["R1"]), HOST)
    result = json.loads(said.stdout)
    equal(json.dumps(result["errors"])[:1000], result["passed"], True)


def without_finding():
    result = json.loads(run(AUDIT, "-j", "-p", str(PORTS["R1"]), HOST).stdout)
    equal("critical recommendations", result["recommendations"].get("critical", {}), {})


finish(
    row("A10", "OpenSSH", one_command, refused_command, piped_without_terminal, piped_with_terminal, enable, long_input,
        passwords, wrong_passwords, keys, copies, old_algorithms, banners),
    row("A15", "typed ahead", copy_at_once, configuration_at_once, banner_at_once, secret_at_once),
    row("SSH", "ssh-audit", hardened, without_finding),
)
