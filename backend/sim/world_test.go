package sim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

var begin = time.Unix(1_000_000_000, 0)

func TestEventsHappenByTimeThenByBirth(t *testing.T) {
	w := New(1, begin)
	var said []string
	say := func(s string) func() {
		return func() { said = append(said, fmt.Sprintf("%s@%v", s, w.Now().Sub(begin))) }
	}
	w.After(2*time.Second, say("late"))
	w.After(time.Second, say("first"))
	w.After(time.Second, func() { say("second")(); w.at(begin, say("no sooner than now")) })
	w.After(time.Second, say("third"))
	w.Run(time.Second)
	want := "first@1s second@1s third@1s no sooner than now@1s"
	if got := strings.Join(said, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if w.Run(500 * time.Millisecond); len(said) != 4 || w.Now().Sub(begin) != 1500*time.Millisecond {
		t.Errorf("after half a second more: %v at %v", said, w.Now().Sub(begin))
	}
	if !w.Step() || w.Step() || !w.Next().IsZero() {
		t.Error("one event was left, and no more")
	}
}

// A pair of ports on a link, and when what was sent to the second arrives.
type pair struct {
	*World
	link     *Link
	from     *End
	arrivals []time.Duration
	frames   []string
}

func newPair(seed uint64, c Conditions) *pair {
	p := &pair{World: New(seed, begin)}
	a, b := p.AddNode(NodeConfig{Name: "a"}), p.AddNode(NodeConfig{Name: "b"})
	p.from = a.End("Ethernet0", c)
	to := b.End("Ethernet0", c)
	p.link = p.Connect("a-b", p.from, to)
	to.deliver = func(frame []byte) {
		p.arrivals = append(p.arrivals, p.Now().Sub(begin))
		p.frames = append(p.frames, string(frame))
	}
	return p
}

func (p *pair) send(n int) {
	for i := range n {
		p.from.send(fmt.Appendf(nil, "frame %d", i))
	}
}

func TestLinkDelaysAndLimits(t *testing.T) {
	p := newPair(1, Conditions{Delay: 10 * time.Millisecond, Rate: 56000})
	p.send(2)
	p.Run(time.Second)
	// Seven octets take a millisecond at 56 kilobits per second.
	if fmt.Sprint(p.arrivals) != "[11ms 12ms]" {
		t.Errorf("arrivals %v", p.arrivals)
	}
}

func TestLinkFaults(t *testing.T) {
	const n = 10000
	for name, test := range map[string]struct {
		c         Conditions
		low, high int
		ordered   bool
	}{
		"nothing":   {Conditions{Delay: time.Millisecond}, n, n, true},
		"loss":      {Conditions{Delay: time.Millisecond, Loss: .2}, n * 78 / 100, n * 82 / 100, true},
		"duplicate": {Conditions{Delay: time.Millisecond, Duplicate: .2}, n * 118 / 100, n * 122 / 100, true},
		"reorder":   {Conditions{Delay: time.Millisecond, Reorder: .2}, n, n, false},
		"jitter":    {Conditions{Delay: time.Millisecond, Jitter: time.Second}, n, n, true},
		"cut":       {Conditions{Delay: time.Millisecond, Cut: true}, 0, 0, true},
	} {
		p := newPair(1, test.c)
		p.send(n)
		p.Run(time.Minute)
		if got := len(p.frames); got < test.low || got > test.high {
			t.Errorf("%s: %d of %d frames arrive", name, got, n)
		}
		ordered, last := true, -1
		for _, f := range p.frames {
			var i int
			fmt.Sscanf(f, "frame %d", &i)
			ordered, last = ordered && i >= last, max(last, i)
		}
		if ordered != test.ordered {
			t.Errorf("%s: in order: %v", name, ordered)
		}
	}
}

func TestSeedsDecide(t *testing.T) {
	history := func(seed uint64) string {
		p := newPair(seed, Conditions{Delay: time.Millisecond, Jitter: time.Second, Loss: .2, Duplicate: .2, Reorder: .2})
		p.send(200)
		p.Run(time.Minute)
		return fmt.Sprint(p.arrivals, p.frames)
	}
	if once, again := history(1), history(1); once != again {
		t.Error("the same seed makes two histories")
	}
	if history(1) == history(2) {
		t.Error("two seeds make the same history")
	}
}

func TestCaptureHoldsEveryFrame(t *testing.T) {
	write := func() []byte {
		p := newPair(1, Conditions{Delay: time.Millisecond, Loss: 1})
		var b bytes.Buffer
		c, err := NewCapture(p.link, &b)
		if err != nil {
			t.Fatal(err)
		}
		p.send(3)
		p.Run(time.Second)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		p.send(1)
		if err := c.Close(); err == nil {
			t.Error("a capture can be closed twice")
		}
		return b.Bytes()
	}
	b := write()
	for i := range 3 {
		if !bytes.Contains(b, fmt.Appendf(nil, "frame %d", i)) {
			t.Errorf("frame %d is not in it", i)
		}
	}
	if !bytes.Equal(b, write()) {
		t.Error("two captures of the same history differ")
	}
}

func TestRunnerKeepsPace(t *testing.T) {
	w := New(1, begin)
	w.After(time.Hour, func() {})
	r := NewRunner(w, 0)
	defer r.Close()
	var still time.Time
	r.Do(func(w *World) { still = w.Now() })
	if !still.Equal(begin) {
		t.Errorf("at pace 0 the clock has gone to %v", still.Sub(begin))
	}
	passed := make(chan struct{})
	r.Do(func(w *World) { w.After(time.Minute, func() { close(passed) }) })
	r.SetPace(6e6) // a minute in ten microseconds
	<-passed
	if r.Pace() != 6e6 {
		t.Errorf("pace %v", r.Pace())
	}
}
