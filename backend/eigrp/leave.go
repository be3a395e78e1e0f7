package eigrp

import (
	"slices"
	"time"
)

// Leave says goodbye on the interfaces that cfg will not speak on. It must be
// called, and the packets sent, while they still stand: before Configure.
func (e *Engine) Leave(now time.Time, cfg Config) []Packet {
	e.begin(now)
	for _, i := range e.ifaces {
		stays := e.cfg.AS == cfg.AS && slices.ContainsFunc(cfg.Interfaces, func(c Interface) bool {
			return c.Name == i.cfg.Name && c.usable() && c.Addr == i.cfg.Addr
		})
		if i.running && !stays {
			i.goodbye()
		}
	}
	return e.end().Send
}

// goodbye tells those on the interface that we leave it.
func (i *iface) goodbye() {
	i.announce(Message{Op: Hello, Parameters: &Parameters{K: goodbye, Hold: seconds(i.cfg.Hold)}})
}
