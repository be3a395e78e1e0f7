// Command gresh is a router shell with a real DMVPN router behind it.
//
//	gresh lab TOPOLOGY [options]   a network of routers in this process
//	gresh run -config FILE         this Linux host as a router
//	gresh console [options]        a terminal for a router that runs as a service
//	gresh check FILE…              read configurations without running them
//
// Called by the name of gresh-console, as from /etc/passwd, it is "gresh
// console".
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const usage = `usage: gresh lab TOPOLOGY [-node NAME] [-after DURATION] [-c COMMAND] …
       gresh run -config FILE [-interface NAME=DEVICE] …
       gresh console [-socket PATH] [-c COMMAND] …
       gresh check FILE…

lab    runs a whole network in this process. TOPOLOGY is a topology file, a folder that
       has one, or the name of a lab that comes with gresh: dual-hub.
       -node NAME        whose console; may change between commands
       -after DURATION   let virtual time run: 90s, 15m, 2h
       -c COMMAND        type a command at the console
       -seed N           the seed of all that is random (1)
       -pace FACTOR      virtual seconds per second at a terminal (1); 0: only when waited for
       -ssh PORT         SSH of the first node, on 127.0.0.1; the others follow (2201); off: none
       -telnet PORT      telnet of the first node whose lines take it (2301)
       -serve            run without a terminal, for programs that log in, until a signal
       -state DIR        keep startup configurations there; else they are forgotten
       -hints            at a terminal, list what may be typed next, with its help
       -capture LINK=FILE  write a pcapng of a link, named as "show" at the lab's prompt names it
run    makes this Linux host, or network namespace, the router that FILE configures.
       -interface NAME=DEVICE  the device of an interface; else Ethernet0 is eth0
       -socket PATH      where consoles attach (/run/gresh/console.sock)
       -group NAME       who may, beside root and the user of the process
       -ssh ADDRESS:PORT where SSH is, once there is a key: "crypto key generate rsa" (:22); off: nowhere
       -telnet ADDRESS:PORT  where telnet is, if "transport input telnet" wants it (:23)
       -on-exit keep     leave all as it is (keep), or as it was before (clean)
console  attaches this terminal, or what is piped in, to a router that runs as a service.
       -socket PATH      the router's socket (/run/gresh/console.sock)
       -c COMMAND        carry out a command and print only what it prints. Exit status 1 if
                         one is refused, 3 if the router cannot be reached
       -hints            at a terminal, list what may be typed next, with its help
check  reads configurations: every refused line, every broken rule of sharing, every line
       that is kept without effect. Exit status 1 if anything is refused.
`

// A usageError is a mistake in how gresh was called: exit status 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errHow is a mistake after which it is worth saying how gresh is called.
var errHow = errors.New("usage")

// errRefused ends "check" when a configuration has refusals, and "console" when
// a command was refused: exit status 1.
var errRefused = errors.New("refused")

func main() { os.Exit(run(arguments(os.Args), os.Stdin, os.Stdout, os.Stderr)) }

// loginName is what gresh is called when it is a user's shell: a link of that
// name stands in /etc/passwd.
const loginName = "gresh-console"

// arguments are those of the command line. A login shell is called without
// any, or with "-c COMMAND", and with a dash before its name.
func arguments(argv []string) []string {
	if filepath.Base(strings.TrimPrefix(argv[0], "-")) == loginName {
		return append([]string{"console"}, argv[1:]...)
	}
	return argv[1:]
}

func run(args []string, in io.Reader, out, log io.Writer) int {
	err := dispatch(args, in, out, log)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errRefused):
		return 1
	}
	var status exitError
	if errors.As(err, &status) {
		return int(status)
	}
	fmt.Fprintf(log, "gresh: %v\n", err)
	if errors.Is(err, errHow) {
		fmt.Fprint(log, usage)
	}
	if errors.As(err, new(unreachableError)) {
		return 3
	}
	return 2
}

func dispatch(args []string, in io.Reader, out, log io.Writer) error {
	if len(args) == 0 {
		return usageError{fmt.Errorf("%w: nothing to do", errHow)}
	}
	switch args[0] {
	case "lab":
		return lab(args[1:], in, out, log)
	case "run":
		return runRouter(args[1:], log)
	case "console":
		return attach(args[1:], in, out, log)
	case hintsWord:
		return showHints(args[1:], in, out)
	case "check":
		return check(args[1:], out)
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(out, usage)
		return err
	}
	return usageError{fmt.Errorf("%w: there is no %q", errHow, args[0])}
}
