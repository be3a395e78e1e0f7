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
		via: grammar.IPv4("Forwarding router's address"),
		dev: grammar.Unit("Forwarding interface",
			append(slices.Clone(kinds), grammar.Kind{Name: "Null", Help: "Null interface"})...),
		viaOn:     grammar.IPv4("Forwarding router's address"),
		distance:  grammar.Uint(1, 255, "Distance metric for this route"),
		name:      grammar.String("Specify name of the next hop"),
		permanent: grammar.Flag("permanent", "permanent route"),
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
			if at, found := placeRoute(c.Routes, s); found {
				c.Routes[at] = s
			} else {
				c.Routes = slices.Insert(c.Routes, at, s)
			}
			return nil
		},
		Unset: func(c *config.Config, a grammar.Args) error {
			if at, found := placeRoute(c.Routes, r.from(a)); found {
				c.Routes = emptied(slices.Delete(c.Routes, at, at+1))
			}
			return nil
		},
		Get: func(c *config.Config) []grammar.Args { return values(c.Routes, r.is) },
	}
}

// placeRoute finds the route that leads the same way, or where it belongs:
// IOS has them by prefix, and those of one prefix as they were entered.
func placeRoute(routes []config.StaticRoute, s config.StaticRoute) (at int, found bool) {
	at, _ = slices.BinarySearchFunc(routes, s, func(a, b config.StaticRoute) int { return a.Prefix.Compare(b.Prefix) })
	for ; at < len(routes) && routes[at].Prefix == s.Prefix; at++ {
		if routes[at].Interface == s.Interface && routes[at].Via == s.Via {
			return at, true
		}
	}
	return at, false
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
