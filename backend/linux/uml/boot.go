//go:build linux

package uml

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// An order is what the host asks of the guest, by a file that both can see:
// the kernel's command line is too short for it.
type order struct {
	Program string
	Args    []string
	Env     []string
	Dir     string
	Built   map[string]string
}

const (
	orderFile = "order.json"
	codeFile  = "code"
	shared    = "GRESH_UML_DIR" // the folder that host and guest exchange files in

	memory = 1536 << 20 // taken from the host as the guest comes to use it
)

// boot runs this test binary in a guest and returns its exit status. An error
// says that no guest could be started here at all.
func boot(build []string) (int, error) {
	dir, err := os.MkdirTemp("", "gresh-uml")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := place(dir, build); err != nil {
		fmt.Println(err)
		return 2, nil
	}
	// The kernel dies with this thread, and with it everything in its namespace.
	runtime.LockOSThread()
	c := exec.Command("/proc/self/exe")
	c.Env = append(os.Environ(), role+"="+roleStub, shared+"="+dir, "TMPDIR="+memoryDir())
	c.Stdout, c.Stderr = os.Stdout, os.Stdout
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWPID}
	if err := c.Start(); errors.Is(err, syscall.EPERM) {
		return 0, errors.New("needs a kernel with GRE and ESP, and a PID namespace to boot it in: CAP_SYS_ADMIN")
	} else if err != nil {
		return 0, err
	}
	died := c.Wait()
	text, err := os.ReadFile(filepath.Join(dir, codeFile))
	code, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || bad != nil {
		fmt.Println("the test kernel left no exit status:", died)
		return 125, nil
	}
	return code, nil
}

// place writes the order and the programs into the shared folder.
func place(dir string, build []string) error {
	programs, err := compile(dir, build)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	text, err := json.Marshal(order{self, os.Args[1:], os.Environ(), cwd, programs})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, orderFile), text, 0o644)
}

// memoryDir is where the guest's memory goes: a file that must not reach a
// disk, if /dev/shm has room for it.
func memoryDir() string {
	var s unix.Statfs_t
	if unix.Statfs("/dev/shm", &s) == nil && s.Bavail*uint64(s.Bsize) > memory {
		return "/dev/shm"
	}
	return os.TempDir()
}

// stub is PID 1 of the namespace that holds the kernel. The kernel cannot be
// that itself: it ends by a signal, to which a PID 1 is deaf.
func stub() int {
	dir := os.Getenv(shared)
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	c := exec.Command("linux.uml", "rootfstype=hostfs", "rootflags=/", "ro", "init="+self,
		"mem="+strconv.Itoa(memory>>20)+"M", "uml_dir="+dir, "con=null", "con0=null,fd:1", "loglevel=0",
		role+"="+roleInit, shared+"="+dir)
	c.Stdout = os.Stdout // its standard error tells of its own start only
	if err := c.Run(); err != nil {
		fmt.Println("linux.uml:", err)
		return 1
	}
	return 0
}
