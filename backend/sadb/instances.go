package sadb

import (
	"container/heap"
	"net/netip"
)

// HeadSequence is the sequence number of a map's profile head; its instances
// are above it.
const HeadSequence = 65536

// instances are the sockets of one SADB in order of their sequence numbers,
// each of which is the lowest that was free when the socket was made.
type instances struct {
	byPeer map[netip.Addr]*socket
	slots  []*socket // that of sequence number HeadSequence+1 first; nil: free
	free   holes
}

func (i *instances) add(s *socket) {
	if i.byPeer == nil {
		i.byPeer = map[netip.Addr]*socket{}
	}
	i.byPeer[s.peer] = s
	at := len(i.slots)
	if len(i.free) > 0 {
		at = heap.Pop(&i.free).(int)
		i.slots[at] = s
	} else {
		i.slots = append(i.slots, s)
	}
	s.sequence = HeadSequence + 1 + at
}

func (i *instances) remove(s *socket) {
	delete(i.byPeer, s.peer)
	at := s.sequence - HeadSequence - 1
	i.slots[at] = nil
	heap.Push(&i.free, at)
	if len(i.byPeer) == 0 {
		i.slots, i.free = nil, nil
	}
}

// all are the sockets by sequence number. Those that are there now may be
// removed while the list is walked.
func (i *instances) all() []*socket {
	all := make([]*socket, 0, len(i.byPeer))
	for _, s := range i.slots {
		if s != nil {
			all = append(all, s)
		}
	}
	return all
}

// holes are the free slots, as a heap: the lowest is first.
type holes []int

func (h holes) Len() int           { return len(h) }
func (h holes) Less(i, j int) bool { return h[i] < h[j] }
func (h holes) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *holes) Push(x any) { *h = append(*h, x.(int)) }

// Pop is for package heap.
func (h *holes) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
