package ike

import "gresh/backend/sadb"

// pair is what a Quick Mode has come to.
func (p *phase1) pair(q *quick) sadb.Pair {
	out := sadb.Pair{
		SADB: q.policy.SADB, Local: p.local.Addr(), Peer: p.remote.Addr(), PeerPort: p.remote.Port(),
		Set: q.terms.set, PFS: q.policy.PFS, Lifetime: q.terms.lifetime,
		Initiator: q.initiator, MessageID: q.id,
	}
	for _, protocol := range protocols(q.terms.set) {
		in := p.association(q, protocol, q.spis[protocol])
		in.Src, in.Dst, in.Replay = p.remote.Addr(), p.local.Addr(), q.policy.ReplayWindow
		back := p.association(q, protocol, q.terms.spis[protocol])
		back.Src, back.Dst = p.local.Addr(), p.remote.Addr()
		if p.nat.any() {
			in.Encap = sadb.Encap{SrcPort: p.remote.Port(), DstPort: p.local.Port()}
			back.Encap = sadb.Encap{SrcPort: p.local.Port(), DstPort: p.remote.Port()}
		}
		out.In, out.Out = append(out.In, in), append(out.Out, back)
	}
	bundle(out.In)
	bundle(out.Out)
	return out
}

// bundle makes AH and ESP of one direction know each other: neither is worth
// anything without the other.
func bundle(sas []sadb.SA) {
	if len(sas) == 2 {
		sas[0].Bundle, sas[1].Bundle = sas[1].SPI, sas[0].SPI
	}
}

// association is one SA of the pair: the one whose receiver chose the SPI.
func (p *phase1) association(q *quick, protocol uint8, spi uint32) sadb.SA {
	s := q.terms.set
	encryption, authentication := keySizes(s, protocol)
	material := p.keys.material(encryption+authentication, q.shared, protocol, spi, q.ni, q.nr)
	out := sadb.SA{
		Proto: sadb.ESP, SPI: spi, SADB: q.policy.SADB, Mode: s.Mode,
		Cipher: s.Cipher, KeyBits: s.KeyBits, Integrity: s.Auth,
		EncKey: material[:encryption:encryption], AuthKey: material[encryption:],
	}
	if protocol == protoAH {
		out.Proto, out.Cipher, out.KeyBits, out.Integrity = sadb.AH, sadb.NoCipher, 0, s.AH
	}
	return out
}
