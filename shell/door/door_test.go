package door

import (
	"fmt"
	"strings"
	"testing"
)

func TestBacklog(t *testing.T) {
	b := newBacklog()
	for i := range backlogMost + 3 {
		b.add(fmt.Sprintf("*Mar  1 00:00:01.000: %%TEST-5-LINE: %d", i))
	}
	var shown []string
	b.drain(func(line string) {
		if shown = append(shown, line); strings.Contains(line, "DROPPED") {
			b.close()
		}
	})
	if want := "*Mar  1 00:00:01.000: %SYS-3-LOGGER_DROPPED: System dropped 3 console messages"; len(shown) != backlogMost+1 || shown[backlogMost] != want {
		t.Errorf("%d lines, the last %q", len(shown), shown[len(shown)-1])
	}
}
