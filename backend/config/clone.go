package config

import "slices"

// Clone returns a copy that shares nothing which can be changed with c.
func (c *Config) Clone() *Config {
	d := *c
	d.EnableSecrets = slices.Clone(c.EnableSecrets)
	d.EnablePasswords = slices.Clone(c.EnablePasswords)
	d.AAA = c.AAA.clone()
	d.Users = clones(c.Users, User.clone)
	d.Privileges = slices.Clone(c.Privileges)
	d.AccessLists = clones(c.AccessLists, AccessList.clone)
	d.Policies = slices.Clone(c.Policies)
	d.Keys = slices.Clone(c.Keys)
	d.Keyrings = clones(c.Keyrings, Keyring.clone)
	d.ISAKMPProfiles = clones(c.ISAKMPProfiles, ISAKMPProfile.clone)
	d.TransformSets = clones(c.TransformSets, TransformSet.clone)
	d.Profiles = clones(c.Profiles, IPsecProfile.clone)
	d.Hosts = clones(c.Hosts, Host.clone)
	d.NameServers = slices.Clone(c.NameServers)
	d.Archive = clonePointer(c.Archive)
	d.DHCPExcluded = slices.Clone(c.DHCPExcluded)
	d.DHCPPools = clones(c.DHCPPools, DHCPPool.clone)
	d.Interfaces = clones(c.Interfaces, (*Interface).Clone)
	d.EIGRP = clones(c.EIGRP, EIGRP.clone)
	d.KeyChains = clones(c.KeyChains, KeyChain.clone)
	d.Routes = slices.Clone(c.Routes)
	d.Lines = clones(c.Lines, Line.clone)
	d.Banners = slices.Clone(c.Banners)
	d.SSH = c.SSH.clone()
	d.Logging.Hosts = slices.Clone(c.Logging.Hosts)
	d.Aliases = slices.Clone(c.Aliases)
	d.Kept = slices.Clone(c.Kept)
	d.KeptBlocks = clones(c.KeptBlocks, func(b KeptBlock) KeptBlock {
		b.Kept = slices.Clone(b.Kept)
		return b
	})
	return &d
}

// Clone returns a copy that shares nothing which can be changed with i.
func (i *Interface) Clone() *Interface {
	j := *i
	j.Secondary = slices.Clone(i.Secondary)
	j.NHRP.Maps = slices.Clone(i.NHRP.Maps)
	j.NHRP.Multicast = slices.Clone(i.NHRP.Multicast)
	j.NHRP.NextHops = slices.Clone(i.NHRP.NextHops)
	j.EIGRP = clones(i.EIGRP, InterfaceEIGRP.clone)
	j.Kept = slices.Clone(i.Kept)
	return &j
}

// clones copies a slice of what is more than its own memory. Nil stays nil.
func clones[T any](from []T, clone func(T) T) []T {
	to := slices.Clone(from)
	for i, t := range to {
		to[i] = clone(t)
	}
	return to
}

func (k Keyring) clone() Keyring {
	k.Keys = slices.Clone(k.Keys)
	return k
}

func (p ISAKMPProfile) clone() ISAKMPProfile {
	p.MatchIdentity = slices.Clone(p.MatchIdentity)
	return p
}

func (t TransformSet) clone() TransformSet {
	t.Transforms = slices.Clone(t.Transforms)
	return t
}

func (p IPsecProfile) clone() IPsecProfile {
	p.TransformSets = slices.Clone(p.TransformSets)
	return p
}

func (p DHCPPool) clone() DHCPPool {
	p.Routers = slices.Clone(p.Routers)
	p.DNS = slices.Clone(p.DNS)
	return p
}

func (e InterfaceEIGRP) clone() InterfaceEIGRP {
	e.Summaries = slices.Clone(e.Summaries)
	return e
}

func (k KeyChain) clone() KeyChain {
	k.Keys = slices.Clone(k.Keys)
	return k
}

func (e EIGRP) clone() EIGRP {
	e.Networks = slices.Clone(e.Networks)
	e.Neighbors = slices.Clone(e.Neighbors)
	e.Passive = slices.Clone(e.Passive)
	e.NotPassive = slices.Clone(e.NotPassive)
	e.Redistribute = slices.Clone(e.Redistribute)
	e.Stub = slices.Clone(e.Stub)
	e.Kept = slices.Clone(e.Kept)
	return e
}

func (h Host) clone() Host {
	h.Addresses = slices.Clone(h.Addresses)
	return h
}

func (a AAA) clone() AAA {
	a.Login = clones(a.Login, MethodList.clone)
	a.Enable = slices.Clone(a.Enable)
	a.Exec = clones(a.Exec, MethodList.clone)
	return a
}

func (l MethodList) clone() MethodList {
	l.Methods = slices.Clone(l.Methods)
	return l
}

func (u User) clone() User {
	u.Privilege = clonePointer(u.Privilege)
	return u
}

func (l AccessList) clone() AccessList {
	l.Entries = slices.Clone(l.Entries)
	return l
}

func (l Line) clone() Line {
	l.ExecTimeout = clonePointer(l.ExecTimeout)
	l.Length = clonePointer(l.Length)
	l.Width = clonePointer(l.Width)
	l.Privilege = clonePointer(l.Privilege)
	l.History = clonePointer(l.History)
	l.Input = clonePointer(l.Input)
	l.Output = clonePointer(l.Output)
	l.Kept = slices.Clone(l.Kept)
	return l
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
