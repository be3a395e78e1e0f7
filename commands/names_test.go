package commands

import "testing"

// TestUntranslated types a word that nobody knows after some lines.
func TestUntranslated(t *testing.T) {
	const unknown = "% Unknown command or computer name, or unable to find computer address\n"
	for lines, want := range map[string]string{
		"":                                   `Translating "foo"...domain server (255.255.255.255)` + "\n" + unknown,
		"ip name-server 192.0.2.1 192.0.2.2": `Translating "foo"...domain server (192.0.2.1) (192.0.2.2)` + "\n" + unknown,
		"no ip domain lookup":                `Translating "foo"` + "\n" + unknown,
		"no ip domain-lookup\nversion 15.7":  "% Bad IP address or host name" + unknown,
		"no ip domain lookup\nip domain-lookup\nversion 15.7": `Translating "foo"...domain server (255.255.255.255)` + "\n" + unknown,
	} {
		c, refused, _ := Load("r1", lines)
		if got := untranslated(c, "foo"); got != want || len(refused) > 0 {
			t.Errorf("after %q: %q, want %q %v", lines, got, want, refused)
		}
	}
}
