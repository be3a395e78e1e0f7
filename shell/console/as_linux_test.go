package console

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// as runs f as another user, in a thread that ends with it.
func as(id int, groups []int, f func() error) error {
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked
		list := []uint32{uint32(id)}
		for _, g := range groups {
			list = append(list, uint32(g))
		}
		_, _, err := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(list)), uintptr(unsafe.Pointer(&list[0])), 0)
		if err == 0 {
			_, _, err = unix.RawSyscall(unix.SYS_SETRESGID, uintptr(id), uintptr(id), uintptr(id))
		}
		if err == 0 {
			_, _, err = unix.RawSyscall(unix.SYS_SETRESUID, uintptr(id), uintptr(id), uintptr(id))
		}
		if err != 0 {
			failed <- err
			return
		}
		failed <- f()
	}()
	return <-failed
}
