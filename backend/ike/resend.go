package ike

import "time"

const (
	resendFirst = 1 * time.Second // doubles with each repetition
	resendMost  = 8 * time.Second
	resendLimit = 5 // repetitions, before the last wait
)

// A resend repeats the last message of an exchange until it is answered.
type resend struct {
	packet []byte
	next   time.Time // zero: nothing is to be repeated
	tries  int
}

func (r *resend) start(now time.Time, packet []byte) {
	*r = resend{packet: packet, next: now.Add(resendFirst)}
}

// stop is called when the answer has come.
func (r *resend) stop() { *r = resend{} }

// advance returns the packet that is due, or says that enough was tried. It
// does nothing if called early.
func (r *resend) advance(now time.Time) (packet []byte, spent bool) {
	if r.next.IsZero() || now.Before(r.next) {
		return nil, false
	}
	if r.tries == resendLimit {
		r.stop()
		return nil, true
	}
	r.tries++
	r.next = now.Add(min(resendFirst<<r.tries, resendMost))
	return r.packet, false
}
