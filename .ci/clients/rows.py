"""Rows of the acceptance matrix: each is a function of checks, and one line."""

import sys
import time
import traceback

HOST = "127.0.0.1"
USER, PASSWORD, SECRET = "admin", "admin", "cisco"
PORTS = {"R1": int(sys.argv[1]), "R2": int(sys.argv[2])} if len(sys.argv) > 2 else {}


def equal(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: {got!r}, want {want!r}")


def holds(what, text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{what}: no {part!r} in {text!r}")


def row(name, client, *checks):
    """Runs the checks in their order and prints the row."""
    begun = time.monotonic()
    for check in checks:
        try:
            check()
        except Exception as e:  # whatever a client throws fails its row
            traceback.print_exc()
            print(f"FAIL  {name:4} {client}: {check.__name__}: {e}", flush=True)
            return False
    print(f"ok    {name:4} {client}: {', '.join(c.__name__ for c in checks)} ({time.monotonic() - begun:.0f} s)", flush=True)
    return True


def finish(*rows):
    sys.exit(0 if all(rows) else 1)
