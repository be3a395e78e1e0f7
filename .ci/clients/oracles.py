"""What the rows of parsers ask: a lab that has tunnels, and a session there."""

import os
import shutil
import sys
import tempfile

from netmiko import ConnectHandler

from rows import HOST, PASSWORD, ROOT, SECRET, USER, start_lab


def connect(port):
    c = ConnectHandler(device_type="cisco_ios", host=HOST, port=port, username=USER, password=PASSWORD, secret=SECRET)
    c.enable()
    return c


def spoke():
    """The port of Spoke1 of the lab that comes with gresh, in the words of release 15.7."""
    folder = tempfile.mkdtemp()
    lab = os.path.join(folder, "dual-hub")
    shutil.copytree(os.path.join(ROOT, "testdata", "labs", "dual-hub"), lab)
    for name in os.listdir(lab):
        if name.endswith(".cfg"):
            with open(os.path.join(lab, name), "r+") as f:
                text = f.read()
                f.seek(0)
                f.write("version 15.7\n" + text)
    _, ports, _ = start_lab(sys.argv[1], lab)
    shutil.rmtree(folder)
    return ports["Spoke1"]
