package backend

import "gresh/backend/machine"

// Machine is what the router runs on, as it stands; nothing is known of it
// where Options do not say.
func (r *Router) Machine() machine.Machine {
	if r.options.Machine == nil {
		return machine.Machine{}
	}
	return r.options.Machine()
}

// Reloaded says whether the router was started by a reload, and not by power.
func (r *Router) Reloaded() bool { return r.reloaded }
