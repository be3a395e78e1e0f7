package main

import (
	"regexp"
	"strings"
	"testing"

	"gresh/backend"
)

// keyDialogues are keys typed at a router's console: what makes the router's
// key pairs and takes them away, and what is said of SSH.
var keyDialogues = []string{
	"enable\r", "show ip ssh\r", "show ssh\r", "show crypto key mypubkey all\r", "configure terminal\r",
	"crypto key generate rsa\r", "hostname Router\r", "ip domain name example.org\r", "crypto key generate rsa\r",
	"hostname Hub1\r", "crypto key generate rsa\r", "512\r", "many\r", "1024\r", "crypto key generate rsa\r", "no\r",
	"crypto key generate rsa modulus 1024 label OTHER\r", "crypto key generate rsa modulus 512\r",
	"crypto key generate ec keysize 256\r", "crypto key generate ec keysize 256 label CURVE\r",
	"interface Ethernet0\r", "crypto key generate ec keysize 384 label LARGE\r", "exit\r",
	"ip ssh version 2\r", "ip ssh time-out 0\r", "ip ssh authentication-retries 2\r", "ip ssh time-out 60\r",
	"ip ssh server algorithm encryption ?", "\x15", "ip ssh server algorithm mac hmac-sha1 hmac-sha1\r",
	"end\r", "show ip ssh\r", "show crypto key mypubkey ec CURVE\r", "configure terminal\r", "version 15.7\r", "end\r",
	"show ip ssh | exclude ^(ssh-rsa|[A-Za-z0-9+/=]*$)\r", "configure terminal\r",
	"crypto key zeroize rsa NONE\r", "crypto key zeroize rsa OTHER\r", "maybe\r", "no\r",
	"crypto key zeroize rsa\r", "yes\r", "crypto key zeroize ec\r", "yes\r", "crypto key zeroize ec\r", "end\r",
	"show crypto key mypubkey all\r", "show logging | include %SSH\r",
}

func TestKeyDialogues(t *testing.T) {
	b := newBench(t, 1, nil)
	shown := typed(b, "Hub1", keyDialogues)
	for _, mask := range keyMasks {
		shown = mask.what.ReplaceAllString(shown, mask.with)
	}
	golden(t, "session/router/keys.txt", shown)
}

// keyMasks are what of a key is not the same every time.
var keyMasks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`elapsed time was \d+ seconds`), "elapsed time was 0 seconds"},
	{regexp.MustCompile(`(?m)^(  [0-9A-F]{8})( [0-9A-F]{2,8})+ $`), "  00000000 "},
	{regexp.MustCompile(`(ssh-ed25519|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/=]+`), "$1 AAAA"},
}

// Key pairs outlive a reload, and are in no file and no configuration.
func TestKeysAreKept(t *testing.T) {
	b := newBench(t, 1, nil)
	b.configure("Hub1", "ip domain name example.org", "crypto key generate ec keysize 256")
	before := b.say("Hub1", "show crypto key mypubkey all")
	if strings.Count(before, "Hub1.example.org") != 2 {
		t.Fatalf("the pairs are %s", before)
	}
	b.say("Hub1", "write memory")
	b.router("Hub1", func(r *backend.Router) {
		data, err := r.Store().Private("keys")
		if err != nil || !strings.Contains(string(data), "PRIVATE KEY") {
			t.Errorf("kept: %q, %v", data, err)
		}
		if text, err := r.Store().Startup(); err != nil || strings.Contains(string(text), "KEY-----") {
			t.Errorf("the startup configuration is %s, %v", text, err)
		}
		if files, err := r.Store().List(""); err != nil || len(files) > 0 {
			t.Errorf("files: %v, %v", files, err)
		}
	})
	b.Node("Hub1").PowerOn()
	if after := b.say("Hub1", "show crypto key mypubkey all"); after != before {
		t.Errorf("after the power was off:\n%s\nbefore:\n%s", after, before)
	}
}

// What is kept as keys and is none has SSH off, and says so.
func TestKeysUnreadable(t *testing.T) {
	b := newBench(t, 1, nil)
	b.router("Hub1", func(r *backend.Router) {
		if err := r.Store().SetPrivate("keys", []byte("garbage")); err != nil {
			t.Fatal(err)
		}
	})
	b.Node("Hub1").PowerOn()
	b.want("Hub1", "show ip ssh", "SSH Disabled")
	b.want("Hub1", "show logging", "%SSH-3-NO_KEY: the key pairs that are kept can't be read")
}
