package nhrp

import "testing"

// TestWaitingAnswerIsSentTwice: the requester may not have the SA that the
// first copy comes under. One that did not wait is sent once, and nothing is
// sent without protection.
func TestWaitingAnswerIsSentTwice(t *testing.T) {
	const answer = "resolution 77 to 172.17.0.66"
	request := asking("172.17.0.1", "10.0.0.66", "172.17.0.66", "10.0.0.11", nil)
	for name, down := range map[string]bool{"protected": false, "for a moment only": true} {
		w, _, spoke1, _ := registeredCloud(t)
		spoke1.want(t, w, request, "open 172.17.0.66")
		w.want(name, spoke1.PeerUp(w.now, "Tunnel0", ip("172.17.0.66")).String(), answer)
		w.want(name+", too early", spoke1.Advance(w.now.Add(answerAgain/2)).String(), "")
		want := answer
		if down {
			spoke1.PeerDown(w.now, "Tunnel0", ip("172.17.0.66"))
			want = ""
		}
		w.want(name+", again", spoke1.Advance(w.now.Add(answerAgain)).String(), want)
		w.want(name+", no more", spoke1.Advance(w.now.Add(3*answerAgain)).String(), "")
		if !down {
			spoke1.want(t, w, request, answer)
			w.want(name+", asked again", spoke1.Advance(w.now.Add(9*answerAgain)).String(), "")
		}
	}
}
