package spec

import "strings"

// A RunFlag is a flag of "podtui run" as people see it: for help, completion,
// and the test that every flag has its field in the form.
type RunFlag struct {
	Name  string // without dashes
	Value string // what its value is, in capitals; "": a switch, which takes =true or =false
	Help  string
	Scope Scope

	// Front is set on a flag that is no part of the pod but says how it is run
	// from here. Who wants to know it hands Parse a Flag of its name.
	Front bool

	optional bool // the value may be left out, though it is no switch
	set      setter
}

// setter puts a value into the pod. It returns a *UsageError or nil.
type setter func(p *parser, value string) error

// Scope is what a flag changes, which decides where it may stand.
type Scope int

// A flag of an app follows the image that it changes; all others stand
// anywhere.
const (
	PodScope  Scope = iota // the pod
	AppScope               // the app before it
	BothScope              // every app if it stands before the first image, else the app before it
)

// RunFlags lists the flags of "podtui run", those of the pod first. Flags that
// belong to podtui as a whole are not among them: see Flag.
func RunFlags() []RunFlag {
	return append(podFlags(), appFlags()...)
}

func podFlags() []RunFlag {
	return []RunFlag{
		{Name: "inherit-env", Help: "apps get the environment of podtui's caller", set: setInheritEnv},
		{Name: "set-env", Value: "NAME=VALUE", Help: "an environment variable for every app", set: setEnv},
		{Name: "set-env-file", Value: "FILE", Help: "environment variables for every app, one NAME=VALUE a line; # and ; begin comments", set: addEnvFile},
		{Name: "volume", Value: "NAME,kind=host|empty,source=PATH,readOnly=BOOL,recursive=BOOL,mode=0755,uid=N,gid=N,medium=memory,size=BYTES",
			Help: "storage that mount points refer to by name; of the host: source, recursive; empty: mode, uid, gid, and medium=memory with a size", set: addVolume},
		{Name: "mount", Value: "volume=NAME,target=PATH", Scope: BothScope,
			Help: "a volume at a path: before the first image for all apps, else for the app before it", set: addMount},
		{Name: "net", Value: "NAME[:ARGS],…", Help: "networks: host, which is the default; none; default, default-restricted, default6 or others that are configured, with arguments K=V;K=V", set: setNet},
		{Name: "private-net", Value: "NAME,…", Help: "a network of its own, the same as --net=default; =false is --net=host", optional: true, set: setPrivateNet},
		{Name: "port", Value: "NAME:[HOSTIP:]HOSTPORT", Help: "publish a port of an image, by its name there, on the host; with a private network", set: addPort},
		{Name: "register-mds", Help: "the pod has the metadata service, which is the default; =false: it hasn't", set: setRegisterMDS},
		{Name: "mds-register", Help: "the same as --register-mds", set: setRegisterMDS},
		{Name: "pull-policy", Value: "new|update|never", Help: "when to ask an image's source: if the store has none, always, or not at all", set: setPullPolicy},
		{Name: "store-only", Help: "the same as --pull-policy=never", set: setPull("--store-only", PullNever)},
		{Name: "no-store", Help: "the same as --pull-policy=update", set: setPull("--no-store", PullUpdate)},
		{Name: "verify-image", Help: "check every file of the images before they run", set: setVerifyImage},

		{Name: "pod-name", Value: "NAME", Help: "a name that serves wherever the pod's UUID does", set: setPodName},
		{Name: "on-failure", Value: "stop|continue", Help: "what the failure of one app means for the others: stop, which is the default", set: setOnFailure},
		{Name: "interactive", Help: "the app gets podtui's input, and a terminal if that is one", set: setInteractive},
		{Name: "detach", Front: true, Help: "print the pod's UUID once its apps run, and leave it running"},
		{Name: "uuid-file-save", Value: "FILE", Front: true, Help: "write the pod's UUID to a file"},

		{Name: "hostname", Value: "NAME", Help: "the pod's host name; without, it is made of the pod's UUID", set: setHostname},
		{Name: "dns", Value: "ADDRESS|none", Help: "a name server instead of the host's; none: /etc/resolv.conf stays the image's", set: addDNS},
		{Name: "dns-search", Value: "DOMAIN", Help: "a domain to search names in", set: addDNSSearch},
		{Name: "dns-opt", Value: "OPTION", Help: "an option of the resolver, such as ndots:2", set: addDNSOption},
		{Name: "hosts-entry", Value: "IP=NAME", Help: "a line of /etc/hosts, beside the image's", set: addHostsEntry},
		{Name: "private-users", Help: "root in the pod is nobody on the host", set: setPrivateUsers},
		{Name: "no-overlay", Help: "copy the images' files instead of stacking them", set: setNoOverlay},
		{Name: "pod-manifest", Value: "FILE|-", Help: "run what an appc pod manifest says, without images beside it", set: setPodManifest},
		{Name: "dry-run", Front: true, Help: "check and show the pod, make nothing"},
	}
}

func appFlags() []RunFlag {
	return []RunFlag{
		{Name: "exec", Value: "PATH", Scope: AppScope, Help: "an executable instead of the image's, and its arguments", set: setExec},
		{Name: "signature", Value: "FILE", Scope: AppScope, Help: "the signature of its image, in place of the one at its source", set: setSignature},
		{Name: "name", Value: "NAME", Scope: AppScope, Help: "the app's name", set: setName},
		{Name: "user", Value: "USER", Scope: AppScope, Help: "who runs it: a number, a name, or a path in the image", set: setUser},
		{Name: "group", Value: "GROUP", Scope: AppScope, Help: "its group: a number, a name, or a path in the image", set: setGroup},
		{Name: "working-dir", Value: "PATH", Scope: AppScope, Help: "the folder it starts in", set: setWorkingDir},
		{Name: "environment", Value: "NAME=VALUE", Scope: AppScope, Help: "an environment variable", set: setAppEnv},
		{Name: "memory", Value: "BYTES", Scope: AppScope, Help: "the most memory it may use: 64M (millions), 64Mi (1024 × 1024)", set: setMemory},
		{Name: "cpu", Value: "CORES", Scope: AppScope, Help: "the most processor time it may use: 0.5, or 500m", set: setCPU},
		{Name: "cpu-shares", Value: "N", Scope: AppScope, Help: "its part of the processors when there is not enough for all: 2 to 262144, and 1024 is what everybody has", set: setCPUShares},
		{Name: "pids", Value: "N|max", Scope: AppScope, Help: "the most processes and threads it may have: 2048, which is the default", set: setPIDs},
		{Name: "restart", Value: "no|on-failure[:N]|always", Scope: AppScope, Help: "when to start it again: no, which is the default", set: setRestart},
		{Name: "stop-signal", Value: "SIGNAL", Scope: AppScope, Help: "what asks it to end: SIGTERM, which is the default", set: setStopSignal},
		{Name: "stop-timeout", Value: "DURATION", Scope: AppScope, Help: "how long it may take to end before it is killed: 10s, which is the default", set: setStopTimeout},

		{Name: "supplementary-gids", Value: "GID,…", Scope: AppScope, Help: "further groups, instead of the image's", set: setSupplementaryGIDs},
		{Name: "caps-retain", Value: "CAP,…", Scope: AppScope, Help: "the only capabilities it keeps, instead of the image's or the 14 by default", set: setCapsRetain},
		{Name: "caps-remove", Value: "CAP,…", Scope: AppScope, Help: "capabilities that it loses of the 14 by default", set: setCapsRemove},
		{Name: "seccomp", Value: "mode=retain|remove[,errno=NAME],CALL|@WILDCARD,…", Scope: AppScope,
			Help: "the only system calls it may make, or those that it may not; without errno a refused one kills it", set: setSeccomp},
		{Name: "no-new-privileges", Scope: AppScope, Help: "setuid programs and the like give it no more than it has", set: setNoNewPrivileges},
		{Name: "readonly-rootfs", Scope: AppScope, Help: "it can't write to its root", set: setReadOnlyRoot},
		{Name: "oom-score-adjust", Value: "N", Scope: AppScope, Help: "from -1000 to 1000: what is killed first when the host has no memory left", set: setOOMScore},
		{Name: "rlimit", Value: "NAME=SOFT[:HARD]", Scope: AppScope, Help: "a limit of setrlimit(2): nofile=1024:4096, core=unlimited", set: addRlimit},
		{Name: "annotation", Value: "NAME=VALUE", Scope: AppScope, Help: "an annotation, over the image's, which the metadata service tells", set: addAnnotation},
		{Name: "label", Value: "NAME=VALUE", Scope: AppScope, Help: "a label of your own, which changes nothing", set: addLabel},
	}
}

// usage shows how a flag is written.
func (f RunFlag) usage() string {
	switch {
	case f.Value == "":
		return "--" + f.Name + "[=BOOL]"
	case f.optional:
		return "--" + f.Name + "[=" + f.Value + "]"
	}
	return "--" + f.Name + "=" + f.Value
}

// needsValue reports whether the argument after the flag is its value if it has
// none of its own.
func (f RunFlag) needsValue() bool { return f.Value != "" && !f.optional }

// Nearest is the one of the known words that a mistyped one is likely to mean, or
// "".
func Nearest(name string, known []string) string {
	best, least := "", 1+min(2, (len(name)+2)/3)
	for _, k := range known {
		d := distance(name, k)
		if strings.HasPrefix(k, name) && len(name) >= 3 {
			d = min(d, 1)
		}
		if d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to put in, take out or change (Levenshtein).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
