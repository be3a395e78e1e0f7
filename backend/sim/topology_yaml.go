package sim

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fields are the entries of a YAML mapping. They keep where they stand, which
// every error has to say.
type fields map[string]*yaml.Node

// names are the names, sorted: what is wrong is the same thing every time.
func (f fields) names() []string { return slices.Sorted(maps.Keys(f)) }

// follow is the node that an alias stands for; nil if nothing stands there.
func follow(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind == 0 || n.Tag == "!!null" {
		return nil
	}
	return n
}

// fields reads a mapping, with what is merged into it; none if nothing stands
// there.
func (r *topologyReader) fields(n *yaml.Node, what string) (fields, error) {
	n = follow(n)
	if n == nil {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, r.fail(n.Line, "%s must have fields, as in \"name: value\"", what)
	}
	var read map[string]yaml.Node
	if err := n.Decode(&read); err != nil {
		return nil, r.syntax(err)
	}
	out := fields{}
	for name, value := range read {
		if f := follow(&value); f != nil {
			out[name] = f
		}
	}
	return out, nil
}

// list reads a sequence; none if nothing stands there.
func (r *topologyReader) list(n *yaml.Node, what string) (all []*yaml.Node, err error) {
	n = follow(n)
	if n == nil {
		return nil, nil
	}
	if n.Kind != yaml.SequenceNode {
		return nil, r.fail(n.Line, "%s must be a list", what)
	}
	for _, c := range n.Content {
		f := follow(c)
		if f == nil {
			return nil, r.fail(c.Line, "%s has an empty place", what)
		}
		all = append(all, f)
	}
	return all, nil
}

// word reads a value; empty if nothing stands there.
func (r *topologyReader) word(n *yaml.Node, what string) (string, error) {
	n = follow(n)
	if n == nil {
		return "", nil
	}
	if n.Kind != yaml.ScalarNode {
		return "", r.fail(n.Line, "%s must be a single value", what)
	}
	return n.Value, nil
}

// syntax makes an error of the YAML reader one of ours: it names the line.
func (r *topologyReader) syntax(err error) error {
	reason := err.Error()
	var several *yaml.TypeError
	if errors.As(err, &several) && len(several.Errors) > 0 {
		reason = several.Errors[0]
	}
	reason, _, _ = strings.Cut(strings.TrimPrefix(reason, "yaml: "), "\n")
	if rest, ok := strings.CutPrefix(reason, "line "); ok {
		if at, why, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(at); err == nil {
				return r.fail(line, "%s", why)
			}
		}
	}
	return r.fail(0, "%s", reason)
}
