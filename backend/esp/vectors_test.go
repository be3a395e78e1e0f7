package esp

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"gresh/backend/sadb"
)

// unhex reads hex with blanks in it.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vectors are whole ESP packets with their keys: the sample packets of RFC
// 3602 section 4 (cases 5 to 8), and those of draft-mcgrew-gcm-test-01 that
// have sequence numbers of 32 bits.
var vectors = []struct {
	name            string
	cipher          sadb.Cipher
	key             string
	packet, payload string
	next            uint8
}{{
	name: "RFC 3602 case 5", cipher: sadb.AES, next: 1,
	key: "90d382b410eeba7ad938c46cec1a82bf",
	packet: `0000432100000001 e96e8c08ab465763fd098d45dd3ff893
		f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db08
		0b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add047ad2d5913ac19b7cfbad4a6`,
	payload: `08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
		202122232425262728292a2b2c2d2e2f3031323334353637`,
}, {
	name: "RFC 3602 case 6", cipher: sadb.AES, next: 1,
	key: "90d382b410eeba7ad938c46cec1a82bf",
	packet: `0000432100000008 69d08df7d203329db093fc4924e5bd80
		f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca346a89f75`,
	payload: "0800b5e8a80a0500a69c083d0b660e00777777777777777777777777",
}, {
	name: "RFC 3602 case 7", cipher: sadb.AES, next: 4,
	key: "0123456789abcdef0123456789abcdef",
	packet: `0000876500000002 f4e765244f6407adf13dc1380f673f37
		773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8e4ecaec78ac53aad
		7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f132ad3fbfb2201ac9904c74ee0a
		109e0ca1e4dfe9d5a100b842f1c22f0d`,
	payload: `45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b
		0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233
		34353637`,
}, {
	name: "RFC 3602 case 8", cipher: sadb.AES, next: 4,
	key: "0123456789abcdef0123456789abcdef",
	packet: `0000876500000005 85d47224b5f3dd5d2101d4ea8dffab22
		15b92683819596a8047232cc00f7048fe45318e11f8a0f62ede3c3fc61203bb50f980a08c9843fd3
		a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9b5ef6affc6d17a0decbb13892`,
	payload: `45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300
		ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff`,
}, {
	name: "GCM 128", cipher: sadb.GCM, next: 1,
	key: "feffe9928665731c6d6a8f9467308308 cafebabe",
	packet: `0000a5f80000000a facedbaddecaf888
		deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c
		3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd1
		83b70d3aa8bc6ee4c309e9d85a41ad4a`,
	payload: `4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100
		0001000000000000037369700963796265726369747902646b0000010001`,
}, {
	name: "GCM 192", cipher: sadb.GCM, next: 1,
	key: "feffe9928665731c6d6a8f9467308308feffe9928665731c cafebabe",
	packet: `0000a5f80000000a facedbaddecaf888
		a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc77
		95457b9652037f5318027b5b4cd7a636`,
	payload: "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d07568",
}, {
	name: "GCM 256", cipher: sadb.GCM, next: 1,
	key: "abbccddef00112233445566778899aababbccddef00112233445566778899aab 11223344",
	packet: `4a2cbfe300000002 0102030405060708
		ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d34
		7f0545659f14e99def842d8e b335f4eecfdbf831824b4c4915956c96`,
	payload: `4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee000000000
		7002400020bf0000020405b401010402`,
}, {
	name: "GCM, nothing but padding, the last sequence number", cipher: sadb.GCM, next: 1,
	key:    "7d773d00c144c525ac619d18c84a3f47 d9664267",
	packet: "335467aeffffffff 43457e9182443bc6 437f866b cb3f699fe9b0822bac961c4504bef270",
}}

// TestVectors opens the published packets, and seals them again with their
// IVs, to the byte.
func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			packet, payload := unhex(t, v.packet), unhex(t, v.payload)
			sa := sadb.SA{Proto: sadb.ESP, Cipher: v.cipher, EncKey: unhex(t, v.key), Replay: 64}
			s, err := New(sa, nil)
			if err != nil {
				t.Fatal(err)
			}
			header := bytes.Clone(packet[:headerLen+s.ivLen])
			if again := s.finish(header, 0, payload, v.next); !bytes.Equal(again, packet) {
				t.Errorf("sealed: %x\nwant:   %x", again, packet)
			}
			got, next, err := s.Open(bytes.Clone(packet))
			if err != nil || next != v.next || !bytes.Equal(got, payload) {
				t.Errorf("opened: %x, next %d, %v\nwant:   %x", got, next, err, payload)
			}
		})
	}
}

// TestHMACs checks the truncations against case 1 of RFC 2202 sections 2 and 3,
// and of RFC 4868 section 2.7.2.1.
func TestHMACs(t *testing.T) {
	text := []byte("Hi There")
	for _, v := range []struct {
		integrity sadb.Integrity
		icv       string
	}{
		{sadb.MD5, "9294727a3638bb1c13f48ef8"},
		{sadb.SHA1, "b617318655057264e28bc0b6"},
		{sadb.SHA256, "198a607eb44bfbc69903a0f1cf2bbdc5"},
		{sadb.SHA384, "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973"},
		{sadb.SHA512, "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8"},
	} {
		key := bytes.Repeat([]byte{0x0b}, algorithms[v.integrity].keyLen)
		s, err := New(sadb.SA{Proto: sadb.AH, Integrity: v.integrity, AuthKey: key}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.digest(text[:3], text[3:]); !bytes.Equal(got, unhex(t, v.icv)) {
			t.Errorf("%s: %x, want %s", algorithms[v.integrity].display, got, v.icv)
		}
	}
}
