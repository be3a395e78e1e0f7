package main

import (
	"strings"
	"testing"
	"time"

	"gresh/backend/sim"
)

// A port that flaps, for as short as it likes, leaves no tunnel behind.
func TestFlaps(t *testing.T) {
	b := newBench(t, 1, nil)
	b.Run(time.Minute)
	cut := func(cut bool) {
		b.Node("Spoke1").EndOf("Ethernet0").Set(sim.Conditions{Cut: cut})
	}
	for i := range 60 {
		for _, gap := range []time.Duration{time.Duration(i) * 5 * time.Millisecond, time.Duration(i*i) * time.Millisecond} {
			cut(true)
			b.Run(26*time.Millisecond + gap/3)
			cut(false)
			b.Run(gap)
			cut(true)
			b.Run(26 * time.Millisecond)
			cut(false)
			b.Run(20 * time.Second)
			for _, to := range []string{"10.0.0.1", "10.0.1.1"} {
				if said := b.say("Spoke1", "ping "+to); !strings.Contains(said, "!!!!") {
					t.Fatalf("%d %v: %s:\n%s%s", i, gap, to, said, b.say("Spoke1", "show ip nhrp", "show crypto socket", "show crypto isakmp sa", "show logging"))
				}
			}
		}
	}
}
