package sadb

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Select returns the SADB under which a Quick Mode request is processed that
// came from a peer to a local address under an ISAKMP profile ("" if the peer
// came in under none). Exactly one SADB of that address that may lead to the
// peer must be bound to that profile; a profile that no SADB there is bound to
// counts as none.
func (ps Policies) Select(local, peer netip.Addr, isakmpProfile string) (Policy, error) {
	if !ps.Bound(local, isakmpProfile) {
		isakmpProfile = ""
	}
	var fit, at []string
	var chosen Policy
	for _, p := range ps {
		if p.Local != local {
			continue
		}
		at = append(at, p.SADB)
		if p.ISAKMPProfile == isakmpProfile && p.leadsTo(peer) {
			fit, chosen = append(fit, p.SADB), p
		}
	}
	switch len(fit) {
	case 1:
		return chosen, nil
	case 0:
		return Policy{}, &SelectError{at, "no SADB fits"}
	}
	return Policy{}, &SelectError{fit, "more than one SADB fits"}
}

// Bound says whether an SADB of the local address is bound to the ISAKMP
// profile.
func (ps Policies) Bound(local netip.Addr, isakmpProfile string) bool {
	return isakmpProfile != "" && slices.ContainsFunc(ps, func(p Policy) bool {
		return p.Local == local && p.ISAKMPProfile == isakmpProfile
	})
}

// leadsTo is false if every tunnel goes to somebody else.
func (p Policy) leadsTo(peer netip.Addr) bool {
	return len(p.Tunnels) == 0 || slices.ContainsFunc(p.Tunnels, func(m Member) bool { return m.leadsTo(peer) })
}

func (m Member) leadsTo(peer netip.Addr) bool { return !m.Remote.IsValid() || m.Remote == peer }

// A SelectError says which SADBs there were to choose from: those that fit, if
// several do, else those of the address.
type SelectError struct {
	Candidates []string
	Reason     string
}

func (e *SelectError) Error() string {
	return fmt.Sprintf("%s (candidates: %s)", e.Reason, cmp.Or(strings.Join(e.Candidates, ", "), "none"))
}
