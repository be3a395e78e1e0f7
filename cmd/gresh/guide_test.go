package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gresh/show/showtest"
)

// guideViews are the views that the documentation of the feature prints, with
// the files that hold what it prints.
var guideViews = map[string]string{
	"show ip nhrp":         "guide-show-ip-nhrp.txt",
	"show crypto socket":   "guide-show-crypto-socket.txt",
	"show crypto map":      "guide-show-crypto-map.txt",
	"show crypto ipsec sa": "guide-show-crypto-ipsec-sa.txt",
}

// guideHistory is how Spoke 1 came to show what the documentation prints: both
// tunnels shut; Tunnel1 up; seven minutes later Tunnel0 up; traffic to
// 10.0.0.12 three and a half minutes before the views, and to 10.0.1.12 two
// seconds before.
func guideHistory(t *testing.T) *bench {
	b := guideStart(t)
	b.guideRun()
	return b
}

// guideStart is that history as far as both tunnels are shut.
func guideStart(t *testing.T) *bench {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	b.configure("Spoke1", "interface Tunnel0", "shutdown", "interface Tunnel1", "shutdown")
	b.Run(time.Minute)
	return b
}

// guideRun is the rest of it.
func (b *bench) guideRun() {
	b.configure("Spoke1", "interface Tunnel1", "no shutdown")
	b.Run(7 * time.Minute)
	b.configure("Spoke1", "interface Tunnel0", "no shutdown")
	b.Run(3*time.Minute + 22*time.Second)
	b.say("Spoke1", "ping 10.0.0.12")
	b.Run(3*time.Minute + 28*time.Second)
	b.say("Spoke1", "ping 10.0.1.12 repeat 1")
	b.Run(2 * time.Second)
}

func TestGuideResults(t *testing.T) {
	b := guideHistory(t)
	for command, file := range guideViews {
		printed, err := os.ReadFile(filepath.Join("..", "..", "testdata", "show", file))
		if err != nil {
			t.Fatal(err)
		}
		got, want := showtest.Mask(b.say("Spoke1", command)), showtest.Guide(string(printed))
		if got != want {
			t.Errorf("%s:\ngot:\n%s\nwant:\n%s", command, got, want)
		}
	}
}
