package backend

import (
	"time"

	"gresh/backend/ike"
)

// A computation is a job of IKE's that the Host has in hand.
type computation struct {
	job   uint64 // what IKE calls it
	fault any    // what it panicked with
}

// compute gives the Host a job. Its number is of this life of the router alone:
// IKE counts from the beginning after a reload, and must not be told what was
// computed for the SAs of before.
func (r *Router) compute(job ike.Job) {
	r.lastJob++
	c := &computation{job: job.ID}
	r.computing[r.lastJob] = c
	r.host.Compute(r.lastJob, func() []byte {
		defer func() { c.fault = recover() }() // it works on what a peer sent
		return job.Run()
	})
}

// Computed takes the result of a computation that the Host was given. One that
// nobody waits for any more is ignored.
func (r *Router) Computed(now time.Time, id uint64, result []byte) {
	defer r.surviving(now, "a computation")
	c := r.computing[id]
	if c == nil {
		return
	}
	delete(r.computing, id)
	if c.fault != nil {
		r.survived(now, "a computation", c.fault)
	}
	r.settle(now, r.ike.Computed(now, c.job, result))
}
