//go:build linux

package uml

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	frrPrograms = "/usr/lib/frr"
	frrRun      = "/run/frr" // in the node; each has a /run of its own
	frrStarts   = 30 * time.Second
)

// frrRoot, if it is set, is a folder with another Debian, whose FRRouting runs
// instead of the machine's own: a newer one knows NHRP's authentication.
var frrRoot = os.Getenv("GRESH_FRR_ROOT")

// An FRR is a daemon of FRRouting in a node, with the zebra that it needs.
type FRR struct {
	NHRP  *Proc // what it logs is what it did
	EIGRP *Proc

	node *Node
	t    testing.TB
}

// FRR starts FRRouting's NHRP daemon in the node, with a configuration in
// FRRouting's own words. The tunnel must be there, with a /32 for its address:
// the daemon registers nothing else.
func (n *Node) FRR(config string) *FRR {
	n.t.Helper()
	f := n.zebra()
	f.NHRP = f.start("nhrpd", "hostname "+n.Name+"\ndebug nhrp all\n"+config)
	return f
}

// FRREIGRP starts FRRouting's EIGRP daemon in the node. It does not survive
// that an interface of its goes down.
func (n *Node) FRREIGRP(config string) *FRR {
	n.t.Helper()
	f := n.zebra()
	f.EIGRP = f.start("eigrpd", "hostname "+n.Name+"\n"+config)
	return f
}

// zebra starts what all daemons need.
func (n *Node) zebra() *FRR {
	n.t.Helper()
	f := &FRR{node: n, t: n.t}
	if err := f.prepare(); err != nil {
		n.t.Fatalf("%s: FRR: %v", n.Name, err)
	}
	f.start("zebra", "hostname "+n.Name)
	return f
}

// prepare makes the folder that the daemons, which give up being root, put
// their sockets into.
func (f *FRR) prepare() (err error) {
	f.node.In(func() {
		if err = os.MkdirAll(frrRun, 0o755); err == nil && frrRoot != "" {
			err = enterable(frrRoot)
		}
	})
	if err == nil {
		_, err = f.node.Run(inRoot("chown", "frr:frr", frrRun)...)
	}
	return err
}

// enterable gives a root what a daemon in it needs of the machine.
func enterable(root string) error {
	for _, d := range []string{"/run", "/proc", "/sys", "/dev"} {
		if err := unix.Mount(d, filepath.Join(root, d), "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("mount %s in %s: %w", d, root, err)
		}
	}
	return nil
}

// inRoot is a command as it is run in the folder of FRRouting's Debian.
func inRoot(args ...string) []string {
	if frrRoot == "" {
		return args
	}
	return append([]string{"chroot", frrRoot}, args...)
}

// start starts one daemon, and waits until it can be asked.
func (f *FRR) start(daemon, config string) *Proc {
	f.t.Helper()
	file, socket := filepath.Join(frrRun, daemon+".conf"), filepath.Join(frrRun, daemon+".vty")
	var err error
	f.node.In(func() { err = os.WriteFile(file, []byte(config+"\n"), 0o644) })
	if err != nil {
		f.t.Fatalf("%s: FRR: %v", f.node.Name, err)
	}
	p := f.node.Start(inRoot(filepath.Join(frrPrograms, daemon), "-f", file, "-i", filepath.Join(frrRun, daemon+".pid"),
		"-z", filepath.Join(frrRun, "zserv.api"), "--vty_socket", frrRun, "-A", "127.0.0.1", "-P", "0",
		"--log", "stdout", "--log-level", "debug")...)
	Wait(f.t, f.node.Name+"'s "+daemon+" to listen", frrStarts, func() bool {
		if p.Exited() {
			f.t.Fatalf("%s: %s ended", f.node.Name, daemon)
		}
		var err error
		f.node.In(func() { _, err = os.Stat(socket) })
		return err == nil
	})
	return p
}

// VTY carries out commands at FRRouting's console and returns what they print.
func (f *FRR) VTY(commands ...string) string {
	f.t.Helper()
	said, err := f.Try(commands...)
	if err != nil {
		f.t.Fatal(err)
	}
	return said
}

// Try is VTY where a command may be unknown.
func (f *FRR) Try(commands ...string) (string, error) {
	args := []string{"vtysh", "--vty_socket", frrRun}
	for _, c := range commands {
		args = append(args, "-c", c)
	}
	return f.node.Run(inRoot(args...)...)
}

// Caches reports whether the daemon has a mapping of a kind, "dynamic" or
// "nhs", of an address on the tunnel to an NBMA address.
func (f *FRR) Caches(kind, addr, nbma string) bool {
	f.t.Helper()
	for _, line := range strings.Split(f.VTY("show ip nhrp cache"), "\n") {
		// Iface, Type, Protocol, NBMA, …
		if c := strings.Fields(line); len(c) > 3 && c[1] == kind && c[2] == addr && c[3] == nbma {
			return true
		}
	}
	return false
}

// MGRE makes an mGRE device for FRRouting by hand, up, with a /32 of its own.
// The rest of the subnet is reached by way of the next-hop server, if there is
// one: with a connected route the daemon would not ask for an address in it.
func (n *Node) MGRE(dev, local, key, addr, server string) {
	n.t.Helper()
	n.IP(fmt.Sprintf("link add %s type gre local %s key %s ttl 64", dev, local, key))
	n.IP(fmt.Sprintf("address add %s/32 dev %s", addr, dev))
	n.IP("link set " + dev + " mtu 1400 up")
	if server != "" {
		n.IP(fmt.Sprintf("route add 10.0.0.0/24 via %s dev %s onlink", server, dev))
	}
}
