package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/podtui/podtui/engine/spec"
)

// Warning is about something that an app asks for, or the pod, and this host can't
// do: it goes without.
type Warning struct {
	App     string // "": the pod
	Message string
}

// Warnings are those that have come up since the last call. Of an app that is made
// again and again the same is said once.
func (p *Pod) Warnings() []Warning {
	p.mu.Lock()
	defer p.mu.Unlock()
	warnings := p.warnings
	p.warnings = nil
	return warnings
}

func (p *Pod) warn(app string, messages ...string) {
	app, _, _ = strings.Cut(app, ".") // a handler is its app's
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, message := range messages {
		warning := Warning{app, message}
		if message == "" || p.told[warning] {
			continue
		}
		if p.told == nil {
			p.told = make(map[Warning]bool)
		}
		p.told[warning] = true
		p.warnings = append(p.warnings, warning)
	}
}

// Bound sets what all apps together may use, and says what the kernel's settings of
// the pod's own namespaces are to be (TuneNetwork). It comes before the first app. How many processes they may have
// counts when all are executed (starts).
func (p *Pod) Bound(limits spec.Limits, sysctls map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(sysctls)) {
		if err := CheckSysctl(key, p.network); err != nil {
			return err
		}
	}
	p.limits = limits
	p.sysctls, p.networkSysctls = splitSysctls(sysctls)
	limits.PIDs = 0
	p.hold("", limits)
	return nil
}

// Limits are those of all apps together.
func (p *Pod) Limits() spec.Limits { return p.limits }

// confine limits an app that is to be made.
func (p *Pod) confine(app App) {
	limits := app.Limits
	limits.PIDs = 0
	if p.limits.CPU > 0 { // v1 refuses an app more than its pod
		limits.CPU = min(limits.CPU, p.limits.CPU)
	}
	p.hold(app.Name, limits)
}

// confineMade limits what an app that is made, and waits, may make: its start needs
// more processes and threads than an app may be limited to.
func (p *Pod) confineMade(app App) {
	p.hold(app.Name, spec.Limits{PIDs: app.Limits.PIDs})
}

// starts are the pod's apps that are being made, or wait. While there is one, the
// pod's limit of processes is lifted: a start that may make no thread dies, and what
// waits would leave a handler less than it is to have. Each app's own limit holds.
type starts struct {
	mu   sync.Mutex
	n    int
	held bool
}

// beginStart comes before an app is made.
func (p *Pod) beginStart() {
	p.starts.mu.Lock()
	defer p.starts.mu.Unlock()
	p.starts.n++
	if p.starts.held {
		p.starts.held = false
		p.host.lift(cgroupPath(p.uuid, ""), "pids", "pids.max")
	}
}

// endStart is for an app that is about to be executed, or never will be.
func (p *Pod) endStart() {
	p.starts.mu.Lock()
	defer p.starts.mu.Unlock()
	p.starts.n--
	if p.starts.n == 0 && p.limits.PIDs > 0 {
		p.starts.held = true
		p.hold("", spec.Limits{PIDs: p.limits.PIDs})
	}
}

// lift takes a limit back. One that can't be was not held.
func (host cgroupHost) lift(cgroup, controller, file string) {
	if h, err := host.holder(controller); err == nil {
		_ = setting{file: file, value: "max"}.write(h.folder(cgroup))
	}
}

// hold sets limits of an app, or of the pod, and warns of those that aren't held.
func (p *Pod) hold(app string, limits spec.Limits) {
	u := p.host.confine(cgroupPath(p.uuid, app), limits)
	if limits.PIDs == spec.DefaultPIDs { // nobody has asked for it
		return
	}
	if warning := u.warning(); warning != "" {
		p.warn(app, fmt.Sprintf("its %s", warning))
	}
}

// filterOf is an app's seccomp filter.
func (p *Pod) filterOf(isolation spec.Isolation) (filter, error) {
	if isolation.Seccomp.Mode == spec.SeccompDefault && slices.Equal(capabilitiesOf(isolation), spec.DefaultCapabilities()) {
		return p.filter, nil
	}
	filter, err := loadFilter(p.cacheDir, isolation)
	if err != nil {
		return nil, fmt.Errorf("seccomp: %w", err)
	}
	return filter, nil
}
