package spec

import "math"

// Isolation is what keeps an app apart from the rest, and what it may use, as
// numbers and names that need no further decision. Effective.Isolators tells where
// each comes from.
//
// One rule puts it together. For each kind of isolator (memory, cpu, capabilities,
// seccomp …) the first of these that says something of that kind decides it alone:
//
//  1. a flag of the app,
//  2. the app object of a pod manifest (App.Says), or without one the image's,
//  3. podtui's default.
//
// Whoever decides replaces the whole of the kind: sets of capabilities, of system
// calls or of rlimits are not added up, and a retain and a remove set are of one
// kind. The isolators of a pod (Pod.Isolators) replace none: they bound all its
// apps together (Resolved.Limits).
type Isolation struct {
	Capabilities    []string `json:"capabilities"` // the bounding set, CAP_…, sorted; the app's own if it runs as root
	NoNewPrivileges bool     `json:"noNewPrivileges,omitempty"`
	Seccomp         Seccomp  `json:"seccomp,omitzero"`
	ReadOnlyRoot    bool     `json:"readOnlyRoot,omitempty"`
	OOMScoreAdj     *int     `json:"oomScoreAdj,omitempty"`
	Rlimits         []Rlimit `json:"rlimits,omitempty"`  // sorted by name; others are as podtui gives them to every app
	Unmasked        bool     `json:"unmasked,omitempty"` // nothing of /proc and /sys is hidden or read-only (--insecure-options=paths)
}

// Seccomp is which system calls an app may make. The zero value is podtui's own
// profile, which is docker's.
type Seccomp struct {
	Mode  SeccompMode `json:"mode,omitempty"`
	Errno string      `json:"errno,omitempty"` // of a refused call, such as EPERM (ParseErrno); "": it kills the app (SIGSYS)
	Calls []string    `json:"calls,omitempty"` // names, and wildcards beginning with @
}

// SeccompMode is what Calls are.
type SeccompMode string

// The modes. "" is podtui's own profile.
const (
	SeccompDefault SeccompMode = ""
	SeccompRetain  SeccompMode = "retain" // only these are allowed
	SeccompRemove  SeccompMode = "remove" // all but these are
	SeccompOff     SeccompMode = "off"    // all are
)

// Rlimit is one of setrlimit(2).
type Rlimit struct {
	Name string `json:"name"` // nofile, as prlimit(1) knows it: one of RlimitNames
	Soft uint64 `json:"soft"` // Unlimited, or less
	Hard uint64 `json:"hard"`
}

// Unlimited is the kernel's word for a resource without a limit.
const Unlimited = math.MaxUint64

// DefaultPIDs is how many processes and threads an app may have if nobody says:
// podman's number.
const DefaultPIDs = 2048

// Isolator is one effective isolator as people see it.
type Isolator struct {
	Name  string `json:"name"`            // one of the kinds below
	Value string `json:"value"`           // 64Mi; "CAP_CHOWN CAP_KILL"
	From  Origin `json:"from"`            // FromDefault, FromImage, FromPodManifest, FromApp
	Image string `json:"image,omitempty"` // what the image alone says
}

// The kinds of isolators: what Isolator.Name is.
const (
	KindMemory          = "memory"
	KindCPU             = "cpu"
	KindCPUShares       = "cpuShares"
	KindPIDs            = "pids"
	KindBlockBandwidth  = "blockBandwidth"
	KindBlockIOPS       = "blockIOPS"
	KindCapabilities    = "capabilities"
	KindSeccomp         = "seccomp"
	KindNoNewPrivileges = "noNewPrivileges"
	KindReadOnlyRoot    = "readOnlyRoot"
	KindOOMScoreAdj     = "oomScoreAdj"
	KindRlimits         = "rlimits"
	KindSysctl          = "sysctl" // of a pod alone
)

// kinds are those of an app, in the order in which people see them. A later one
// may change what an earlier one has set.
func kinds() []string {
	return []string{
		KindMemory, KindCPU, KindCPUShares, KindPIDs, KindBlockBandwidth, KindBlockIOPS,
		KindCapabilities, KindSeccomp, KindNoNewPrivileges, KindReadOnlyRoot, KindOOMScoreAdj, KindRlimits,
	}
}

// podKinds are those that a pod as a whole can have.
func podKinds() []string {
	return []string{KindMemory, KindCPU, KindCPUShares, KindPIDs, KindBlockBandwidth, KindBlockIOPS, KindSysctl}
}

// Handlers are the programs that run before an app starts and after it has ended
// (aci.md, "eventHandlers"). nil: none.
type Handlers struct {
	PreStart []string `json:"preStart,omitempty"`
	PostStop []string `json:"postStop,omitempty"`
}
