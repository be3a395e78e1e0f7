"""Rows of the acceptance matrix, and the lab that they are made in.

A row is a client's name and functions, each a check; one line says how they
went. A script of rows has a lab of its own, for as long as it lasts.
"""

import atexit
import os
import subprocess
import sys
import time
import traceback

HOST = "127.0.0.1"
USER, PASSWORD, SECRET = "admin", "admin", "cisco"
GUEST = "guest"  # of privilege 1; the password is the same
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def start_lab(gresh, topology=os.path.join(HERE, "lab")):
    """Starts the lab, and returns the ports of its nodes, SSH's and telnet's."""
    first = 20000 + os.getpid() % 10000  # a port that is taken is passed over
    lab = subprocess.Popen([gresh, "lab", topology, "-serve", "-ssh", str(first), "-telnet", str(first + 10000)],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(lab.communicate, timeout=20)  # it ends with its input
    ways, titles = {"SSH": {}, "Telnet": {}}, []
    for line in lab.stdout:
        cells = [c.strip() for c in line.split("│")]
        titles = titles or ("Node" in cells and cells) or []
        for title, cell in zip(titles, cells):
            if title in ways and ":" in cell:
                ways[title][cells[1]] = int(cell.rpartition(":")[2])
        if line.startswith("└"):
            return lab, ways["SSH"], ways["Telnet"]
    raise SystemExit("the lab did not come up")


LAB, PORTS, TELNET = start_lab(sys.argv[1])


def equal(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: {got!r}, want {want!r}")


def holds(what, text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{what}: no {part!r} in {text!r}")


def lacks(what, text, *parts):
    for part in parts:
        if part in text:
            raise AssertionError(f"{what}: {part!r} in {text!r}")


def refuses(what, exceptions, call):
    """Fails unless the call raises one of the exceptions; returns that."""
    try:
        call()
    except exceptions as e:
        return e
    raise AssertionError(f"{what}: nothing was raised")


def row(name, client, *checks):
    """Makes the checks in their order and prints the row."""
    wanted = os.environ.get("CHECKS", "").split() or [c.__name__ for c in checks]
    begun, failed = time.monotonic(), []
    for check in checks:
        if check.__name__ not in wanted:
            continue
        at = time.monotonic()
        try:
            check()
        except Exception as e:  # whatever a client throws fails its row
            print(f"--- {name} {check.__name__}", file=sys.stderr)
            traceback.print_exc()
            failed.append(f"{check.__name__}: {' '.join(str(e).split())[:200]}")
        print(f"{name} {check.__name__}: {time.monotonic() - at:.1f} s", file=sys.stderr)
    took = time.monotonic() - begun
    if failed:
        print(f"FAIL  {name:4} {client}: {'; '.join(failed)}", flush=True)
        return False
    print(f"ok    {name:4} {client}: {', '.join(c.__name__ for c in checks)} ({took:.0f} s)", flush=True)
    return True


def finish(*rows):
    if LAB.poll() is not None:
        print("FAIL  the lab ended", flush=True)
    sys.exit(0 if all(rows) and LAB.poll() is None else 1)
