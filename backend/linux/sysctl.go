//go:build linux

package linux

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
)

// sysctls are the kernel's settings of this namespace that a router needs
// otherwise than they stood, with what they were.
type sysctls struct{ was map[string][]byte }

const (
	sysctlRoot = "/proc/sys"
	groupsMost = "4096" // of one socket: one on each interface; the kernel's own is 20
)

// set changes a setting, unless it is so already.
func (s *sysctls) set(name, value string) error {
	file := path.Join(sysctlRoot, name)
	old, err := os.ReadFile(file)
	if err == nil && string(bytes.TrimSpace(old)) == value {
		return nil
	}
	if err := os.WriteFile(file, []byte(value), 0o644); err != nil {
		return err
	}
	if _, known := s.was[name]; !known {
		s.was[name] = old
	}
	return nil
}

// restore puts the settings back.
func (s *sysctls) restore() error {
	var err error
	for name, old := range s.was {
		err = errors.Join(err, os.WriteFile(path.Join(sysctlRoot, name), old, 0o644))
	}
	clear(s.was)
	return err
}

// route makes a router of the namespace. A hub's kernel would redirect spokes
// to each other, whose addresses they have not resolved: a device only keeps
// quiet if all are told to. That is wished for; forwarding is needed. And so is
// that a new address outlives the old one of its subnet, which otherwise takes
// it along, and all routes.
func (s *sysctls) route() error {
	if err := s.set("net/ipv4/conf/all/promote_secondaries", "1"); err != nil {
		return fmt.Errorf("cannot have the kernel keep addresses: %w; do it before: sysctl net.ipv4.conf.all.promote_secondaries=1", err)
	}
	_ = s.set("net/ipv4/conf/all/send_redirects", "0")
	_ = s.set("net/ipv4/igmp_max_memberships", groupsMost)
	if err := s.set("net/ipv4/ip_forward", "1"); err != nil {
		return fmt.Errorf("cannot have the kernel forward packets: %w; do it before: sysctl net.ipv4.ip_forward=1", err)
	}
	return nil
}

// tunnelSettings are those of a tunnel device. What comes back from a spoke may
// come by another tunnel, and who redirects there is no router of the link.
var tunnelSettings = []string{"send_redirects", "accept_redirects", "rp_filter"}

// tunnel is for a device of ours, which is gone with its settings.
func (s *sysctls) tunnel(dev string) {
	for _, name := range tunnelSettings {
		_ = os.WriteFile(path.Join(sysctlRoot, "net/ipv4/conf", dev, name), []byte("0"), 0o644)
	}
	// Nothing of IPv6 is routed, and its solicitations would look for SAs.
	_ = os.WriteFile(path.Join(sysctlRoot, "net/ipv6/conf", dev, "addr_gen_mode"), []byte("1"), 0o644)
}
