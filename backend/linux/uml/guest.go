//go:build linux

package uml

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// initialize is PID 1 of the guest: it makes a system of the kernel, runs the
// tests in it, leaves their exit status in the shared folder and halts. It is
// a process apart from the tests, so that their panic is not the kernel's.
func initialize() {
	code := 125
	if o, err := settle(); err != nil {
		fmt.Println("test kernel:", err)
	} else {
		code = runTests(o)
	}
	file := filepath.Join(os.Getenv(shared), codeFile)
	if err := os.WriteFile(file, []byte(strconv.Itoa(code)), 0o644); err != nil {
		fmt.Println("test kernel:", err)
	}
	unix.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

func settle() (order, error) {
	plainConsole()
	if err := overlay(); err != nil {
		return order{}, err
	}
	text, err := os.ReadFile(filepath.Join(os.Getenv(shared), orderFile))
	if err != nil {
		return order{}, err
	}
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		return order{}, err
	}
	return o, mounts(o)
}

// plainConsole passes output on as it is written, line ends included.
func plainConsole() {
	t, err := unix.IoctlGetTermios(1, unix.TCGETS)
	if err != nil {
		return // not a terminal: plain already
	}
	t.Oflag &^= unix.OPOST
	unix.IoctlSetTermios(1, unix.TCSETS, t)
}

// overlay makes the root writable without touching the host's files. It
// becomes the root of the kernel's own threads too, which is what makes the
// kernel find modprobe, and modprobe its modules, when it loads one by itself.
func overlay() error {
	const base = "/dev" // a folder that is there on every host and not needed yet
	if err := unix.Mount("tmpfs", base, "tmpfs", 0, ""); err != nil {
		return fmt.Errorf("mount %s: %w", base, err)
	}
	for _, d := range []string{"upper", "work", "root"} {
		if err := os.Mkdir(filepath.Join(base, d), 0o755); err != nil {
			return err
		}
	}
	if err := load("fs/overlayfs/overlay.ko"); err != nil {
		return err
	}
	options := "lowerdir=/,upperdir=" + base + "/upper,workdir=" + base + "/work"
	if err := unix.Mount("overlay", base+"/root", "overlay", 0, options); err != nil {
		return fmt.Errorf("mount overlay: %w", err)
	}
	if err := os.MkdirAll(base+"/root/run/host", 0o755); err != nil {
		return err
	}
	if err := unix.PivotRoot(base+"/root", base+"/root/run/host"); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	return os.Chdir("/")
}

// load loads a module by its file, where modprobe does not work yet.
func load(module string) error {
	file := filepath.Join("/usr/lib/uml/modules", release(), "kernel", module)
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil // not a module, but in the kernel
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil {
		return fmt.Errorf("%s: %w", module, err)
	}
	return nil
}

// mounts mounts what a Linux system has, and what the host shares for writing.
func mounts(o order) error {
	for _, m := range []struct{ source, target, kind, data string }{
		{"proc", "/proc", "proc", ""},
		{"sysfs", "/sys", "sysfs", ""},
		{"devtmpfs", "/dev", "devtmpfs", ""},
		{"devpts", "/dev/pts", "devpts", ""},
		{"tmpfs", "/dev/shm", "tmpfs", ""},
		{"tmpfs", "/run", "tmpfs", "mode=755"},
		{"/usr/lib/uml/modules/" + release(), "/lib/modules/" + release(), "", ""},
		{"none", os.Getenv(shared), "hostfs", os.Getenv(shared)},
		{"none", o.Dir, "hostfs", o.Dir},
	} {
		flags := uintptr(0)
		if m.kind == "" {
			flags = unix.MS_BIND
		}
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.source, m.target, m.kind, flags, m.data); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	return os.MkdirAll("/run/netns", 0o755)
}

// release is the kernel's version, which names the folder of its modules.
func release() string {
	var u unix.Utsname
	unix.Uname(&u)
	return unix.ByteSliceToString(u.Release[:])
}

func runTests(o order) int {
	c := exec.Command(o.Program, o.Args...)
	c.Dir = o.Dir
	c.Env = append(o.Env, role+"="+roleGuest, shared+"="+os.Getenv(shared), "HOME=/root",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	c.Stdout, c.Stderr = os.Stdout, os.Stdout
	if err := c.Run(); c.ProcessState == nil {
		fmt.Println("test kernel:", err)
		return 125
	}
	if code := c.ProcessState.ExitCode(); code >= 0 {
		return code
	}
	fmt.Println("test kernel: the tests ended by", c.ProcessState)
	return 125
}

// enter takes up the order in the process that runs the tests.
func enter() string {
	text, err := os.ReadFile(filepath.Join(os.Getenv(shared), orderFile))
	var o order
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		return err.Error()
	}
	built = o.Built
	return ""
}
