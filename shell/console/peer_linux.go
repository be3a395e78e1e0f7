package console

import (
	"errors"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// groupsMost bounds the groups of a process that are looked at (NGROUPS_MAX).
const groupsMost = 65536

// peerOf asks the kernel who connected. The groups are those of the process,
// so that no user database has to be read.
func peerOf(conn *net.UnixConn) (p peer, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return peer{}, err
	}
	var asked error
	err = raw.Control(func(fd uintptr) {
		var cred *unix.Ucred
		if cred, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); asked != nil {
			return
		}
		p = peer{uid: int(cred.Uid), groups: append(groupsOf(fd), int(cred.Gid))}
	})
	return p, errors.Join(err, asked)
}

// groupsOf are the supplementary groups; none if the kernel does not say
// (SO_PEERGROUPS came with Linux 4.13), which lets nobody in.
func groupsOf(fd uintptr) (groups []int) {
	list := make([]uint32, groupsMost)
	size := uint32(len(list) * 4)
	_, _, failed := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_PEERGROUPS,
		uintptr(unsafe.Pointer(&list[0])), uintptr(unsafe.Pointer(&size)), 0)
	if failed != 0 {
		return nil
	}
	for _, g := range list[:size/4] {
		groups = append(groups, int(g))
	}
	return groups
}
