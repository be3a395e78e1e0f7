package show

import (
	"io"
	"testing"
	"time"
)

func TestBoxViews(t *testing.T) {
	configuration := "!\nhostname R1\n!\nend\n"
	for name, view := range map[string]func(w io.Writer){
		"running-config": func(w io.Writer) { Running(w, Configuration{Text: configuration}) },
		"running-config-stamped": func(w io.Writer) {
			at := time.Date(2021, 5, 28, 22, 14, 18, 0, time.UTC)
			Running(w, Configuration{Text: configuration, Changed: Change{at, "boxen"}, Stored: Change{At: at.Add(time.Hour)}, Numbered: true})
		},
		"startup-config": func(w io.Writer) { Startup(w, configuration) },
		"startup-none":   func(w io.Writer) { Startup(w, "") },
		"history":        func(w io.Writer) { History(w, []string{"show clock", "show history"}) },
		"kept-none":      func(w io.Writer) { Kept(w, nil) },
		"privilege":      func(w io.Writer) { Privilege(w, 15) },
	} {
		golden(t, name, view)
	}
}

func TestUptime(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"00:00:00": -time.Second, "00:06:52": 6*time.Minute + 52*time.Second + 999*time.Millisecond,
		"23:59:59": 24*time.Hour - 1, "1d00h": 24 * time.Hour, "6d23h": 7*24*time.Hour - 1,
		"1w0d": 7 * 24 * time.Hour, "10w2d": 72 * 24 * time.Hour, "1y0w": 365 * 24 * time.Hour,
	} {
		if got := uptime(d); got != want {
			t.Errorf("uptime(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{"Tunnel0": "Tu0", "Ethernet0/1": "Et0/1", "Loopback10": "Lo10", "E0": "E0", "Null": "Null"} {
		if got := shortName(name); got != want {
			t.Errorf("shortName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestReleaseOf(t *testing.T) {
	for version, want := range map[string]Release{"": Release12, "12.4": Release12, "15.7": Release15, "17.3": Release15} {
		if got := ReleaseOf(version); got != want {
			t.Errorf("ReleaseOf(%q) = %v, want %v", version, got, want)
		}
	}
}
