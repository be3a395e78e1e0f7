package show

import (
	"io"
	"net/netip"
	"testing"

	"gresh/backend/config"
	"gresh/backend/ike"
	"gresh/backend/sadb"
)

// someIKE has an SA in each state that an operator meets: in use with Hub 1,
// through a NAT with Spoke 2, without an answer from Hub 2, one that is gone,
// and one from another address of ours.
func someIKE() ike.Snapshot {
	at := func(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }
	return ike.Snapshot{SAs: []ike.SA{
		{ConnID: 1001, Initiator: true, Local: at(spoke1, 500), Remote: at(hub1, 500), State: ike.QMIdle,
			Encryption: ike.DES, Hash: ike.SHA1, Group: 1, Expires: after("1439:29"), DPD: true},
		{ConnID: 1002, Local: at(spoke1, 4500), Remote: at(spoke2, 1027), State: ike.QMIdle,
			Encryption: ike.AES256, Hash: ike.SHA256, Group: 14, Expires: after("59:01"), DPD: true, NAT: true},
		{Initiator: true, Local: at(spoke1, 500), Remote: at(hub2, 500), State: ike.MMKeyExchange,
			Encryption: ike.TripleDES, Hash: ike.MD5, Group: 2},
		{ConnID: 1003, Local: at(spoke1, 500), Remote: at(hub1, 500), State: ike.MMNoState, Deleted: true,
			Encryption: ike.DES, Hash: ike.SHA1, Group: 1, Expires: after("00:30")},
		{ConnID: 1004, Local: at(addr("192.168.1.1"), 500), Remote: at(hub2, 500), State: ike.QMIdle,
			Encryption: ike.DES, Hash: ike.SHA1, Group: 1, Expires: after("00:31")},
	}}
}

func TestISAKMPViews(t *testing.T) {
	policies := []config.ISAKMPPolicy{
		{Priority: 1, Authentication: config.AuthPreShare},
		{Priority: 20, Encryption: config.EncryptionAES256, Hash: config.HashSHA512, Group: 21, Lifetime: 3600,
			Authentication: config.AuthPreShare},
	}
	profiles := []sadb.Policy{
		{Profile: "vpnprof", Sets: []sadb.TransformSet{trans2}, Lifetime: sadb.Lifetime{Seconds: 3600, Kilobytes: 4608000}},
		{Profile: "red", ISAKMPProfile: "customer-red", Sets: []sadb.TransformSet{trans2}, PFS: 14, Lifetime: sadb.Lifetime{Seconds: 120}},
	}
	for suffix, release := range releases {
		golden(t, "crypto-isakmp-sa"+suffix, func(w io.Writer) { ISAKMPSAs(w, someIKE(), release) })
		golden(t, "crypto-isakmp-policy"+suffix, func(w io.Writer) { ISAKMPPolicies(w, policies, release) })
		golden(t, "crypto-ipsec-profile"+suffix, func(w io.Writer) { IPsecProfiles(w, profiles, release) })
		golden(t, "crypto-session"+suffix, func(w io.Writer) { CryptoSessions(w, sessions(), someIKE(), release) })
	}
	golden(t, "crypto-isakmp-sa-detail", func(w io.Writer) { ISAKMPSAsDetail(w, someIKE(), noon) })
	golden(t, "crypto-call-admission", func(w io.Writer) {
		CryptoCallAdmission(w, ike.Admissions{Limits: ike.Admission{SAs: 1000, Negotiating: 100}, Active: 998, Negotiating: 2,
			In: ike.Requests{Accepted: 1200, Denied: 13}, Out: ike.Requests{Accepted: 7, Denied: 1}, DeniedSAs: 11, DeniedNegotiating: 3})
	})
	golden(t, "crypto-ipsec-transform-set", func(w io.Writer) {
		TransformSets(w, []sadb.TransformSet{trans2, {Name: "gcm", Cipher: sadb.GCM, KeyBits: 256}})
	})
}

// sessions is Spoke 1's SADB with a pair to all but Hub 2, and a peer that no
// ISAKMP SA is left for.
func sessions() sadb.Snapshot {
	s, _ := guideSADB()
	db := &s.SADBs[0]
	db.Instances[0].Pairs = nil
	alone := db.Instances[1]
	alone.Peer = addr("172.17.0.99")
	db.Instances = append(db.Instances, alone)
	return s
}

func TestSessionStatus(t *testing.T) {
	for want, of := range map[string][3]bool{ // an SA pair, an ISAKMP SA, any on its way
		"UP-ACTIVE": {true, true, true}, "UP-NO-IKE": {true, false, true}, "UP-IDLE": {false, true, true},
		"DOWN-NEGOTIATING": {false, false, true}, "DOWN": {},
	} {
		if got := sessionStatus(of[0], of[1], of[2]); got != want {
			t.Errorf("sessionStatus(%v) = %q, want %q", of, got, want)
		}
	}
}
