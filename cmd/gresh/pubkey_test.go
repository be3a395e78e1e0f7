package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Users come in by the keys that are typed or pasted, on one line or on many;
// what is kept of a key is its hash. Nobody comes in by another's key.
func TestPublicKeys(t *testing.T) {
	_, short, err1 := ed25519.GenerateKey(rand.Reader)
	long, err2 := rsa.GenerateKey(rand.Reader, 2048)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	var signers []ssh.Signer
	var texts []string // base64
	for _, key := range []any{short, long} {
		s, err := ssh.NewSignerFromKey(key)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, s)
		texts = append(texts, base64.StdEncoding.EncodeToString(s.PublicKey().Marshal()))
	}
	pasted := func(b *bench) {
		lines := []string{"ip ssh pubkey-chain", "username carl", "key-string", texts[1][:100], texts[1][100:200], texts[1][200:], "exit", "exit",
			"username dora", "key-string", "ssh-ed25519 " + texts[0] + " dora@example.org", "exit", "exit"}
		if said := b.configure("Hub1", lines...); said != "" {
			t.Fatalf("it says %q", said)
		}
		shown := b.say("Hub1", "show running-config | section ip ssh pubkey-chain")
		if !strings.Contains(shown, " key-hash ssh-rsa ") || !strings.Contains(shown, " key-hash ssh-ed25519 ") ||
			!strings.HasSuffix(shown, " dora@example.org\n") || strings.Contains(shown, "AAAA") {
			t.Errorf("it is shown as\n%s", shown)
		}
		for _, bad := range []string{"key-hash ssh-rsa 12", "key-hash ssh-rsa zz112233445566778899AABBCCDDEEFF"} {
			if said := b.configure("Hub1", "ip ssh pubkey-chain", "username carl", bad); !strings.Contains(said, "32 hexadecimal digits") {
				t.Errorf("%s: %q", bad, said)
			}
		}
		if said := b.configure("Hub1", "ip ssh pubkey-chain", "username carl", "key-string", strings.Repeat("A", 500), "!"); said != "" {
			t.Errorf("half a key: %q", said)
		}
		if again := b.say("Hub1", "show running-config | section ip ssh pubkey-chain"); again != shown {
			t.Errorf("half a key is shown as\n%s", again)
		}
	}
	v := newVillage(t, map[string][]string{"Hub1": {"hostname Hub1", "hostname Hub1\nusername carl privilege 15 password 0 unguessed"}},
		labOptions{ssh: 1}, pasted)
	address, _ := v.access.addresses("Hub1")
	for _, row := range []struct {
		user string
		key  ssh.Signer
		in   bool
	}{{"carl", signers[1], true}, {"dora", signers[0], true}, {"carl", signers[0], false}, {"erna", signers[1], false}} {
		config := *loggingIn
		config.User, config.Auth = row.user, []ssh.AuthMethod{ssh.PublicKeys(row.key)}
		c, err := ssh.Dial("tcp", address, &config)
		if (err == nil) != row.in {
			t.Errorf("%s with a key of %s: %v", row.user, row.key.PublicKey().Type(), err)
		}
		if err == nil {
			_ = c.Close()
		}
	}
}
