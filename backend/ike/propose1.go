package ike

import (
	"bytes"
	"time"
)

// offerMain is the SA payload of main mode: one proposal, with a transform for
// each policy, the most preferred first.
func offerMain(policies []Policy) []byte {
	p := proposal{number: 1, protocol: protoISAKMP}
	for i, policy := range policies[:min(len(policies), 255)] {
		p.transforms = append(p.transforms, policy.transform(uint8(i+1)))
	}
	return appendSA(nil, []proposal{p})
}

func (p Policy) transform(number uint8) transform {
	t := transform{number: number, id: transformKeyIKE}
	t.attributes = append(t.attributes, word(attrEncryption, p.Encryption.number()))
	if p.Encryption >= AES128 {
		t.attributes = append(t.attributes, word(attrKeyLength, uint16(p.Encryption.keySize()*8)))
	}
	t.attributes = append(t.attributes,
		word(attrHash, p.Hash.number()),
		word(attrGroup, uint16(p.Group)),
		word(attrAuth, authPreShared))
	if p.Lifetime > 0 {
		t.attributes = append(t.attributes,
			word(attrLifeType, lifeSeconds),
			long(attrLifeDuration, uint32(p.Lifetime/time.Second)))
	}
	return t
}

func (e Encryption) number() uint16 {
	return [...]uint16{DES: 1, TripleDES: 5, AES128: 7, AES192: 7, AES256: 7}[e]
}

func (h Hash) number() uint16 {
	return [...]uint16{MD5: 1, SHA1: 2, SHA256: 4, SHA384: 5, SHA512: 6}[h]
}

// values are the attributes of a transform as numbers. ok is false if one
// stands there twice, or without a value: such a transform is not chosen.
func (t transform) values() (v map[uint16]uint32, ok bool) {
	v = make(map[uint16]uint32, len(t.attributes))
	for _, a := range t.attributes {
		n, valid := a.number()
		if _, twice := v[a.kind]; twice || !valid {
			return nil, false
		}
		v[a.kind] = n
	}
	return v, true
}

// accepts says whether a transform is what the policy asks for, and which
// lifetime then holds: the shorter one.
func (p Policy) accepts(t transform) (lifetime time.Duration, ok bool) {
	v, ok := t.values()
	if !ok || t.id != transformKeyIKE || v[attrAuth] != authPreShared ||
		v[attrEncryption] != uint32(p.Encryption.number()) || v[attrHash] != uint32(p.Hash.number()) ||
		v[attrGroup] != uint32(p.Group) {
		return 0, false
	}
	length, given := v[attrKeyLength]
	if bits := uint32(p.Encryption.keySize() * 8); p.Encryption < AES128 && given ||
		p.Encryption >= AES128 && length != bits && (given || bits != 128) {
		return 0, false
	}
	lifetime = p.Lifetime
	if v[attrLifeType] == lifeSeconds && v[attrLifeDuration] > 0 {
		if asked := time.Duration(v[attrLifeDuration]) * time.Second; lifetime == 0 || asked < lifetime {
			lifetime = asked
		}
	}
	return lifetime, true
}

// chooseMain is the responder's choice: the first of our policies that one of
// the offered transforms meets. The answer repeats that transform unchanged.
func chooseMain(policies []Policy, offer []proposal) (chosen Policy, answer []byte, ok bool) {
	for _, policy := range policies {
		for _, p := range offer {
			for _, t := range p.transforms {
				if p.protocol != protoISAKMP {
					continue
				}
				if lifetime, ok := policy.accepts(t); ok {
					policy.Lifetime = lifetime
					p.transforms = []transform{t}
					return policy, appendSA(nil, []proposal{p}), true
				}
			}
		}
	}
	return Policy{}, nil, false
}

// chosenMain is the policy that a responder's answer means. It must be one
// that was offered, and exactly one.
func chosenMain(policies []Policy, answer []byte) (Policy, error) {
	all, err := parseSA(answer)
	if err != nil {
		return Policy{}, err
	}
	if len(all) != 1 || len(all[0].transforms) != 1 || all[0].protocol != protoISAKMP {
		return Policy{}, malformed("answer: not one transform")
	}
	t := all[0].transforms[0]
	for _, p := range policies {
		if lifetime, ok := p.accepts(t); ok {
			p.Lifetime = lifetime
			return p, nil
		}
	}
	return Policy{}, malformed("answer: a transform that was not offered")
}

// capabilities are the extensions that a peer's vendor IDs announce.
func capabilities(vendors [][]byte) (natt, dpd bool) {
	for _, v := range vendors {
		natt = natt || bytes.Equal(v, vendorNATT)
		dpd = dpd || bytes.Equal(v, vendorDPD)
	}
	return natt, dpd
}
