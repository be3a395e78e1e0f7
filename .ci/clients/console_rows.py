"""expect, over SSH: A12; and what the log does to a line that is being typed: A16.

.ci/console is the same person at the lab's own terminal.
"""

import os
import subprocess
import tempfile

from rows import GUEST, HOST, PASSWORD, PORTS, SECRET, USER, equal, finish, row

PROLOGUE = r"""
set timeout 20
log_user 0
proc must {what} {
    expect {
        -ex $what {}
        timeout { puts "missing: $what"; exit 1 }
        eof { puts "ended before: $what"; exit 1 }
    }
}
proc login {user password {width 80}} {
    global spawn_id env
    spawn -noecho ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p $env(PORT) $user@$env(HOST)
    stty rows 24 columns $width < $spawn_out(slave,name)
    must "assword: "
    send "$password\r"
}
"""


def expect(script):
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "script")
        with open(name, "w") as f:
            f.write(PROLOGUE + script)
        done = subprocess.run(["expect", name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              env={**os.environ, "HOST": HOST, "PORT": str(PORTS["R1"])})
    equal(done.stdout + done.stderr, done.returncode, 0)


def person():
    """Mistakes, help, completion, a secret, the pager and its keys, an interrupted ping."""
    expect(f"""
login {GUEST} {GUEST}
must "R1>"
send "show foooooooo\\r"
must "^\\r\\n% Invalid input detected at '^' marker.\\r\\n\\r\\nR1>"
send "ena\\t"
must "R1>enable "
send "\\r"
must "Password: "
send "{SECRET}\\r"
must "R1#"
send "show ip int?"
must "interface"
must "R1#show ip int"
send "\\025show running-config\\r"
must " --More-- "
send "\\r"
must " --More-- "
send "q"
must "R1#"
send "ping 10.0.0.77 repeat 1000\\r"
must "seconds:\\r\\n.."
send "\\036"
must "Success rate is 0 percent"
must "R1#"
send "configure terminal\\r"
must "R1(config)#"
send "interface loopback 99\\r"
must "R1(config-if)#"
send "\\032"
must "R1#"
send "configure terminal\\r"
must "R1(config)#"
send "hostname nothing\\003"
must "R1#"
send "configure terminal\\rno interface loopback 99\\rend\\r"
must "R1(config)#end\\r\\nR1#"
send "exit\\r"
expect eof
lassign [wait] pid id os status
if {{$status != 0}} {{ puts "exit $status"; exit 1 }}
""")


def keys():
    """Every editing key of a line, seen by what the line does."""
    for typed, meant in {
        "show privilegx\\010e": "show privilege", "how privilege\\001s": "show privilege",
        "show privileg\\001\\005e": "show privilege", "shw privilege\\002\\002\\002\\002\\002\\002\\002\\002\\002\\002\\002o": "show privilege",
        "show junk\\027privilege": "show privilege", "junk\\025show privilege": "show privilege", "junk\\030show privilege": "show privilege",
        "hsow privilege\\001\\006\\024": "show privilege", "show privilege junk\\033b\\013": "show privilege",
        "show jprivilege\\033b\\004": "show privilege", "show junk privilege\\033b\\033b\\033d\\004": "show privilege",
        "show privilege\\025\\031": "show privilege", "show priv\\022ilege": "show privilege", "\\020": "show privilege",
    }.items():
        expect(f"""
login {USER} {PASSWORD} 132
must "R1#"
send "show clock\\r"
must "UTC"
must "R1#"
send "{meant}\\r"
must "level is 15\\r\\nR1#"
send "{typed}\\r"
must "level is 15\\r\\nR1#"
send "exit\\r"
expect eof
""")


def logs(synchronous):
    expect(f"""
login {USER} {PASSWORD}
must "R1#"
send "configure terminal\\rline vty 0 99\\r{synchronous}logging synchronous\\rend\\rexit\\r"
expect eof
login {USER} {PASSWORD}
must "R1#"
send "terminal monitor\\r"
must "R1#"
send "show privil"
must "show privil"
set typing $spawn_id
login {USER} {PASSWORD}
must "R1#"
send "send log 4 something-happened\\r"
must "R1#"
send "exit\\r"
expect eof
set spawn_id $typing
must "something-happened\\r\\n"
{'' if synchronous else 'must "R1#show privil"'}
send "ege\\r"
must "ege\\r\\nCurrent privilege level is 15\\r\\nR1#"
send "exit\\r"
expect eof
""")


def log_over_a_line():
    logs("no ")


def log_around_a_line():
    logs("")


def reload_later():
    expect(f"""
login {USER} {PASSWORD}
must "R1#"
send "write\\r"
must "\\[OK]"
must "R1#"
send "reload in 5\\r"
must "Proceed with reload? \\[confirm]"
send "\\r"
must "R1#"
send "show reload\\r"
must "Reload scheduled"
must "R1#"
send "reload cancel\\r"
must "***\\r\\n*** --- SHUTDOWN ABORTED ---\\r\\n***\\r\\n"
send "show reload\\r"
must "No reload is scheduled"
must "R1#"
send "exit\\r"
expect eof
""")


finish(
    row("A12", "expect over SSH", person, keys),
    row("A16", "lines and the log", log_over_a_line, log_around_a_line, reload_later),
)
