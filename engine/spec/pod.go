// Package spec says what a pod is, as plain data, before anything is done with
// it. A form in the TUI, a command line, a saved draft: each only produces a
// Pod; the engine alone makes it real.
//
// The package checks a Pod (Check: every problem, with the path of its field),
// reads and writes it as the command line of "podtui run" (Parse and
// CommandLine are each other's inverse), and turns it into an appc pod
// manifest once every image has an ID, and such a manifest into a Pod
// (FromManifest). How a pod's wishes and what its images say become one (which
// executable, which environment, which isolators, what is mounted where) is
// decided in Resolve and nowhere else: the engine runs what it returns, and a
// form shows it. The rule by which isolators become one stands at Isolation.
//
// It does no I/O, and imports nothing else of podtui.
package spec

import "encoding/json"

// Pod is what "podtui run" is asked to run. The zero values of its fields mean
// "as the image says" or the documented default, never a hidden value.
type Pod struct {
	Name    string   `json:"name,omitempty"` // what to call the pod, beside its UUID
	Apps    []App    `json:"apps"`
	Volumes []Volume `json:"volumes,omitempty"`
	Mounts  []Mount  `json:"mounts,omitempty"` // for every app
	Network Network  `json:"network,omitzero"`
	Ports   []Port   `json:"ports,omitempty"` // published on the host; with a private network

	Pull        PullPolicy `json:"pull,omitempty"`        // when an image's source is asked
	VerifyImage bool       `json:"verifyImage,omitempty"` // every file of the images is checked before they run

	InheritEnv bool     `json:"inheritEnv,omitempty"` // apps get the environment of podtui's caller
	EnvFiles   []string `json:"envFiles,omitempty"`   // --set-env-file, as typed; who runs the pod reads them (Surroundings.EnvFile)
	Env        []Var    `json:"env,omitempty"`        // --set-env, for every app

	Hostname     string       `json:"hostname,omitempty"` // "": made of its UUID
	DNS          DNS          `json:"dns,omitzero"`
	HostsEntries []HostsEntry `json:"hostsEntries,omitempty"` // beside what /etc/hosts of each image says

	PrivateUsers bool `json:"privateUsers,omitempty"` // root in the pod is nobody on the host
	NoOverlay    bool `json:"noOverlay,omitempty"`    // the images' files are copied, not stacked

	// What only a pod manifest can say (FromManifest). ManifestFile is where it came
	// from, as typed; then the pod has the command line --pod-manifest=FILE.
	ManifestFile    string          `json:"manifestFile,omitempty"`
	Isolators       json.RawMessage `json:"isolators,omitempty"`  // appc's, which bound all apps together
	Annotations     []Var           `json:"annotations,omitzero"` // an empty list is not the same as none
	UserAnnotations []Var           `json:"userAnnotations,omitempty"`
	UserLabels      []Var           `json:"userLabels,omitempty"`

	OnFailure   OnFailure `json:"onFailure,omitempty"`   // what the failure of one app means for the others
	Interactive bool      `json:"interactive,omitempty"` // the one app has an input, and a terminal if its front end has

	// RegisterMDS asks for the metadata service; nil: the default, which is true.
	RegisterMDS *bool `json:"registerMDS,omitempty"`
}

// App is one image to run, and what is different from what the image says.
type App struct {
	Image     string `json:"image"`               // a reference as typed, see engine/imageref
	Signature string `json:"signature,omitempty"` // a file of the host as typed, in place of the signature at the image's source
	Name      string `json:"name,omitempty"`      // "": the last element of the image's name

	Exec       string   `json:"exec,omitempty"`       // replaces the image's exec and its arguments
	Args       []string `json:"args,omitempty"`       // appended to the image's exec, or to Exec
	Env        []Var    `json:"env,omitempty"`        // --environment
	User       string   `json:"user,omitempty"`       // a number, a name of the image's passwd, or a path in the image
	Group      string   `json:"group,omitempty"`      // likewise
	WorkingDir string   `json:"workingDir,omitempty"` // absolute
	Mounts     []Mount  `json:"mounts,omitempty"`

	SupplementaryGIDs []int `json:"supplementaryGIDs,omitempty"` // in place of the image's
	ReadOnlyRoot      *bool `json:"readOnlyRoot,omitempty"`
	Annotations       []Var `json:"annotations,omitzero"` // over the image's, for the metadata service
	Labels            []Var `json:"labels,omitempty"`     // the user's own (pods.md, "userLabels")

	// Isolators that stand in place of the image's of the same kind (see Isolation).
	CapsRetain      []string `json:"capsRetain,omitempty"` // CAP_NET_ADMIN, or net_admin; not with CapsRemove
	CapsRemove      []string `json:"capsRemove,omitempty"`
	Seccomp         string   `json:"seccomp,omitempty"` // mode=retain|remove,errno=NAME,CALL,@WILDCARD,…
	NoNewPrivileges *bool    `json:"noNewPrivileges,omitempty"`

	// Says is an appc "app" object in place of the image's (pods.md, "app"): of a
	// pod manifest alone.
	Says json.RawMessage `json:"says,omitempty"`

	// ImageName is what a pod manifest calls the image that it has by its ID.
	ImageName string `json:"imageName,omitempty"`

	// What follows is kept as it was typed; Resolve has the numbers.
	Memory      string `json:"memory,omitempty"`      // the most it may use: bytes, or 64M, 64Mi
	CPU         string `json:"cpu,omitempty"`         // the most it may use: cores (0.5), or thousandths (500m)
	CPUShares   string `json:"cpuShares,omitempty"`   // 2…262144: its part beside others when there is not enough for all
	PIDs        string `json:"pids,omitempty"`        // the most processes and threads it may have, or max
	OOMScoreAdj string `json:"oomScoreAdj,omitempty"` // -1000…1000: what is killed first when the host has no memory left
	Rlimits     []Var  `json:"rlimits,omitempty"`     // nofile=1024:4096 (soft:hard), or =1024
	Restart     string `json:"restart,omitempty"`     // no, on-failure, on-failure:N or always
	StopSignal  string `json:"stopSignal,omitempty"`  // a name, with SIG or without, or a number
	StopTimeout string `json:"stopTimeout,omitempty"` // between that signal and SIGKILL: 30s
}

// Var is one environment variable.
type Var struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Kinds of volumes.
const (
	HostVolume  = "host"  // a folder or file of the host
	EmptyVolume = "empty" // a folder of the pod's own, which ends with it
)

// Volume is storage with a name that mount points refer to.
type Volume struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`             // HostVolume or EmptyVolume
	Source    string `json:"source,omitempty"` // absolute; HostVolume only
	ReadOnly  *bool  `json:"readOnly,omitempty"`
	Recursive *bool  `json:"recursive,omitempty"` // bind what is mounted below Source too; nil: true

	// Of an EmptyVolume.
	Mode   string `json:"mode,omitempty"`   // octal; "": 0755
	UID    *int   `json:"uid,omitempty"`    // nil: 0
	GID    *int   `json:"gid,omitempty"`    // nil: 0
	Medium string `json:"medium,omitempty"` // "" or MemoryMedium
	Size   string `json:"size,omitempty"`   // of a MemoryMedium, as --memory takes it; "": half the host's
}

// MemoryMedium makes an empty volume a tmpfs.
const MemoryMedium = "memory"

// Mount binds a volume to a path of an app, beside the mount points that the
// image declares.
type Mount struct {
	Volume string `json:"volume"`
	Path   string `json:"path"` // absolute, in the app's root
}

// DNS is what /etc/resolv.conf of every app says. Without Servers it is the
// host's.
type DNS struct {
	Servers []string `json:"servers,omitempty"` // addresses; or only "none": the image's file stays
	Search  []string `json:"search,omitempty"`
	Options []string `json:"options,omitempty"`
}

// HostsEntry is a line of /etc/hosts.
type HostsEntry struct {
	IP   string `json:"ip"`
	Name string `json:"name"`
}
