"""OpenSSH's own client: A10; what is typed ahead: A15; and ssh-audit."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

from rows import HOST, PASSWORD, PORTS, USER, equal, finish, holds, row

PORT = str(PORTS["R1"])
COMMON = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
          "-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=3", "-F", "none"]


def run(program, *args, stdin="", password=PASSWORD, timeout=60):
    return subprocess.run(["sshpass", "-p", password, program, *COMMON, *args], input=stdin,
                          capture_output=True, text=True, timeout=timeout)


def ssh(*args, **more):
    return run("ssh", "-p", PORT, *args, **more)


def target(user=USER):
    return f"{user}@{HOST}"


def one_command():
    said = ssh(target(), "show version")
    equal("exit status", said.returncode, 0)
    holds("shown", said.stdout, "Cisco IOS Software", "R1 uptime is")
    equal("one command's output alone", "R1#" in said.stdout, False)
    said = ssh(target(), "show nonsense")
    equal("refused", said.returncode != 0, True)
    holds("refused", said.stdout + said.stderr, 'Line has invalid autocommand "show nonsense"')


def filtered():
    said = ssh(target(), "show running-config | include ^hostname")
    equal("shown", said.stdout.strip(), "hostname R1")


def piped_without_terminal():
    said = ssh("-T", target(), stdin="show privilege\nshow clock\nexit\n")
    equal("exit status", said.returncode, 0)
    holds("shown", said.stdout, "Current privilege level is 15", "UTC")


def piped_with_terminal():
    said = ssh("-tt", target(), stdin="terminal length 0\nshow privilege\nshow running-config\nexit\n")
    equal("exit status", said.returncode, 0)
    holds("shown", said.stdout, "R1#show privilege", "Current privilege level is 15", "\nend")
    equal("escape sequences", "\x1b" in said.stdout, False)


def long_input():
    lines = ["configure terminal"]
    for n in range(2000):
        lines.append(f"ip route 203.0.{n // 250}.{n % 250} 255.255.255.255 10.0.0.2 name r{n}")
    lines += ["end", "show running-config | count ^ip route 203", "configure terminal"]
    lines += [f"no ip route 203.0.{n // 250}.{n % 250} 255.255.255.255 10.0.0.2" for n in range(2000)]
    lines += ["end", "show running-config | count ^ip route 203", "exit"]
    said = ssh("-tt", target(), stdin="\n".join(lines) + "\n", timeout=120)
    holds("counted", said.stdout, "match regexp = 2000", "match regexp = 0")


def keyboard_interactive():
    said = ssh("-o", "PreferredAuthentications=keyboard-interactive", target(), "show privilege")
    holds("shown", said.stdout, "level is 15")


def key():
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
        with open(file + ".pub") as f:
            kind, text = f.read().split()[:2]
        lines = ["configure terminal", "ip ssh pubkey-chain", f"username {USER}", "key-string", f"{kind} {text}", "exit", "end", "exit"]
        ssh("-tt", target(), stdin="\n".join(lines) + "\n")
        said = subprocess.run(["ssh", *[o for o in COMMON if o != "PubkeyAuthentication=no"][:-4], "-o", "PubkeyAuthentication=yes",
                               "-o", "PasswordAuthentication=no", "-o", "KbdInteractiveAuthentication=no", "-o", "IdentitiesOnly=yes",
                               "-F", "none", "-i", file, "-p", PORT, target(), "show privilege"], capture_output=True, text=True, timeout=60)
        holds("with the key", said.stdout + said.stderr, "level is 15")
        lines = ["configure terminal", "no ip ssh pubkey-chain", "end", "exit"]
        ssh("-tt", target(), stdin="\n".join(lines) + "\n")


def wrong_passwords():
    said = ssh(target(), "show version", password="wrong")
    equal("let in", said.returncode == 0, False)
    equal("shown", said.stdout, "")


def copies():
    with tempfile.TemporaryDirectory() as folder:
        file, back = os.path.join(folder, "file"), os.path.join(folder, "back")
        with open(file, "wb") as f:
            f.write(os.urandom(300000))
        with open(file, "rb") as f:
            sum_ = hashlib.md5(f.read()).hexdigest()
        said = run("scp", "-O", "-P", PORT, file, f"{target()}:flash:/copied.bin")
        equal("put", (said.returncode, said.stderr), (0, ""))
        holds("sum", ssh(target(), "verify /md5 flash:copied.bin").stdout, sum_)
        said = run("scp", "-O", "-P", PORT, f"{target()}:flash:/copied.bin", back)
        equal("got", said.returncode, 0)
        with open(back, "rb") as f:
            equal("the same", hashlib.md5(f.read()).hexdigest(), sum_)
        ssh(target(), "delete /force flash:copied.bin")
        said = run("scp", "-O", "-P", PORT, file, f"{target()}:flash:/../../etc/passwd\x1b[31m")
        equal("astray", said.returncode == 0, False)
        said = run("scp", "-s", "-P", PORT, file, f"{target()}:flash:/x")
        equal("sftp", said.returncode == 0, False)


def old_algorithms():
    for option in ("KexAlgorithms=diffie-hellman-group14-sha1", "Ciphers=aes128-cbc", "MACs=hmac-sha1"):
        said = ssh("-o", option, target(), "show version")
        equal(option, said.returncode == 0, False)


def type_ahead():
    text = "copy running-config startup-config\n\nconf t\ninterface loopback 55\nip address 192.0.2.55 255.255.255.255\nend\nwr\n" \
           "show run interface loopback 55\nconf t\nno interface loopback 55\nbanner motd @\nhello\nworld\n@\nend\n" \
           "show running-config | begin banner motd\nconf t\nno banner motd\nend\nexit\n"
    said = ssh("-tt", target(), stdin=text)
    holds("shown", said.stdout, "Destination filename [startup-config]? ", "[OK]", " ip address 192.0.2.55 255.255.255.255",
          "banner motd ^C\r\nhello\r\nworld\r\n^C")


def hardened():
    audit = os.path.join(os.path.dirname(sys.executable), "ssh-audit")
    listed = subprocess.run([audit, "-L"], capture_output=True, text=True).stdout
    policies = re.findall(r"Hardened OpenSSH Server v([0-9.]+) \(version (\d+)\)", listed)
    newest = max(policies, key=lambda p: ([int(n) for n in p[0].split(".")], int(p[1])))
    policy = "Hardened OpenSSH Server v%s (version %s)" % newest
    said = subprocess.run([audit, "-j", "-P", policy, "-p", PORT, HOST], capture_output=True, text=True, timeout=120)
    result = json.loads(said.stdout)
    if not result["passed"]:
        raise AssertionError(f"{policy}: {json.dumps(result['errors'])[:400]}")


finish(
    row("A10", "OpenSSH", one_command, filtered, piped_without_terminal, piped_with_terminal, long_input, keyboard_interactive,
        key, wrong_passwords, copies, old_algorithms),
    row("A15", "typed ahead", type_ahead),
    row("SSH", "ssh-audit", hardened),
)
