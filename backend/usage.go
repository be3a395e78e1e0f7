package backend

import (
	"time"

	"gresh/backend/config"
	"gresh/backend/forward"
	"gresh/backend/sadb"
)

const (
	usageInterval      = 20 * time.Second
	usageIntervalOfDPD = 10 * time.Second // the shortest that DPD may be set to
)

// usageInterval is how often the data path is asked what it carried.
func (r *Router) usageInterval() time.Duration {
	if r.asksOnDemand() {
		return usageIntervalOfDPD
	}
	return usageInterval
}

// asksOnDemand says whether dead peer detection has to know of traffic.
func (r *Router) asksOnDemand() bool {
	onDemand := func(k config.Keepalive) bool { return k.Seconds > 0 && !k.Periodic }
	for _, p := range r.running.ISAKMPProfiles {
		if onDemand(p.Keepalive) {
			return true
		}
	}
	return onDemand(r.running.Keepalive)
}

// reportUsage tells NHRP which of its neighbours carried data since the last
// report: an entry in use is refreshed before it expires. IKE learns which SAs
// did: a peer that is sent to and says nothing may be dead.
func (r *Router) reportUsage(now time.Time) (said []any) {
	counters := r.host.Counters()
	for _, n := range counters.Neighbors {
		if n.LastUsed.After(now.Add(-usageInterval)) {
			said = append(said, r.nhrp.Used(now, n.Dev, n.Addr))
		}
	}
	if r.asksOnDemand() {
		said = append(said, r.ike.Used(now, r.usedSAs(counters)))
	}
	return said
}

// usedSAs are the SAs that have carried packets since the last report.
func (r *Router) usedSAs(c forward.Counters) (used []sadb.Key) {
	carried := make(map[sadb.Key]uint64, len(c.SAs))
	for _, sa := range r.sadb.SAs() {
		key := sa.Key()
		carried[key] = c.SAs[key].Packets
		if carried[key] > r.carried[key] {
			used = append(used, key)
		}
	}
	r.carried = carried
	return used
}
