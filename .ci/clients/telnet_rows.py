"""telnet: A13, by netmiko, by telnet itself, and byte by byte."""

import re
import socket
import subprocess

from netmiko import ConnectHandler

from rows import GUEST, HOST, PASSWORD, SECRET, TELNET, USER, equal, finish, holds, lacks, row

IAC, DONT, DO, WONT, WILL, SB, NOP, SE = (bytes([n]) for n in (255, 254, 253, 252, 251, 250, 241, 240))
ECHO, SGA, NAWS = (bytes([n]) for n in (1, 3, 31))


class Bytes:
    """A connection, and what it shows without what telnet says about itself."""

    def __init__(self):
        self.socket = socket.create_connection((HOST, TELNET["R1"]), timeout=20)
        self.told, self.seen = [], b""

    def send(self, data):
        self.socket.sendall(data)

    def until(self, pattern):
        """What is shown up to and with the pattern."""
        while not (found := re.search(pattern, self.shown())):
            data = self.socket.recv(4096)
            if not data:
                raise AssertionError(f"closed before {pattern}: {self.seen!r}")
            self.seen += data
        shown = self.shown()
        self.seen = shown[found.end():].encode()
        return shown[:found.end()]

    def shown(self):
        commands = re.compile(rb"\xff(?:[\xfb-\xfe].|\xfa.*?\xff\xf0|[\xf1-\xf9])", re.S)
        self.told += commands.findall(self.seen)
        self.seen = commands.sub(b"", self.seen)
        return self.seen.decode()

    def login(self, enter=b"\r\0"):
        holds("greeting", self.until("Username: "), "User Access Verification\r\n\r\nUsername: ")
        self.send(USER.encode() + enter)
        equal("name", self.until("Password: "), USER + "\r\nPassword: ")
        self.send(PASSWORD.encode() + enter)
        equal("nothing of the password", self.until("R1#").strip(), "R1#")

    def leave(self):
        self.send(b"exit\r\0")
        while self.socket.recv(4096):
            pass
        self.socket.close()


def enters():
    """Each of the ways in which Enter comes is one line."""
    for enter in b"\r\0", b"\r\n", b"\r", b"\n":
        c = Bytes()
        c.login(enter)
        c.send(b"show privilege" + enter)
        equal(f"after {enter}", c.until("R1#"), "show privilege\r\nCurrent privilege level is 15\r\nR1#")
        c.send(enter + enter)
        equal(f"twice {enter}", c.until("R1#\r\nR1#"), "\r\nR1#\r\nR1#")
        c.leave()


def options():
    """Whatever is said about echo and windows, characters are echoed and nothing is typed by it."""
    for said in (b"", IAC + DONT + ECHO + IAC + DONT + SGA, IAC + DO + ECHO + IAC + DO + SGA,
                 IAC + WILL + NAWS + IAC + SB + NAWS + bytes([0, 132, 0, 50]) + IAC + SE,
                 IAC + WILL + NAWS + IAC + SB + NAWS + bytes([0, 0, 0, 0]) + IAC + SE, IAC + WONT + NAWS,
                 IAC + NOP + IAC + NOP, b"".join(IAC + WILL + bytes([n]) for n in range(24, 40))):
        c = Bytes()
        c.send(said)
        c.login()
        c.send(IAC + NOP + b"show " + IAC + NOP + b"privilege\r\0")
        equal(repr(said), c.until("R1#"), "show privilege\r\nCurrent privilege level is 15\r\nR1#")
        holds("told", c.told, IAC + WILL + ECHO, IAC + WILL + SGA)
        c.leave()


def window():
    """The pager takes the height of the window, once it is known."""
    c = Bytes()
    c.send(IAC + WILL + NAWS + IAC + SB + NAWS + bytes([0, 80, 0, 10]) + IAC + SE)
    c.login()
    c.send(b"show running-config\r\0")
    equal("lines", c.until(" --More-- ").count("\n"), 10)
    c.send(b"q")
    equal("after the page", c.until("R1#"), "\b" * 9 + " " * 8 + "\b" * 9 + "R1#")
    c.leave()


def wrong():
    c = Bytes()
    for _ in range(3):
        c.until("Username: ")
        c.send(b"admin\r\0")
        c.until("Password: ")
        c.send(b"wrong\r\0")
        c.until("% Login invalid")
    while c.socket.recv(4096):
        pass


def netmiko():
    with ConnectHandler(device_type="cisco_ios_telnet", host=HOST, port=TELNET["R1"], username=GUEST, password=GUEST, secret=SECRET) as c:
        equal("prompt", c.find_prompt(), "R1>")
        c.enable()
        equal("prompt", c.find_prompt(), "R1#")
        holds("version", c.send_command("show version"), "Cisco IOS Software")
        c.send_config_set(["interface Loopback0", "description by telnet"])
        holds("configured", c.send_command("show running-config interface Loopback0"), " description by telnet\n")
        holds("saved", c.save_config(), "[OK]")
        equal("alive", c.is_alive(), True)


def program():
    script = """
set timeout 20
log_user 0
spawn -noecho telnet %s %d
proc must {what} {
    expect {
        -ex $what {}
        timeout { puts "no $what"; exit 1 }
        eof { puts "ended before $what"; exit 1 }
    }
}
must "Username: "
send "%s\\r"
must "Password: "
send "%s\\r"
must "R1#"
send "show priv\\t\\r"
must "R1#show privilege \\r\\nCurrent privilege level is 15\\r\\nR1#"
send "ping 10.0.0.77 repeat 1000\\r"
must "seconds:\\r\\n.."
send "\\036"
must "Success rate is 0 percent"
must "R1#"
send "exit\\r"
expect eof
""" % (HOST, TELNET["R1"], USER, PASSWORD)
    done = subprocess.run(["expect", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    equal(done.stdout + done.stderr, done.returncode, 0)


finish(row("A13", "telnet", enters, options, window, wrong, netmiko, program))
