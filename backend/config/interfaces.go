package config

import (
	"cmp"
	"slices"
	"strings"
)

// Interface returns the interface of that name, nil if there is none.
func (c *Config) Interface(name string) *Interface {
	if at, found := c.place(name); found {
		return c.Interfaces[at]
	}
	return nil
}

// AddInterface returns the interface of that name, which it adds in its place
// if there is none.
func (c *Config) AddInterface(name string) *Interface {
	at, found := c.place(name)
	if !found {
		c.Interfaces = slices.Insert(c.Interfaces, at, &Interface{Name: name})
	}
	return c.Interfaces[at]
}

// RemoveInterface removes the interface of that name if there is one.
func (c *Config) RemoveInterface(name string) {
	if at, found := c.place(name); found {
		c.Interfaces = slices.Delete(c.Interfaces, at, at+1)
	}
}

// SortInterfaces brings interfaces that were not added by AddInterface into
// order.
func (c *Config) SortInterfaces() {
	slices.SortFunc(c.Interfaces, func(i, j *Interface) int { return CompareNames(i.Name, j.Name) })
}

func (c *Config) place(name string) (at int, found bool) {
	return slices.BinarySearchFunc(c.Interfaces, name, func(i *Interface, name string) int {
		return CompareNames(i.Name, name)
	})
}

// IsTunnel says whether the interface is a tunnel. As in IOS, the name says
// what an interface is.
func (i *Interface) IsTunnel() bool { return strings.HasPrefix(i.Name, "Tunnel") }

// IsLoopback says whether the interface is a loopback.
func (i *Interface) IsLoopback() bool { return strings.HasPrefix(i.Name, "Loopback") }

// IsPhysical says whether the interface is a port, which no line can make.
func (i *Interface) IsPhysical() bool { return !i.IsTunnel() && !i.IsLoopback() }

// CompareNames orders the canonical names of interfaces as the running
// configuration has them: loopbacks, tunnels, then the ports, by their numbers.
func CompareNames(a, b string) int {
	kindA, numbersA := splitName(a)
	kindB, numbersB := splitName(b)
	return cmp.Or(
		cmp.Compare(rank(kindA), rank(kindB)),
		strings.Compare(kindA, kindB),
		compareNumbers(numbersA, numbersB),
	)
}

func splitName(name string) (kind, numbers string) {
	for i := range len(name) {
		if name[i] >= '0' && name[i] <= '9' {
			return name[:i], name[i:]
		}
	}
	return name, ""
}

func rank(kind string) int {
	switch kind {
	case "Loopback":
		return 0
	case "Tunnel":
		return 1
	}
	return 2
}

// compareNumbers compares numbers like 0/1 one by one. Without leading zeros
// the longer number is the bigger.
func compareNumbers(a, b string) int {
	for a != "" && b != "" {
		headA, tailA, _ := strings.Cut(a, "/")
		headB, tailB, _ := strings.Cut(b, "/")
		if order := cmp.Or(cmp.Compare(len(headA), len(headB)), strings.Compare(headA, headB)); order != 0 {
			return order
		}
		a, b = tailA, tailB
	}
	return cmp.Compare(len(a), len(b))
}
