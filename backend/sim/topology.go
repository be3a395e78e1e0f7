package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Topology is a network as a file describes it, in containerlab's format. A
// node of kind bridge is a segment that joins all who link to it. What is ours
// alone stands in labels: containerlab passes over those.
//
//	labels of a node   gresh.interface.eth0: Ethernet0/0   the name of a port
//	labels of a link   gresh.delay: 5ms   gresh.jitter: 1ms   gresh.rate: 10000000
//	                   gresh.loss: 1%     gresh.duplicate: 1% gresh.reorder: 1%
//
// The labels of a link hold for both directions; those of a link to a segment
// for what this member sends to the others.
type Topology struct {
	Name  string
	Nodes []TopologyNode // as in the file
	Links []TopologyLink // segments after the others
}

// A TopologyNode is a router.
type TopologyNode struct {
	Name    string
	Ports   []string // as configured: "Ethernet0", in order of number
	Startup string   // the text of its startup configuration
}

// A TopologyLink joins ports.
type TopologyLink struct {
	Name string
	Ends []TopologyEnd
}

// A TopologyEnd is a port of a node, and how what it sends is treated.
type TopologyEnd struct {
	Node, Dev  string
	Conditions Conditions
}

// A TopologyError says what is wrong with a topology, and where.
type TopologyError struct {
	File   string
	Line   int // 0: the file as a whole
	Reason string
}

func (e *TopologyError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// Build makes the network: nodes, switched off, and links. Node makes the
// configuration of each from what the topology says of it.
func (t Topology) Build(w *World, node func(TopologyNode) (NodeConfig, error)) error {
	nodes := map[string]*Node{}
	for _, n := range t.Nodes {
		c, err := node(n)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
		c.Name, c.Ports = n.Name, n.Ports
		nodes[n.Name] = w.AddNode(c)
	}
	for _, l := range t.Links {
		var ends []*End
		for _, e := range l.Ends {
			e.Conditions.Delay = cmp.Or(e.Conditions.Delay, delayDefault)
			ends = append(ends, nodes[e.Node].End(e.Dev, e.Conditions))
		}
		w.Connect(l.Name, ends...)
	}
	return nil
}

// Change changes one condition by its name: delay and jitter are durations,
// rate is bits per second, loss, duplicate and reorder are percentages. A
// change that is refused changes nothing.
func (c *Conditions) Change(name, value string) error {
	next := *c
	if err := next.set(name, value); err != nil {
		return err
	}
	*c = next
	return nil
}

func (c *Conditions) set(name, value string) (err error) {
	switch name {
	case "delay":
		c.Delay, err = duration(value)
	case "jitter":
		c.Jitter, err = duration(value)
	case "rate":
		c.Rate, err = strconv.ParseUint(value, 10, 64)
	case "loss":
		c.Loss, err = percent(value)
	case "duplicate":
		c.Duplicate, err = percent(value)
	case "reorder":
		c.Reorder, err = percent(value)
	default:
		return fmt.Errorf("there is no condition %q", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %q is none", name, value)
	}
	return nil
}

func duration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil && (d < 0 || d > time.Hour) {
		err = strconv.ErrRange
	}
	return d, err
}

func percent(s string) (float64, error) {
	p, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err == nil && !(p >= 0 && p <= 100) {
		err = strconv.ErrRange
	}
	return p / 100, err
}

// comparePorts orders ports by kind, then by their numbers.
func comparePorts(a, b string) int {
	kindA, numbersA := splitPort(a)
	kindB, numbersB := splitPort(b)
	return cmp.Or(cmp.Compare(kindA, kindB), slices.Compare(numbersA, numbersB))
}

// splitPort takes a port's name apart: "Ethernet", 0, 1.
func splitPort(name string) (kind string, numbers []int) {
	at := strings.IndexAny(name, "0123456789")
	if at < 0 {
		return name, nil
	}
	for n := range strings.SplitSeq(name[at:], "/") {
		v, _ := strconv.Atoi(n)
		numbers = append(numbers, v)
	}
	return name[:at], numbers
}
