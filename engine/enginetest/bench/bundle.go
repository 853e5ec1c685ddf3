package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// bundle is a container for runc and crun that does what podtui's app does: the
// same mounts, namespaces, capabilities, masked paths and devices, and a root
// that is an overlay. It has no limits (rlimits, oom_score_adj), which not every
// root may set.
type bundle struct {
	dir   string
	lower string
	in    *namespace
}

func (w *workshop) newBundle(name, lower string, in *namespace, filtered bool) (*bundle, error) {
	b := &bundle{dir: w.path(name), lower: lower, in: in}
	if err := os.MkdirAll(b.dir+"/rootfs", 0o755); err != nil {
		return nil, err
	}
	config := container()
	if filtered {
		profile, err := seccomp.GetDefaultProfile(config)
		if err != nil {
			return nil, err
		}
		config.Linux.Seccomp = profile
	}
	text, err := json.MarshalIndent(config, "", "\t")
	if err != nil {
		return nil, err
	}
	return b, os.WriteFile(b.dir+"/config.json", text, 0o644)
}

// run runs the container once with a runtime. Mounting and unmounting the root
// are in the time, making and removing its folders aren't.
func (b *bundle) run(ctx context.Context, w *workshop, runtime string) (t took, err error) {
	for _, dir := range []string{"upper", "work"} {
		if err := os.Mkdir(b.dir+"/"+dir, 0o755); err != nil {
			return t, err
		}
	}
	b.in.do(func() { t, err = runOnce(b.command(ctx, w, runtime), b.mount, b.unmount) })
	for _, dir := range []string{"upper", "work"} {
		if err := os.RemoveAll(b.dir + "/" + dir); err != nil {
			return t, err
		}
	}
	return t, err
}

func (b *bundle) command(ctx context.Context, w *workshop, runtime string) *exec.Cmd {
	return w.command(ctx, runtime, "--root", b.dir+"/state", "run", "--bundle", b.dir, "podtui-bench")
}

func (b *bundle) mount() error {
	data := "lowerdir=" + b.lower + ",upperdir=" + b.dir + "/upper,workdir=" + b.dir + "/work,volatile"
	return os.NewSyscallError("mount", unix.Mount("overlay", b.dir+"/rootfs", "overlay", 0, data))
}

func (b *bundle) unmount() error {
	return os.NewSyscallError("unmount", unix.Unmount(b.dir+"/rootfs", 0))
}

// container is what "runc spec" writes, but for what podtui does otherwise: the
// host's network, 14 capabilities, no cgroup file system, a root to write to.
func container() *specs.Spec {
	capabilities := []string{
		"CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
		"CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP",
		"CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
	}
	return &specs.Spec{
		Version: "1.0.2",
		Process: &specs.Process{
			Args:         []string{"/bin/true"},
			Env:          []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
			Cwd:          "/",
			Capabilities: &specs.LinuxCapabilities{Bounding: capabilities, Effective: capabilities, Permitted: capabilities},
		},
		Root: &specs.Root{Path: "rootfs"},
		Mounts: []specs.Mount{
			{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
			{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
			{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
			{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
			{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
		},
		Linux: &specs.Linux{
			Resources:  &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{{Access: "rwm"}}},
			Namespaces: []specs.LinuxNamespace{{Type: "pid"}, {Type: "ipc"}, {Type: "uts"}, {Type: "mount"}},
			MaskedPaths: []string{
				"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
				"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
				"/sys/devices/virtual/powercap", "/sys/firmware",
			},
			ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		},
	}
}
