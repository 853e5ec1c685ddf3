// Package sandbox makes the kernel's side of a pod: a first process that holds
// the namespaces, and for each app a root file system, a cgroup and a process,
// made by libcontainer. What it makes it also takes away (Pod.Close, and Sweep
// after a crash).
//
// It knows nothing of images, pod folders or output: it is handed folders,
// argument vectors and open files. It must be used by a process with a mount
// namespace of its own (see engine/supervisor): then no mount of a pod is ever
// seen by the host, and none can be left behind.
package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// Pod is a set of namespaces that apps can be started in.
type Pod struct {
	uuid     string
	stateDir string // libcontainer's records; a folder of the pod's own
	host     cgroupHost
	cacheDir string
	filter   filter // of an app that asks for none of its own
	users    Users
	network  bool // of its own
	making   making
	init     *podInit
	limits   spec.Limits // of all apps together
	starts   starts
	sysctls  map[string]string // set by each app's start

	networkSysctls map[string]string // set once (TuneNetwork)

	mu       sync.Mutex
	apps     []*Process // that have to be reaped
	warnings []Warning
	told     map[Warning]bool

	expecting sync.WaitGroup
}

// Options say what a pod is to be.
type Options struct {
	UUID     string
	Hostname string
	StateDir string // libcontainer's records: private to the pod
	CacheDir string // shared by all pods
	Users    Users  // the pod's own; none: the host's
	Network  bool   // the pod has a network namespace of its own, with nothing but a loopback that is up
}

// Start begins to make the pod's namespaces; Await waits for them, and what needs them
// does. All apps share its PID, IPC and UTS namespaces, and its network namespace or the
// caller's. A pod that comes with an error is to be closed all the same.
func Start(o Options) (*Pod, error) {
	host := lookAtHost()
	if host.unusable != nil {
		if err := withoutCgroups(); err != nil {
			return nil, fmt.Errorf("%w; cgroup2 can't be mounted: %w", host.unusable, err)
		}
	}
	p := &Pod{uuid: o.UUID, stateDir: o.StateDir, cacheDir: o.CacheDir, host: host, users: o.Users, network: o.Network, init: startInit(o)}
	var err error
	if p.filter, err = loadFilter(o.CacheDir, spec.Isolation{}); err != nil {
		return p, fmt.Errorf("seccomp profile: %w", err)
	}
	return p, nil
}

// Await waits until the pod's namespaces are there. Where they can't be made, nothing
// can be made that needs them.
func (p *Pod) Await() error { return p.init.await() }

// namespace returns the path by which an app joins one of the pod's namespaces.
func (p *Pod) namespace(kind string) string {
	return fmt.Sprintf("/proc/%d/ns/%s", p.init.pid(), kind)
}

// Expect says which apps will be created, so that what takes time and needs
// nothing else is done meanwhile. It need not be called.
func (p *Pod) Expect(apps ...string) {
	if p.host.unusable != nil {
		return
	}
	p.expecting.Go(func() {
		p.host.makeCgroups(p.uuid, apps)
	})
}

func (p *Pod) add(app *Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.apps = append(p.apps, app)
}

func (p *Pod) drop(app *Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.apps = slices.DeleteFunc(p.apps, func(other *Process) bool { return other == app })
}

// Kill ends every process of the pod at once. Close is still needed.
func (p *Pod) Kill() {
	p.mu.Lock()
	for _, app := range p.apps {
		app.noteKill()
	}
	p.mu.Unlock()
	p.init.kill()
}

// Close ends every process of the pod and takes away its cgroups. Nobody may
// be in Wait.
func (p *Pod) Close() error {
	p.Kill()
	// The kernel keeps init until all of its namespace have been reaped, and
	// the apps are our children, not its.
	for _, app := range p.apps {
		app.reap()
	}
	late := p.init.wait()
	p.expecting.Wait()
	return errors.Join(late, p.sweep())
}

// PrivateMounts makes this process's mounts invisible to the host, while new
// mounts of the host still arrive here. The caller was started with
// CLONE_NEWNS.
func PrivateMounts() error {
	err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, "")
	if errors.Is(err, unix.EINVAL) {
		return errors.New("/ is not a mount point (a chroot?): pods need one, to leave it behind")
	}
	if err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	return nil
}
