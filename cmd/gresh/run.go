//go:build linux

package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"gresh/backend"
	"gresh/backend/config"
	"gresh/backend/linux"
	"gresh/backend/nvram"
	"gresh/commands"
)

// runOptions are what "gresh run" was called with.
type runOptions struct {
	config string
	reach  reach
	ports  map[string]string
	clean  bool
}

func parseRun(args []string) (runOptions, error) {
	o := runOptions{ports: map[string]string{}}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.config, "config", "", "")
	flags.StringVar(&o.reach.socket, "socket", defaultSocket, "")
	flags.StringVar(&o.reach.group, "group", "", "")
	flags.StringVar(&o.reach.ssh, "ssh", ":22", "")
	flags.StringVar(&o.reach.telnet, "telnet", ":23", "")
	flags.Func("interface", "", func(text string) error {
		name, dev, ok := strings.Cut(text, "=")
		if !ok || name == "" || dev == "" {
			return fmt.Errorf("want NAME=DEVICE, as Ethernet0=eth0, not %q", text)
		}
		canonical, err := commands.PortName(name)
		if err != nil {
			return err
		}
		o.ports[canonical] = dev
		return nil
	})
	onExit := flags.String("on-exit", "keep", "")
	if err := flags.Parse(args); err != nil {
		return o, usageError{fmt.Errorf("run: %w", err)}
	}
	switch {
	case flags.NArg() > 0:
		return o, usageError{fmt.Errorf("run: what is %q?", flags.Arg(0))}
	case o.config == "":
		return o, usageError{fmt.Errorf("%w: run: -config FILE says what router to be", errHow)}
	case *onExit != "keep" && *onExit != "clean":
		return o, usageError{fmt.Errorf("run: -on-exit is keep or clean, not %q", *onExit)}
	}
	o.clean = *onExit == "clean"
	for _, address := range []*string{&o.reach.ssh, &o.reach.telnet} {
		if *address == "off" {
			*address = ""
		} else if _, _, err := net.SplitHostPort(*address); err != nil {
			return o, usageError{fmt.Errorf("run: want ADDRESS:PORT, or off: %w", err)}
		}
	}
	return o, nil
}

// runRouter is "gresh run": this network namespace is the router until a
// signal ends it.
func runRouter(args []string, log io.Writer) (err error) {
	o, err := parseRun(args)
	if err != nil {
		return err
	}
	store, err := nvram.NewFile(o.config)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	text, err := store.Startup()
	if err != nil {
		return fmt.Errorf("run: cannot read the startup configuration: %w", err)
	}
	c, _ := load(string(text))
	if err := addPorts(o.ports, c); err != nil {
		return usageError{fmt.Errorf("run: %w", err)}
	}
	if err := linux.Probe(needs(c)); err != nil {
		return fmt.Errorf("run: this host can't be the router:\n%w", err)
	}
	lines := newLogger(log, toJournal(log))
	defer lines.Close()
	host, err := linux.Open(linux.Options{Ports: o.ports, Log: lines.Event})
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	defer func() { err = errors.Join(err, host.Close(o.clean)) }()
	router := backend.New(host, backend.Options{Rand: rand.Reader, Store: store, Load: load, Text: commands.Text,
		Words: commands.Words, Kept: commands.Kept, Machine: newGauge().Machine})
	loop, err := host.Run(router)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	stop, err := serve(o.reach, loop, lines)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	untilSignal(loop)
	return stop()
}

// untilSignal returns when the process is told to end.
func untilSignal(loop backend.Loop) {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(ended)
	stop := notifying(loop)
	defer stop()
	<-ended
}

// ethernetName is an Ethernet interface as configured, with its last number.
var ethernetName = regexp.MustCompile(`^(?:Fast|Gigabit|TenGigabit)?Ethernet(?:\d+/)*(\d+)$`)

// addPorts gives the Ethernet interfaces of a configuration that have no device
// yet the one of their number: Ethernet0 and Ethernet0/0 are eth0.
func addPorts(ports map[string]string, c *config.Config) error {
	taken := map[string]string{}
	for name, dev := range ports {
		if other, ok := taken[dev]; ok {
			return fmt.Errorf("%s and %s can't both be %s", other, name, dev)
		}
		taken[dev] = name
	}
	for _, i := range c.Interfaces {
		m := ethernetName.FindStringSubmatch(i.Name)
		if m == nil || ports[i.Name] != "" {
			continue
		}
		dev := "eth" + m[1]
		if other, ok := taken[dev]; ok {
			return fmt.Errorf("%s and %s would both be %s: say which they are with -interface", other, i.Name, dev)
		}
		ports[i.Name], taken[dev] = dev, i.Name
	}
	return nil
}

// needs is what a configuration asks of the host.
func needs(c *config.Config) linux.Needs {
	n := linux.Needs{Sets: backend.TransformSets(c)}
	for _, i := range c.Interfaces {
		n.Tunnels = n.Tunnels || i.IsTunnel()
		n.Keys = n.Keys || i.IsTunnel() && i.Tunnel.Protection.Profile != "" && i.Tunnel.HasKey && !i.Tunnel.Protection.Shared
	}
	return n
}
