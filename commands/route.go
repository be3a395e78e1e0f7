package commands

import (
	"errors"
	"net/netip"
	"slices"

	"gresh/backend/config"
	"gresh/modes"
	"gresh/modes/grammar"
)

var routeGlobal = modes.Mode[config.Config]{staticRoutes()}

// errAddressMask is IOS's answer to a network with host bits.
var errAddressMask = errors.New("%Inconsistent address and mask")

// A routeLine is the parameters of "ip route".
type routeLine struct {
	prefix    *grammar.Param[netip.Addr]
	mask      *grammar.Param[int]
	via       *grammar.Param[netip.Addr]
	dev       *grammar.Param[string]
	viaOn     *grammar.Param[netip.Addr]
	distance  *grammar.Param[uint32]
	name      *grammar.Param[string]
	permanent *grammar.Param[bool]
}

// staticRoutes leads a prefix to an address, to an interface, or to an address
// on an interface. Two routes are the same if they lead the same way.
func staticRoutes() modes.Command[config.Config] {
	r := routeLine{
		prefix: grammar.IPv4("Destination prefix"), mask: grammar.Mask("Destination prefix mask"),
		via:       grammar.IPv4("Forwarding router's address"),
		dev:       grammar.Unit("Forwarding interface", append(slices.Clone(kinds), grammar.Kind{Name: "Null", Help: "Null interface"})...),
		viaOn:     grammar.IPv4("Forwarding router's address"),
		distance:  grammar.Uint(1, 255, "Distance metric for this route"),
		name:      grammar.String("Specify name of the next hop"),
		permanent: grammar.Flag("permanent", "permanent route"),
	}
	remove := func(c *config.Config, s config.StaticRoute) {
		c.Routes = emptied(slices.DeleteFunc(c.Routes, func(old config.StaticRoute) bool {
			return old.Prefix == s.Prefix && old.Interface == s.Interface && old.Via == s.Via
		}))
	}
	return modes.Command[config.Config]{
		Line: with(under(ipGlobal, "route", "Establish static routes"), r.prefix, r.mask,
			grammar.Alt(grammar.Line{r.via}, grammar.Line{r.dev, grammar.Opt(r.viaOn)}),
			grammar.Opt(r.distance),
			grammar.Any(grammar.Line{grammar.Word("name", "Specify name of the next hop"), r.name}, grammar.Line{r.permanent})),
		Section: modes.Closed,
		Set: func(c *config.Config, a grammar.Args) error {
			s := r.from(a)
			if s.Prefix != s.Prefix.Masked() {
				return errAddressMask
			}
			at := slices.IndexFunc(c.Routes, func(old config.StaticRoute) bool {
				return old.Prefix == s.Prefix && old.Interface == s.Interface && old.Via == s.Via
			})
			if at >= 0 {
				c.Routes[at] = s
			} else {
				c.Routes = append(c.Routes, s)
			}
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error { remove(c, r.from(a)); return nil },
		Get:   func(c *config.Config) []grammar.Args { return values(c.Routes, r.is) },
	}
}

func (r routeLine) from(a grammar.Args) config.StaticRoute {
	s := config.StaticRoute{
		Prefix:    netip.PrefixFrom(r.prefix.From(a), r.mask.From(a)),
		Via:       r.via.From(a),
		Interface: r.dev.From(a),
		Distance:  uint8(r.distance.From(a)),
		Name:      r.name.From(a),
		Permanent: r.permanent.From(a),
	}
	if r.viaOn.In(a) {
		s.Via = r.viaOn.From(a)
	}
	if s.Distance == 1 {
		s.Distance = 0
	}
	return s
}

func (r routeLine) is(s config.StaticRoute) grammar.Args {
	via := r.via
	if s.Interface != "" {
		via = r.viaOn
	}
	return r.prefix.Is(s.Prefix.Addr()).And(r.mask.Is(s.Prefix.Bits())).
		And(given(via, s.Via)).And(given(r.dev, s.Interface)).
		And(given(r.distance, uint32(s.Distance))).And(given(r.name, s.Name)).And(flagged(r.permanent, s.Permanent))
}
