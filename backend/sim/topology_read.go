package sim

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	kindBridge   = "bridge"
	labelPrefix  = "gresh."
	portLabel    = "gresh.interface."
	nodeVariable = "__clabNodeName__" // in a path, containerlab's word for the node
	nodesMax     = 20000
	topologySize = 64 << 20
)

var (
	nodeName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	portName = regexp.MustCompile(`^[A-Z][A-Za-z]*[0-9]{1,4}(/[0-9]{1,4}){0,2}$`)
)

// topologyFields are what stands under "topology".
var topologyFields = []string{"defaults", "kinds", "groups", "nodes", "links"}

// notKnown says of which fields of a node or a link something else was meant.
// The rest is passed over: containerlab has more of them with every release.
func (r *topologyReader) notKnown(f fields) error {
	for _, name := range f.names() {
		switch {
		case name == "startup-config" || name == "startup-delay":
		case strings.HasPrefix(name, "startup"):
			return r.fail(f[name].Line, "%s: is not known: startup-config?", name)
		case strings.HasPrefix(name, "gresh"):
			return r.fail(f[name].Line, "%s: is not known here: it is a label", name)
		}
	}
	return nil
}

// A topologyReader reads one file.
type topologyReader struct {
	fsys     fs.FS
	file     string
	out      Topology
	defaults fields
	kinds    map[string]fields
	groups   map[string]fields
	linux    []map[string]string // of each node: ports by their Linux names
	index    map[string]int      // of routers
	bridges  map[string]*TopologyLink
	order    []string // of bridges
	taken    map[[2]string]bool
	named    map[string]bool // links
}

// ReadTopology reads a topology file, and the startup configurations it names
// beside it.
func ReadTopology(fsys fs.FS, file string) (Topology, error) {
	r := &topologyReader{fsys: fsys, file: file, kinds: map[string]fields{}, groups: map[string]fields{},
		index: map[string]int{}, bridges: map[string]*TopologyLink{},
		taken: map[[2]string]bool{}, named: map[string]bool{}}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Topology{}, r.fail(0, "%v", cause(err))
	}
	if err := r.read(text); err != nil {
		return Topology{}, err
	}
	return r.out, nil
}

func (r *topologyReader) fail(line int, format string, args ...any) error {
	return &TopologyError{r.file, line, fmt.Sprintf(format, args...)}
}

// cause is an error without the path that it is about, which is said already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (r *topologyReader) read(text []byte) error {
	if len(text) > topologySize {
		return r.fail(0, "too large")
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return r.syntax(err)
	}
	if len(document.Content) == 0 {
		return r.fail(1, "the file is empty")
	}
	root, err := r.fields(document.Content[0], "a topology file")
	if err != nil {
		return err
	}
	if r.out.Name, err = r.word(root["name"], "name:"); err != nil {
		return err
	}
	topology, err := r.fields(root["topology"], "topology:")
	if err != nil {
		return err
	}
	for _, name := range topology.names() {
		if !slices.Contains(topologyFields, name) {
			return r.fail(topology[name].Line, "topology: %s: is not known", name)
		}
	}
	line := document.Content[0].Line
	if at := root["topology"]; at != nil {
		line = at.Line
	}
	return r.topology(topology, line)
}

func (r *topologyReader) topology(f fields, line int) (err error) {
	if r.defaults, err = r.fields(f["defaults"], "defaults:"); err != nil {
		return err
	}
	if err := r.each(f["kinds"], "kinds:", r.kinds); err != nil {
		return err
	}
	if err := r.each(f["groups"], "groups:", r.groups); err != nil {
		return err
	}
	nodes := follow(f["nodes"])
	if nodes == nil || nodes.Kind != yaml.MappingNode {
		if nodes != nil {
			line = nodes.Line
		}
		return r.fail(line, "topology: nodes: must be there, with a name for each")
	}
	for i := 0; i+1 < len(nodes.Content); i += 2 {
		if err := r.node(nodes.Content[i], nodes.Content[i+1]); err != nil {
			return err
		}
	}
	if err := r.links(f["links"]); err != nil {
		return err
	}
	for _, name := range r.order {
		r.out.Links = append(r.out.Links, *r.bridges[name])
	}
	for i := range r.out.Nodes {
		slices.SortFunc(r.out.Nodes[i].Ports, comparePorts)
	}
	return nil
}

// each reads what kinds, or groups, have in common.
func (r *topologyReader) each(n *yaml.Node, what string, into map[string]fields) error {
	all, err := r.fields(n, what)
	if err != nil {
		return err
	}
	for _, name := range all.names() {
		if into[name], err = r.fields(all[name], name); err != nil {
			return err
		}
	}
	return nil
}

func (r *topologyReader) node(name, body *yaml.Node) error {
	own, err := r.fields(body, "a node")
	if err != nil {
		return err
	}
	if _, double := r.index[name.Value]; double || r.bridges[name.Value] != nil {
		return r.fail(name.Line, "there are two nodes %q", name.Value)
	}
	if !nodeName.MatchString(name.Value) {
		return r.fail(name.Line, "%q is not a name for a node", name.Value)
	}
	layers, kind, err := r.layers(own)
	if err != nil {
		return err
	}
	if kind == kindBridge {
		r.bridges[name.Value] = &TopologyLink{Name: name.Value}
		r.order = append(r.order, name.Value)
		r.named[name.Value] = true
		return nil
	}
	if len(r.out.Nodes) >= nodesMax {
		return r.fail(name.Line, "more than %d nodes", nodesMax)
	}
	out := TopologyNode{Name: name.Value}
	if err := r.startup(&out, layers); err != nil {
		return err
	}
	ports, err := r.ports(layers)
	if err != nil {
		return err
	}
	r.index[out.Name] = len(r.out.Nodes)
	r.out.Nodes = append(r.out.Nodes, out)
	r.linux = append(r.linux, ports)
	return nil
}

// layers are where a node has its fields from, its own before those of its
// group, of its kind, and of all.
func (r *topologyReader) layers(own fields) (layers []fields, kind string, err error) {
	group, err := r.word(own["group"], "group:")
	if err != nil {
		return nil, "", err
	}
	layers = []fields{own, r.groups[group]}
	for _, l := range append(layers, r.defaults) {
		if kind == "" {
			if kind, err = r.word(l["kind"], "kind:"); err != nil {
				return nil, "", err
			}
		}
	}
	layers = append(layers, r.kinds[kind], r.defaults)
	for _, l := range layers {
		if err := r.notKnown(l); err != nil {
			return nil, "", err
		}
	}
	return layers, kind, nil
}

// startup reads a node's startup configuration: a text of several lines is one,
// a word is a file beside the topology.
func (r *topologyReader) startup(out *TopologyNode, layers []fields) error {
	for _, l := range layers {
		at := l["startup-config"]
		value, err := r.word(at, "startup-config:")
		switch {
		case err != nil:
			return err
		case value == "":
			continue
		case strings.Contains(value, "\n"):
			out.Startup = value
			return nil
		}
		file := path.Join(path.Dir(r.file), strings.ReplaceAll(value, nodeVariable, out.Name))
		text, err := fs.ReadFile(r.fsys, file)
		if err != nil {
			return r.fail(at.Line, "startup-config %q: %v", value, cause(err))
		}
		out.Startup = string(text)
		return nil
	}
	return nil
}

// ports reads the labels that name a node's ports.
func (r *topologyReader) ports(layers []fields) (map[string]string, error) {
	ports := map[string]string{}
	for _, l := range slices.Backward(layers) {
		labels, err := r.fields(l["labels"], "labels:")
		if err != nil {
			return nil, err
		}
		for _, key := range labels.names() {
			at := labels[key]
			linux, ok := strings.CutPrefix(key, portLabel)
			if !ok && strings.HasPrefix(key, labelPrefix) {
				return nil, r.fail(at.Line, "label %q is not known", key)
			}
			if !ok {
				continue
			}
			name, err := r.word(at, key)
			if err != nil {
				return nil, err
			}
			if !portName.MatchString(name) {
				return nil, r.fail(at.Line, "%q is not a name for an interface, as Ethernet0/1 is", name)
			}
			ports[linux] = name
		}
	}
	return ports, nil
}

func (r *topologyReader) links(n *yaml.Node) error {
	all, err := r.list(n, "links:")
	if err != nil {
		return err
	}
	for _, at := range all {
		f, err := r.fields(at, "a link")
		if err != nil {
			return err
		}
		if err := r.notKnown(f); err != nil {
			return err
		}
		if err := r.link(at.Line, f); err != nil {
			return err
		}
	}
	return nil
}

func (r *topologyReader) link(line int, f fields) error {
	endpoints, err := r.list(f["endpoints"], "endpoints:")
	if err != nil {
		return err
	}
	if len(endpoints) != 2 {
		return r.fail(line, "a link has two endpoints")
	}
	conditions, err := r.conditions(f["labels"])
	if err != nil {
		return err
	}
	var l TopologyLink
	var bridge *TopologyLink
	for _, e := range endpoints {
		node, dev, err := r.endpoint(e)
		if err != nil {
			return err
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
		end.Conditions = conditions
		l.Ends = append(l.Ends, end)
	}
	if bridge != nil {
		bridge.Ends = append(bridge.Ends, l.Ends...)
		return nil
	}
	l.Name = r.linkName(l.Ends[0].Node + "-" + l.Ends[1].Node)
	r.out.Links = append(r.out.Links, l)
	return nil
}

// linkName is a name that no other link has.
func (r *topologyReader) linkName(wanted string) string {
	name := wanted
	for n := 2; r.named[name]; n++ {
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
	r.named[name] = true
	return name
}

// endpoint reads "NODE:INTERFACE", or the same as two fields.
func (r *topologyReader) endpoint(n *yaml.Node) (node, dev string, err error) {
	said := n.Value
	if n.Kind == yaml.MappingNode {
		f, err := r.fields(n, "an endpoint")
		if err != nil {
			return "", "", err
		}
		node, errNode := r.word(f["node"], "node:")
		dev, errDev := r.word(f["interface"], "interface:")
		if err := cmp.Or(errNode, errDev); err != nil {
			return "", "", err
		}
		said = node + ":" + dev
	}
	node, dev, ok := strings.Cut(said, ":")
	if !ok || node == "" || dev == "" {
		return "", "", r.fail(n.Line, "endpoint %q is not NODE:INTERFACE", said)
	}
	return node, dev, nil
}

// end gives a node the port of an endpoint.
func (r *topologyReader) end(at *yaml.Node, node, dev string) (TopologyEnd, error) {
	i, ok := r.index[node]
	if !ok {
		return TopologyEnd{}, r.fail(at.Line, "there is no node %q", node)
	}
	name := r.linux[i][dev]
	if number, ok := strings.CutPrefix(dev, "eth"); ok && name == "" {
		if n, err := strconv.ParseUint(number, 10, 8); err == nil && strconv.FormatUint(n, 10) == number {
			name = "Ethernet" + number
		}
	}
	if name == "" {
		return TopologyEnd{}, r.fail(at.Line, "interface %q of %s has no name: use eth0, eth1, … or the label %s%s", dev, node, portLabel, dev)
	}
	if r.taken[[2]string{node, name}] {
		return TopologyEnd{}, r.fail(at.Line, "%s of %s has two links", name, node)
	}
	r.taken[[2]string{node, name}] = true
	n := &r.out.Nodes[i]
	n.Ports = append(n.Ports, name)
	return TopologyEnd{Node: node, Dev: name}, nil
}

// conditions reads those labels of a link that are ours.
func (r *topologyReader) conditions(n *yaml.Node) (c Conditions, err error) {
	labels, err := r.fields(n, "labels:")
	if err != nil {
		return c, err
	}
	for _, key := range labels.names() {
		name, ours := strings.CutPrefix(key, labelPrefix)
		if !ours {
			continue
		}
		value, err := r.word(labels[key], key)
		if err != nil {
			return c, err
		}
		if err := c.Change(name, value); err != nil {
			return c, r.fail(labels[key].Line, "%v", err)
		}
	}
	return c, nil
}
