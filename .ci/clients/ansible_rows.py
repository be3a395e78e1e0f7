"""Ansible's cisco.ios collection, unmodified, over both of its transports: A4."""

import os
import subprocess
import sys
import tempfile

import ansible

from rows import PORTS, finish, row

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ansible")


def play(transport):
    with tempfile.TemporaryDirectory() as backup:
        run = subprocess.run(
            [os.path.join(os.path.dirname(sys.executable), "ansible-playbook"), "-i", os.path.join(HERE, "inventory.yml"),
             "-e", f"ansible_port={PORTS['R1']}", "-e", f"ansible_network_cli_ssh_type={transport}",
             "-e", f"backup={backup}", os.path.join(HERE, "site.yml")],
            capture_output=True, text=True, timeout=600,
            env={**os.environ, "ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_LOCALHOST_WARNING": "False",
                 "ANSIBLE_HOME": backup, "ANSIBLE_PARAMIKO_HOST_KEY_AUTO_ADD": "True"})
    if run.returncode != 0:
        print(run.stdout[-4000:], run.stderr[-2000:], file=sys.stderr)
        failed = [l for l in run.stdout.splitlines() if l.startswith(("fatal", "TASK"))]
        raise AssertionError(" ".join(failed[-2:])[:300])


def paramiko():
    play("paramiko")


def libssh():
    play("libssh")


finish(row("A4", "Ansible " + ansible.__version__ if hasattr(ansible, "__version__") else "Ansible", paramiko, libssh))
