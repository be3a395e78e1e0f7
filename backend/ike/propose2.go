package ike

import (
	"encoding/binary"

	"gresh/backend/sadb"
)

// terms are what Quick Mode has agreed on so far.
type terms struct {
	set      sadb.TransformSet
	lifetime sadb.Lifetime
	spis     map[uint8]uint32 // the peer's, by protocol
}

// encap says how the phase 1 SA goes through NAT, which Quick Mode must name.
type encap bool

func (n encap) mode(m sadb.Mode) uint16 {
	switch {
	case m == sadb.TunnelMode && bool(n):
		return modeUDPTunnel
	case m == sadb.TunnelMode:
		return modeTunnel
	case bool(n):
		return modeUDPTransport
	}
	return modeTransport
}

// protocols are those of a transform set, ESP first.
func protocols(s sadb.TransformSet) (all []uint8) {
	if s.Cipher != sadb.NoCipher {
		all = append(all, protoESP)
	}
	if s.AH != sadb.NoIntegrity {
		all = append(all, protoAH)
	}
	return all
}

// sound says whether a set protects anything: no encryption and no
// authentication would be an SA without a key.
func sound(s sadb.TransformSet) bool {
	esp := s.Cipher != sadb.NoCipher
	return (esp || s.AH != sadb.NoIntegrity) &&
		!(esp && s.Cipher == sadb.Null && s.Auth == sadb.NoIntegrity) &&
		!(s.Cipher == sadb.GCM && s.Auth != sadb.NoIntegrity)
}

// offerQuick is the SA payload of Quick Mode: a proposal number for each
// transform set, and for AH with ESP two proposals of that number.
func offerQuick(policy sadb.Policy, nat encap, spis map[uint8]uint32) []byte {
	var all []proposal
	for i, s := range policy.Sets {
		if !sound(s) || i >= 255 {
			continue
		}
		for _, protocol := range protocols(s) {
			all = append(all, proposal{
				number: uint8(i + 1), protocol: protocol, spi: be32(spis[protocol]),
				transforms: []transform{setTransform(s, protocol, policy, nat)},
			})
		}
	}
	return appendSA(nil, all)
}

func setTransform(s sadb.TransformSet, protocol uint8, policy sadb.Policy, nat encap) transform {
	t := transform{number: 1, id: transformID(s, protocol)}
	t.attributes = []attribute{
		word(attrSALifeType, lifeSeconds), long(attrSALifeDuration, policy.Lifetime.Seconds)}
	if policy.Lifetime.Kilobytes > 0 {
		t.attributes = append(t.attributes,
			word(attrSALifeType, lifeKilobytes), long(attrSALifeDuration, policy.Lifetime.Kilobytes))
	}
	t.attributes = append(t.attributes, word(attrSAMode, nat.mode(s.Mode)))
	if policy.PFS != 0 {
		t.attributes = append(t.attributes, word(attrSAGroup, uint16(policy.PFS)))
	}
	if a := authNumber(s, protocol); a != 0 {
		t.attributes = append(t.attributes, word(attrSAAuth, a))
	}
	if protocol == protoESP && s.Cipher >= sadb.AES {
		t.attributes = append(t.attributes, word(attrSAKeyLength, uint16(s.KeyBits)))
	}
	return t
}

// transformID is the identifier of RFC 2407 sections 4.4.3 and 4.4.4, RFC 3602,
// RFC 4106 section 8.3 and RFC 4868 section 3.
func transformID(s sadb.TransformSet, protocol uint8) uint8 {
	if protocol == protoAH {
		return [...]uint8{sadb.MD5: 2, sadb.SHA1: 3, sadb.SHA256: 5, sadb.SHA384: 6, sadb.SHA512: 7}[s.AH]
	}
	return [...]uint8{sadb.DES: 2, sadb.TripleDES: 3, sadb.Null: 11, sadb.AES: 12, sadb.GCM: 20}[s.Cipher]
}

// authNumber is the authentication algorithm attribute; 0: it is left out.
func authNumber(s sadb.TransformSet, protocol uint8) uint16 {
	i := s.Auth
	if protocol == protoAH {
		i = s.AH
	}
	return [...]uint16{sadb.NoIntegrity: 0, sadb.MD5: 1, sadb.SHA1: 2,
		sadb.SHA256: 5, sadb.SHA384: 6, sadb.SHA512: 7}[i]
}

// lifetimes takes the lifetime attributes out of a transform: pairs of a type
// and a duration, in order (RFC 2407 section 4.5), which may come twice.
func lifetimes(attributes []attribute) (life sadb.Lifetime, rest []attribute, ok bool) {
	kind := uint32(0)
	for _, a := range attributes {
		n, valid := a.number()
		switch {
		case !valid:
			return life, nil, false
		case a.kind == attrSALifeType:
			kind = n
		case a.kind == attrSALifeDuration && kind == lifeSeconds:
			life.Seconds, kind = n, 0
		case a.kind == attrSALifeDuration && kind == lifeKilobytes:
			life.Kilobytes, kind = n, 0
		case a.kind == attrSALifeDuration:
			return life, nil, false
		default:
			rest = append(rest, a)
		}
	}
	return life, rest, true
}

// shorter is the smaller of two lifetimes in each of their units; 0 is none.
func shorter(a, b sadb.Lifetime) sadb.Lifetime {
	smaller := func(a, b uint32) uint32 {
		if a == 0 || b != 0 && b < a {
			return b
		}
		return a
	}
	return sadb.Lifetime{
		Seconds:   smaller(a.Seconds, b.Seconds),
		Kilobytes: smaller(a.Kilobytes, b.Kilobytes),
	}
}

// meets says whether a transform is the part of a set that a protocol is for,
// in the mode and with the group that the policy asks for.
func meets(t transform, s sadb.TransformSet, protocol uint8,
	policy sadb.Policy, nat encap) (sadb.Lifetime, bool) {
	life, rest, ok := lifetimes(t.attributes)
	v, distinct := transform{attributes: rest}.values()
	if !ok || !distinct || t.id != transformID(s, protocol) {
		return life, false
	}
	for kind := range v {
		if kind < attrSAGroup || kind > attrSAKeyLength {
			return life, false // RFC 2407 section 4.5: what is not understood is not chosen
		}
	}
	if v[attrSAMode] != uint32(nat.mode(s.Mode)) || v[attrSAGroup] != uint32(policy.PFS) ||
		v[attrSAAuth] != uint32(authNumber(s, protocol)) {
		return life, false
	}
	length, given := v[attrSAKeyLength]
	if protocol == protoAH || s.Cipher < sadb.AES {
		return life, !given
	}
	// AES without a length means 128 bits (RFC 3602 section 5.3); GCM has none
	// that it could mean (RFC 4106 section 8.4)
	implied := !given && s.Cipher == sadb.AES && s.KeyBits == 128
	return life, implied || length == uint32(s.KeyBits)
}

// bundles groups the proposals of an SA payload by number, in order. RFC 2408
// section 4.2: the same number means "and", another means "or".
func bundles(all []proposal) (out [][]proposal) {
	for i, p := range all {
		if i > 0 && all[i-1].number == p.number {
			out[len(out)-1] = append(out[len(out)-1], p)
		} else {
			out = append(out, []proposal{p})
		}
	}
	return out
}

// chooseQuick is the responder's choice: the first of the initiator's
// proposals that one of our sets meets. ours are the SPIs for the answer,
// which repeats each chosen transform unchanged.
func chooseQuick(policy sadb.Policy, offer []proposal, nat encap) (terms, []proposal, bool) {
	for _, bundle := range bundles(offer) {
		for _, s := range policy.Sets {
			if t, answer, ok := meetSet(bundle, s, policy, nat); ok && sound(s) {
				return t, answer, true
			}
		}
	}
	return terms{}, nil, false
}

// meetSet matches one bundle with one set: each protocol of the set exactly
// once, and no other.
func meetSet(bundle []proposal, s sadb.TransformSet,
	policy sadb.Policy, nat encap) (terms, []proposal, bool) {
	wanted := protocols(s)
	if len(bundle) != len(wanted) {
		return terms{}, nil, false
	}
	out := terms{set: s, lifetime: policy.Lifetime, spis: map[uint8]uint32{}}
	answer := append([]proposal(nil), bundle...)
	for _, protocol := range wanted {
		found := false
		for i, p := range bundle {
			if p.protocol != protocol || found {
				continue
			}
			var life sadb.Lifetime
			var t transform
			if t, life, found = meetProposal(p, s, policy, nat); found {
				out.lifetime = shorter(out.lifetime, life)
				out.spis[protocol] = binary.BigEndian.Uint32(p.spi)
				answer[i].transforms = []transform{t}
			}
		}
		if !found {
			return terms{}, nil, false
		}
	}
	return out, answer, true
}

func meetProposal(p proposal, s sadb.TransformSet,
	policy sadb.Policy, nat encap) (transform, sadb.Lifetime, bool) {
	const reserved = 256 // RFC 4303 section 2.1: SPIs below are not for use
	if len(p.spi) != 4 || binary.BigEndian.Uint32(p.spi) < reserved {
		return transform{}, sadb.Lifetime{}, false
	}
	for _, t := range p.transforms {
		if life, ok := meets(t, s, p.protocol, policy, nat); ok {
			return t, life, true
		}
	}
	return transform{}, sadb.Lifetime{}, false
}

// keySizes are the octets of key material that an SA of a set takes.
func keySizes(s sadb.TransformSet, protocol uint8) (encryption, authentication int) {
	integrity := s.Auth
	if protocol == protoAH {
		integrity = s.AH
	} else {
		switch s.Cipher {
		case sadb.DES:
			encryption = 8
		case sadb.TripleDES:
			encryption = 24
		case sadb.AES:
			encryption = s.KeyBits / 8
		case sadb.GCM:
			encryption = s.KeyBits/8 + 4 // and the salt, RFC 4106 section 8.1
		}
	}
	authentication = [...]int{sadb.NoIntegrity: 0, sadb.MD5: 16, sadb.SHA1: 20,
		sadb.SHA256: 32, sadb.SHA384: 48, sadb.SHA512: 64}[integrity]
	return encryption, authentication
}
