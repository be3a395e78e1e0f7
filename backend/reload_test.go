package backend

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gresh/backend/event"
)

// told are the events of a reload that were logged, with when they were.
func told(h *recorder) (all []string) {
	for _, e := range h.events {
		switch v := e.Value.(type) {
		case event.ShutdownNear, event.ShutdownAborted, event.Reloading, event.ReloadScheduled, event.ReloadCancelled, event.Restarted:
			text := fmt.Sprintf("%T", v)
			if near, is := v.(event.ShutdownNear); is {
				text += " " + near.In.String()
			}
			all = append(all, e.At.Sub(boot).String()+" "+strings.TrimPrefix(text, "event."))
		}
	}
	return all
}

func TestReloadWarnsAndComes(t *testing.T) {
	r, h := newRouter(t, spoke())
	h.events = nil
	r.ScheduleReload(boot, Schedule{At: boot.Add(40 * time.Minute), By: "console"})
	for now := r.nextAppointment(); !now.IsZero(); now = r.nextAppointment() {
		r.Advance(now.Add(-time.Second)) // early: nothing
		r.Advance(now)
	}
	want := []string{"0s ShutdownNear 40m0s", "0s ReloadScheduled", "10m0s ShutdownNear 30m0s", "35m0s ShutdownNear 5m0s",
		"39m0s ShutdownNear 1m0s", "40m0s ShutdownNear 0s", "40m0s Reloading", "40m0s Restarted"}
	if got := told(h); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	if !r.Booted().Equal(boot.Add(40*time.Minute)) || !r.Reloaded() {
		t.Errorf("booted %v, by a command %v", r.Booted(), r.Reloaded())
	}
	if _, is := r.Scheduled(); is {
		t.Error("and it will again")
	}
}

func TestReloadIsCancelled(t *testing.T) {
	r, h := newRouter(t, spoke())
	if r.CancelReload(boot) {
		t.Error("cancelled what nobody had ordered")
	}
	h.events = nil
	r.ScheduleReload(boot, Schedule{At: boot.Add(3 * time.Minute)})
	r.ScheduleReload(boot, Schedule{At: boot.Add(4 * time.Minute)}) // instead
	r.Advance(boot.Add(3 * time.Minute))
	if !r.CancelReload(boot.Add(200 * time.Second)) {
		t.Error("there was nothing to cancel")
	}
	r.Advance(boot.Add(time.Hour))
	want := []string{"0s ShutdownNear 3m0s", "0s ReloadScheduled", "0s ShutdownNear 4m0s", "0s ReloadScheduled",
		"3m0s ShutdownNear 1m0s", "3m20s ShutdownAborted", "3m20s ReloadCancelled"}
	if got := told(h); !slices.Equal(got, want) || !r.Booted().Equal(boot) {
		t.Errorf("told %q, want %q; booted %v", got, want, r.Booted())
	}
}
