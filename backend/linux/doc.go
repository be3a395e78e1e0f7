// Package linux is a Linux host as a router's data path: it carries the
// forwarding state to the kernel of the network namespace it runs in, by
// netlink, and control packets to and from its sockets. Packets of users never
// come here: they go through the kernel's own GRE and ESP.
//
// It decides nothing and knows no protocol. What is there and is not the
// router's is left alone: devices bear an alias, routes and addresses a
// protocol number, policies a priority and SAs a reqid by which they are known
// again, by the next process too.
package linux
