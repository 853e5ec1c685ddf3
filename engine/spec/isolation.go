package spec

// Isolation is what keeps an app apart from the rest, and what it may use, as
// numbers and names that need no further decision. Effective.Isolators tells where
// each comes from.
type Isolation struct {
	Capabilities    []string `json:"capabilities"` // the bounding set, CAP_…, sorted; the app's own if it runs as root
	NoNewPrivileges bool     `json:"noNewPrivileges,omitempty"`
	Seccomp         Seccomp  `json:"seccomp,omitzero"`
	ReadOnlyRoot    bool     `json:"readOnlyRoot,omitempty"`
	OOMScoreAdj     *int     `json:"oomScoreAdj,omitempty"`
	Rlimits         []Rlimit `json:"rlimits,omitempty"`
}

// Seccomp is which system calls an app may make. The zero value is podtui's own
// profile, which is docker's.
type Seccomp struct {
	Mode  SeccompMode `json:"mode,omitempty"`
	Errno string      `json:"errno,omitempty"` // of a refused call, such as EPERM; "": it kills the app (SIGSYS)
	Calls []string    `json:"calls,omitempty"` // names, and wildcards beginning with @
}

// SeccompMode is what Calls are.
type SeccompMode string

// The modes. "" is podtui's own profile.
const (
	SeccompDefault SeccompMode = ""
	SeccompRetain  SeccompMode = "retain" // only these are allowed
	SeccompRemove  SeccompMode = "remove" // all but these are
)

// Rlimit is one of setrlimit(2).
type Rlimit struct {
	Name string `json:"name"` // nofile, as prlimit(1) knows it
	Soft uint64 `json:"soft"` // math.MaxUint64: unlimited
	Hard uint64 `json:"hard"`
}

// Isolator is one effective isolator as people see it.
type Isolator struct {
	Name  string `json:"name"`            // memory, cpu, pids, capabilities, seccomp, noNewPrivileges, readOnlyRoot, oomScoreAdj, …
	Value string `json:"value"`           // 64Mi; "CAP_CHOWN CAP_KILL"
	From  Origin `json:"from"`            // FromDefault, FromImage, FromApp
	Image string `json:"image,omitempty"` // what the image alone says
}

// Handlers are the programs that run before an app starts and after it has ended
// (aci.md, "eventHandlers"). nil: none.
type Handlers struct {
	PreStart []string `json:"preStart,omitempty"`
	PostStop []string `json:"postStop,omitempty"`
}

// DefaultCapabilities are the 14 that ace.md gives an app without isolators
// ("os/linux/capabilities-remove-set").
func DefaultCapabilities() []string {
	return []string{
		"CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
		"CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP",
		"CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
	}
}

// isolation is for a valid app.
func (a App) isolation() Isolation {
	return Isolation{Capabilities: DefaultCapabilities(), ReadOnlyRoot: a.ReadOnlyRoot != nil && *a.ReadOnlyRoot}
}
