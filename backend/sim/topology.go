package sim

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A Topology is a network as a file describes it, in containerlab's format. A
// node of kind bridge is a segment that joins all who link to it. What is ours
// alone stands in labels: containerlab passes over those.
//
//	labels of a node   gresh.interface.eth0: Ethernet0/0   the name of a port
//	labels of a link   gresh.delay: 5ms   gresh.jitter: 1ms   gresh.rate: 10000000
//	                   gresh.loss: 1%     gresh.duplicate: 1% gresh.reorder: 1%
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
	linux   map[string]string
}

// A TopologyLink joins ports.
type TopologyLink struct {
	Name       string
	Ends       []TopologyEnd
	Conditions Conditions
}

// A TopologyEnd is a port of a node.
type TopologyEnd struct{ Node, Dev string }

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

// The file as yaml reads it; nodes keep where they stand.
type topologyFile struct {
	Name     yaml.Node `yaml:"name"`
	Topology struct {
		Nodes yaml.Node `yaml:"nodes"`
		Links []struct {
			Endpoints yaml.Node `yaml:"endpoints"`
			Labels    yaml.Node `yaml:"labels"`
		} `yaml:"links"`
	} `yaml:"topology"`
}

type topologyNode struct {
	Kind    string    `yaml:"kind"`
	Startup yaml.Node `yaml:"startup-config"`
	Labels  yaml.Node `yaml:"labels"`
}

const (
	kindBridge   = "bridge"
	labelPrefix  = "gresh."
	portLabel    = "gresh.interface."
	nodesMax     = 20000
	topologySize = 64 << 20
)

// A topologyReader reads one file.
type topologyReader struct {
	fsys    fs.FS
	file    string
	out     Topology
	index   map[string]int // of routers
	bridges map[string]*TopologyLink
	order   []string // of bridges
	taken   map[TopologyEnd]bool
}

// ReadTopology reads a topology file, and the startup configurations it names
// beside it.
func ReadTopology(fsys fs.FS, file string) (Topology, error) {
	r := &topologyReader{fsys: fsys, file: file, index: map[string]int{},
		bridges: map[string]*TopologyLink{}, taken: map[TopologyEnd]bool{}}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Topology{}, r.fail(0, "%v", errors.Unwrap(err))
	}
	return r.read(text)
}

func (r *topologyReader) fail(line int, format string, args ...any) error {
	return &TopologyError{r.file, line, fmt.Sprintf(format, args...)}
}

func (r *topologyReader) read(text []byte) (Topology, error) {
	if len(text) > topologySize {
		return Topology{}, r.fail(0, "too large")
	}
	var f topologyFile
	if err := yaml.Unmarshal(text, &f); err != nil {
		return Topology{}, r.syntax(err)
	}
	r.out.Name = f.Name.Value
	if f.Topology.Nodes.Kind != yaml.MappingNode {
		return Topology{}, r.fail(f.Topology.Nodes.Line, "topology: nodes: must be there, with a name for each")
	}
	content := f.Topology.Nodes.Content
	for i := 0; i+1 < len(content); i += 2 {
		if err := r.node(content[i], content[i+1]); err != nil {
			return Topology{}, err
		}
	}
	for _, l := range f.Topology.Links {
		if err := r.link(&l.Endpoints, &l.Labels); err != nil {
			return Topology{}, err
		}
	}
	for _, name := range r.order {
		r.out.Links = append(r.out.Links, *r.bridges[name])
	}
	for i := range r.out.Nodes {
		slices.SortFunc(r.out.Nodes[i].Ports, comparePorts)
	}
	return r.out, nil
}

// syntax makes an error of the yaml reader one of ours: it names the line.
func (r *topologyReader) syntax(err error) error {
	reason := strings.TrimPrefix(strings.SplitN(err.Error(), "\n", 2)[0], "yaml: ")
	if rest, ok := strings.CutPrefix(reason, "line "); ok {
		if at, why, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(at); err == nil {
				return r.fail(line, "%s", why)
			}
		}
	}
	return r.fail(0, "%s", reason)
}

func (r *topologyReader) node(name, body *yaml.Node) error {
	var n topologyNode
	if err := body.Decode(&n); err != nil {
		return r.fail(body.Line, "node %q: %v", name.Value, r.syntax(err).(*TopologyError).Reason)
	}
	if _, double := r.index[name.Value]; double || r.bridges[name.Value] != nil {
		return r.fail(name.Line, "there are two nodes %q", name.Value)
	}
	if strings.Trim(name.Value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" || name.Value == "" {
		return r.fail(name.Line, "%q is not a name for a node", name.Value)
	}
	if n.Kind == kindBridge {
		r.bridges[name.Value] = &TopologyLink{Name: name.Value}
		r.order = append(r.order, name.Value)
		return nil
	}
	if len(r.out.Nodes) >= nodesMax {
		return r.fail(name.Line, "more than %d nodes", nodesMax)
	}
	out := TopologyNode{Name: name.Value, linux: map[string]string{}}
	if err := r.startup(&out, &n.Startup); err != nil {
		return err
	}
	if err := r.ports(&out, &n.Labels); err != nil {
		return err
	}
	r.index[out.Name] = len(r.out.Nodes)
	r.out.Nodes = append(r.out.Nodes, out)
	return nil
}

// startup reads the startup configuration that a node names, beside the file.
func (r *topologyReader) startup(out *TopologyNode, name *yaml.Node) error {
	if name.Value == "" {
		return nil
	}
	text, err := fs.ReadFile(r.fsys, path.Join(path.Dir(r.file), name.Value))
	if err != nil {
		return r.fail(name.Line, "startup-config %q: %v", name.Value, errors.Unwrap(err))
	}
	out.Startup = string(text)
	return nil
}

func (r *topologyReader) ports(out *TopologyNode, labels *yaml.Node) error {
	for i := 0; i+1 < len(labels.Content); i += 2 {
		key, value := labels.Content[i], labels.Content[i+1]
		linux, ok := strings.CutPrefix(key.Value, portLabel)
		if !ok && strings.HasPrefix(key.Value, labelPrefix) {
			return r.fail(key.Line, "label %q is not known", key.Value)
		}
		if ok {
			out.linux[linux] = value.Value
		}
	}
	return nil
}

func (r *topologyReader) link(endpoints, labels *yaml.Node) error {
	if endpoints.Kind != yaml.SequenceNode || len(endpoints.Content) != 2 {
		return r.fail(endpoints.Line, "a link has two endpoints")
	}
	conditions, err := r.conditions(labels)
	if err != nil {
		return err
	}
	l := TopologyLink{Conditions: conditions}
	var bridge *TopologyLink
	for _, e := range endpoints.Content {
		node, dev, ok := strings.Cut(e.Value, ":")
		if !ok || dev == "" {
			return r.fail(e.Line, "endpoint %q is not NODE:INTERFACE", e.Value)
		}
		if b := r.bridges[node]; b != nil {
			if bridge != nil {
				return r.fail(e.Line, "two bridges can't be linked")
			}
			bridge = b
			continue
		}
		end, err := r.end(e, node, dev)
		if err != nil {
			return err
		}
		l.Ends = append(l.Ends, end)
	}
	if bridge != nil {
		bridge.Ends = append(bridge.Ends, l.Ends...)
		bridge.Conditions = cmp.Or(l.Conditions, bridge.Conditions)
		return nil
	}
	l.Name = fmt.Sprintf("%s-%s", l.Ends[0].Node, l.Ends[1].Node)
	for n := 2; slices.ContainsFunc(r.out.Links, func(o TopologyLink) bool { return o.Name == l.Name }); n++ {
		l.Name = fmt.Sprintf("%s-%s-%d", l.Ends[0].Node, l.Ends[1].Node, n)
	}
	r.out.Links = append(r.out.Links, l)
	return nil
}

// end gives a node the port of an endpoint.
func (r *topologyReader) end(at *yaml.Node, node, dev string) (TopologyEnd, error) {
	i, ok := r.index[node]
	if !ok {
		return TopologyEnd{}, r.fail(at.Line, "there is no node %q", node)
	}
	n := &r.out.Nodes[i]
	name := n.linux[dev]
	if number, ok := strings.CutPrefix(dev, "eth"); ok && name == "" {
		if _, err := strconv.ParseUint(number, 10, 8); err == nil {
			name = "Ethernet" + number
		}
	}
	if name == "" {
		return TopologyEnd{}, r.fail(at.Line, "interface %q of %s has no name: use eth0, eth1, … or the label %s%s", dev, node, portLabel, dev)
	}
	end := TopologyEnd{node, name}
	if r.taken[end] {
		return end, r.fail(at.Line, "%s of %s has two links", name, node)
	}
	r.taken[end] = true
	n.Ports = append(n.Ports, name)
	return end, nil
}

// conditions reads those labels of a link that are ours.
func (r *topologyReader) conditions(labels *yaml.Node) (c Conditions, err error) {
	for i := 0; i+1 < len(labels.Content); i += 2 {
		key, value := labels.Content[i], labels.Content[i+1]
		name, ours := strings.CutPrefix(key.Value, labelPrefix)
		if !ours {
			continue
		}
		if err := c.Change(name, value.Value); err != nil {
			return c, r.fail(key.Line, "%v", err)
		}
	}
	return c, nil
}

// Build makes the network: nodes, switched off, and links. Node makes the
// configuration of each from what the topology says of it.
func (t Topology) Build(w *World, node func(TopologyNode) (NodeConfig, error)) error {
	for _, n := range t.Nodes {
		c, err := node(n)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
		c.Name, c.Ports = n.Name, n.Ports
		w.AddNode(c)
	}
	for _, l := range t.Links {
		c := l.Conditions
		c.Delay = cmp.Or(c.Delay, delayDefault)
		var ends []*End
		for _, e := range l.Ends {
			ends = append(ends, w.Node(e.Node).End(e.Dev, c))
		}
		w.Connect(l.Name, ends...)
	}
	return nil
}

// Change changes one condition by its name: delay and jitter are durations,
// rate is bits per second, loss, duplicate and reorder are percentages.
func (c *Conditions) Change(name, value string) (err error) {
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

// comparePorts orders ports by their numbers.
func comparePorts(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
