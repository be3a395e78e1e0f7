//go:build linux

package linux

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vishvananda/netlink"

	"gresh/backend"
	"gresh/backend/forward"
)

// names tells which Linux device an interface is. The goroutines that read
// sockets ask too.
type names struct {
	ports map[string]string // the devices of Ethernet interfaces, as configured

	mu      sync.RWMutex
	devices map[string]device // by their Linux names
	byIndex map[int]string    // the Linux names
}

// A device is what is known of one in the namespace.
type device struct {
	index   int
	mac     [6]byte
	up      bool // not shut down
	carrier bool
	mtu     int
	ours    bool
}

func newNames(ports map[string]string) *names {
	return &names{ports: maps.Clone(ports), devices: map[string]device{}, byIndex: map[int]string{}}
}

// linux is the device name of an interface. Tunnels and loopbacks are called
// there as they are here.
func (n *names) linux(name string) (string, bool) {
	if strings.HasPrefix(name, "Tunnel") || strings.HasPrefix(name, "Loopback") {
		return name, true
	}
	dev, ok := n.ports[name]
	return dev, ok
}

// configured is the interface that a device stands for.
func (n *names) configured(dev string) (string, bool) {
	for name, d := range n.ports {
		if d == dev {
			return name, true
		}
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	return dev, n.devices[dev].ours
}

// index is the ifindex of an interface.
func (n *names) index(name string) (int, bool) {
	dev, ok := n.linux(name)
	if !ok {
		return 0, false
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	d, ok := n.devices[dev]
	return d.index, ok
}

// name is the interface of an ifindex.
func (n *names) name(index int) (string, bool) {
	n.mu.RLock()
	dev, ok := n.byIndex[index]
	n.mu.RUnlock()
	if !ok {
		return "", false
	}
	return n.configured(dev)
}

func (n *names) present(dev string) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	_, ok := n.devices[dev]
	return ok
}

func (n *names) device(dev string) (device, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	d, ok := n.devices[dev]
	return d, ok
}

// byNumber is the device of an ifindex.
func (n *names) byNumber(index int) (string, device, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	dev, ok := n.byIndex[index]
	return dev, n.devices[dev], ok
}

// set learns of a device.
func (n *names) set(dev string, d device) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.devices[dev] = d
	n.byIndex[d.index] = dev
}

// forget learns that a device is gone.
func (n *names) forget(dev string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.byIndex, n.devices[dev].index)
	delete(n.devices, dev)
}

// all are the devices known of.
func (n *names) all() map[string]device {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return maps.Clone(n.devices)
}

// refresh asks the kernel for all devices.
func (n *names) refresh() error {
	links, err := netlink.LinkList()
	if err != nil {
		return fmt.Errorf("cannot list the devices: %w", err)
	}
	for _, l := range links {
		n.set(l.Attrs().Name, deviceOf(l))
	}
	return nil
}

// hostPorts are the Ethernet interfaces, in order.
func (n *names) hostPorts() (all []backend.Port) {
	for _, name := range slices.SortedFunc(maps.Keys(n.ports), compareNatural) {
		d, _ := n.device(n.ports[name])
		all = append(all, backend.Port{Name: name, MAC: d.mac, Up: d.up && d.carrier})
	}
	return all
}

// compareNatural orders Ethernet0/10 after Ethernet0/9.
func compareNatural(a, b string) int {
	if n := len(a) - len(b); n != 0 && strings.TrimRight(a, "0123456789") == strings.TrimRight(b, "0123456789") {
		return n
	}
	return strings.Compare(a, b)
}

// deviceNameMax is the longest name a Linux device can have.
const deviceNameMax = 15

// checkNames refuses interfaces that can't be devices here: their names are
// too long, or taken by others.
func (h *Host) checkNames(t forward.Table) error {
	for _, i := range t.Interfaces {
		dev, ok := h.names.linux(i.Name)
		if !ok || i.Kind == forward.Ethernet {
			continue
		}
		if len(dev) > deviceNameMax {
			return fmt.Errorf("%s: a Linux device name has %d characters at most", i.Name, deviceNameMax)
		}
		if d, there := h.names.device(dev); there && !d.ours {
			return fmt.Errorf("%s: there is a device of that name already, and it is not gresh's", i.Name)
		}
	}
	return nil
}
