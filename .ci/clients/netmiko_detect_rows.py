"""netmiko, when it is to find out what it talks to: A2.

It asks what each vendor's devices would know, and waits seconds after each.
"""

import netmiko
from netmiko import SSHDetect

from rows import HOST, PASSWORD, PORTS, USER, equal, finish, row


def autodetect():
    guess = SSHDetect(host=HOST, port=PORTS["R1"], device_type="autodetect", username=USER, password=PASSWORD)
    equal("device type", guess.autodetect(), "cisco_ios")


finish(row("A2", "netmiko " + netmiko.__version__, autodetect))
