package spec

import (
	"bytes"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyText makes what people and programs pass: words of the grammar, blanks,
// quotes, newlines, escapes, bytes that are no UTF-8; never NUL.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "--", "-x", "--name=x", "=", ",", `"`, "'", "a b", "ä\u202e", "\n", "\x1b[31m", "\xff\xfe", "$(id)", "~", "*", "\U0010FF80", "\\", "!"}),
		rapid.StringMatching(`[a-z0-9 ,="'$\\/-]{0,12}`),
		rapid.Map(rapid.SliceOfN(rapid.ByteRange(1, 255), 0, 8), func(b []byte) string { return string(b) }),
	)
}

func acName() *rapid.Generator[string] { return rapid.StringMatching(`[a-z0-9]{1,3}(-[a-z0-9]{1,3})?`) }

func anyPath() *rapid.Generator[string] {
	return rapid.Map(anyText(), func(s string) string { return "/p/" + s })
}

func optional[T any](g *rapid.Generator[T]) *rapid.Generator[T] {
	var zero T
	return rapid.OneOf(rapid.Just(zero), g)
}

func vars() *rapid.Generator[[]Var] {
	v := rapid.Custom(func(t *rapid.T) Var {
		return Var{rapid.StringMatching(`[A-Z_][A-Z0-9_.-]{0,2}`).Draw(t, "name"), anyText().Draw(t, "value")}
	})
	return optional(rapid.SliceOfNDistinct(v, 1, 4, func(v Var) string { return v.Name }))
}

func mounts(volumes []Volume) *rapid.Generator[[]Mount] {
	if len(volumes) == 0 {
		return rapid.Just[[]Mount](nil)
	}
	m := rapid.Custom(func(t *rapid.T) Mount {
		return Mount{rapid.SampledFrom(volumes).Draw(t, "volume").Name, anyPath().Draw(t, "path")}
	})
	return optional(rapid.SliceOfN(m, 1, 3))
}

func volumes() *rapid.Generator[[]Volume] {
	boolean := optional(rapid.Map(rapid.Bool(), func(b bool) *bool { return &b }))
	v := rapid.Custom(func(t *rapid.T) Volume {
		v := Volume{Name: acName().Draw(t, "name"), Kind: EmptyVolume, ReadOnly: boolean.Draw(t, "ro"), Recursive: boolean.Draw(t, "rec")}
		if rapid.Bool().Draw(t, "host") {
			v.Kind, v.Source = HostVolume, anyPath().Draw(t, "source")
			return v
		}
		id := optional(rapid.SampledFrom([]*int{ptr(0), ptr(1000), ptr(maxID)}))
		v.Mode = optional(rapid.SampledFrom([]string{"0700", "1777", "0755"})).Draw(t, "mode")
		v.UID, v.GID = id.Draw(t, "uid"), id.Draw(t, "gid")
		if v.Medium = optional(rapid.Just(MemoryMedium)).Draw(t, "medium"); v.Medium != "" {
			v.Size = optional(rapid.SampledFrom([]string{"64M", "4096"})).Draw(t, "size")
		}
		return v
	})
	return optional(rapid.SliceOfNDistinct(v, 1, 3, func(v Volume) string { return v.Name }))
}

func apps(volumes []Volume) *rapid.Generator[[]App] {
	app := rapid.Custom(func(t *rapid.T) App {
		a := App{
			Image:      rapid.SampledFrom([]string{"example.com/a:1,b=c", "sha512-ab", "./a b", "/\xff", "docker://busybox"}).Draw(t, "image"),
			Signature:  optional(anyText()).Draw(t, "signature"),
			Name:       optional(acName()).Draw(t, "name"),
			Exec:       optional(anyText()).Draw(t, "exec"),
			Args:       optional(rapid.SliceOfN(anyText(), 1, 4)).Draw(t, "args"),
			Env:        vars().Draw(t, "env"),
			User:       optional(rapid.SampledFrom([]string{"0", "nobody", "/etc/passwd"})).Draw(t, "user"),
			Group:      optional(rapid.SampledFrom([]string{"0", "nogroup"})).Draw(t, "group"),
			WorkingDir: optional(anyPath()).Draw(t, "dir"),
			Mounts:     mounts(volumes).Draw(t, "mounts"),

			Memory:      optional(rapid.SampledFrom([]string{"64Mi", "1.5G"})).Draw(t, "memory"),
			CPU:         optional(rapid.SampledFrom([]string{"0.5", "250m"})).Draw(t, "cpu"),
			Restart:     optional(rapid.SampledFrom([]string{"no", "always", "on-failure:3"})).Draw(t, "restart"),
			StopSignal:  optional(rapid.SampledFrom([]string{"INT", "9"})).Draw(t, "stop signal"),
			StopTimeout: optional(rapid.SampledFrom([]string{"0s", "1m30s"})).Draw(t, "stop timeout"),
		}
		isolate(t, &a)
		return a
	})
	return rapid.SliceOfN(app, 1, 3)
}

// isolate gives an app isolators, in any spelling that is taken.
func isolate(t *rapid.T, a *App) {
	boolean := optional(rapid.Map(rapid.Bool(), func(b bool) *bool { return &b }))
	caps := optional(rapid.SliceOfN(rapid.SampledFrom([]string{"CAP_CHOWN", "net_admin", "Kill", "CAP_KILL"}), 1, 3))
	if rapid.Bool().Draw(t, "retain") {
		a.CapsRetain = caps.Draw(t, "caps")
	} else {
		a.CapsRemove = caps.Draw(t, "caps")
	}
	a.Seccomp = optional(rapid.SampledFrom([]string{
		"mode=retain,read,write", "errno=EPERM,mode=remove,reboot", "mode=retain,@appc.io/all", "mode=remove,@appc.io/empty,x", "@docker/default-blacklist,mode=remove",
	})).Draw(t, "seccomp")
	a.NoNewPrivileges, a.ReadOnlyRoot = boolean.Draw(t, "nnp"), boolean.Draw(t, "read-only")
	a.CPUShares = optional(rapid.SampledFrom([]string{"2", "1024"})).Draw(t, "shares")
	a.PIDs = optional(rapid.SampledFrom([]string{"100", "max"})).Draw(t, "pids")
	a.OOMScoreAdj = optional(rapid.SampledFrom([]string{"-1000", "0", "17"})).Draw(t, "oom")
	a.SupplementaryGIDs = optional(rapid.SliceOfN(rapid.IntRange(0, maxID), 1, 3)).Draw(t, "gids")
	if rapid.Bool().Draw(t, "rlimits") {
		a.Rlimits = []Var{{"nofile", "1024:4096"}, {"core", "unlimited"}}
	}
	if rapid.Bool().Draw(t, "annotations") {
		text := rapid.SampledFrom([]string{"", "a=b", "ü\n\x1b", "--"})
		a.Annotations = []Var{{"example.com/x", text.Draw(t, "annotation")}, {"created", "2014-10-27T19:32:27Z"}}
		a.Labels = []Var{{"My Label", text.Draw(t, "label")}}
	}
}

func networks() *rapid.Generator[[]string] {
	name := rapid.SampledFrom([]string{"default", "default6", "b.c-d_e", "X:IP=10.1.2.3;IgnoreUnknown=1", "0:A="})
	return rapid.OneOf(rapid.SampledFrom([][]string{nil, {"host"}, {"none"}, {"default"}}), rapid.SliceOfNDistinct(name, 1, 3, rapid.ID[string]))
}

// ports are of the image of TestManifestOfAPodRunsTheSame, and may be in each other's
// way.
func ports(networks []string) *rapid.Generator[[]Port] {
	if len(Network{networks}.Named()) == 0 {
		return rapid.Just[[]Port](nil)
	}
	port := rapid.Custom(func(t *rapid.T) Port {
		return Port{
			Name: rapid.SampledFrom([]string{"http", "8080-tcp", "data"}).Draw(t, "name"), HostPort: rapid.IntRange(1, 65535).Draw(t, "host port"),
			HostIP: optional(rapid.SampledFrom([]string{"127.0.0.1", "0.0.0.0", "::", "0:0::1", "::1"})).Draw(t, "address"),
		}
	})
	return optional(rapid.SliceOfN(port, 1, 3))
}

// anyPod makes pods by form, most of them valid.
func anyPod() *rapid.Generator[Pod] {
	return rapid.Custom(func(t *rapid.T) Pod {
		vs, names := volumes().Draw(t, "volumes"), networks().Draw(t, "networks")
		servers := []string{"none"}
		if rapid.Bool().Draw(t, "dns") {
			servers = []string{"1.1.1.1", "fe80::1%eth0"}
		}
		return Pod{
			EnvFiles:     optional(rapid.SliceOfN(anyPath(), 1, 2)).Draw(t, "files"),
			Hostname:     optional(rapid.SampledFrom([]string{"web", "a.b-c.D1"})).Draw(t, "hostname"),
			DNS:          DNS{Servers: optional(rapid.Just(servers)).Draw(t, "servers"), Search: optional(rapid.Just([]string{"example.com", "."})).Draw(t, "search"), Options: optional(rapid.Just([]string{"ndots:2"})).Draw(t, "opts")},
			HostsEntries: optional(rapid.Just([]HostsEntry{{"127.0.0.1", "a"}, {"::1", "a"}})).Draw(t, "hosts"),
			PrivateUsers: rapid.Bool().Draw(t, "private users"),
			NoOverlay:    rapid.Bool().Draw(t, "no overlay"),

			Apps: apps(vs).Draw(t, "apps"), Volumes: vs, Mounts: mounts(vs).Draw(t, "pod mounts"),
			Network: Network{names}, Ports: ports(names).Draw(t, "ports"),
			InheritEnv:  rapid.Bool().Draw(t, "inherit"),
			Env:         vars().Draw(t, "set-env"),
			Name:        optional(acName()).Draw(t, "pod name"),
			OnFailure:   optional(rapid.SampledFrom([]OnFailure{StopOthers, ContinueOthers})).Draw(t, "on failure"),
			Interactive: rapid.Bool().Draw(t, "interactive"),
			RegisterMDS: optional(rapid.SampledFrom([]*bool{ptr(false), ptr(true)})).Draw(t, "mds"),
		}
	})
}

func validPod() *rapid.Generator[Pod] {
	return anyPod().Filter(func(p Pod) bool { return p.Check() == nil })
}

func TestParseIsTheInverseOfCommandLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pod := validPod().Draw(t, "pod")
		got, err := Parse(pod.CommandLine())
		if err != nil || !reflect.DeepEqual(got, pod) {
			t.Fatalf("%q\n got %+v, %v\nwant %+v", pod.CommandLine(), got, err, pod)
		}
	})
}

func TestWhatWasReadIsWrittenAndReadTheSame(t *testing.T) {
	t.Parallel()
	word := rapid.OneOf(anyText(), rapid.SampledFrom([]string{
		"img", "--", "---", "--signature=s.asc", "--signature", "--exec", "/x", "--exec=/y", "--set-env=A=b", "--set-env=C=", "--inherit-env", "--inherit-env=0",
		"--volume=v,kind=host,source=/s", `--volume=w,kind=empty,"source=,"`, "--mount=volume=v,target=/t", "--name=n", "--user", "1",
		"--net=host", "--private-net=false", "--private-net", "--net=a,b:X=1", "--net", "none", "--port=http:80", "--port=a:[::1]:8", "--port=b:x:09", "--port", "c:1", "--register-mds=false", "--environment=E=1", "--working-dir=/w", "--detach=false",
		"--caps-retain=a,,net_admin", "--caps-remove=kill", "--seccomp=mode=retain,read", "--seccomp=,=", "--no-new-privileges", "--readonly-rootfs=0",
		"--supplementary-gids=1,007", "--rlimit=nofile=1", "--rlimit", "core=x", "--annotation=a=b", "--label=L=", "--pids=max", "--cpu-shares=3", "--oom-score-adjust=-7",
		"--hostname=h", "--dns=none", "--dns=::1", "--dns-search=.", "--dns-opt=x", "--hosts-entry=1.1.1.1=h", "--hosts-entry=x", "--private-users", "--no-overlay=false",
		"--set-env-file=f", "--pod-manifest=-", "--volume=e,kind=empty,mode=7,uid=0,gid=08,medium=memory,size=x",
	}))
	rapid.Check(t, func(t *rapid.T) {
		checkStable(t, rapid.SliceOfN(word, 0, 12).Draw(t, "args"))
	})
}

func TestCommandLineOfADraftNeverFails(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pod := anyPod().Draw(t, "pod")
		pod.Apps[0].Image = anyText().Draw(t, "image")
		pod.Apps[0].Name = anyText().Draw(t, "name")
		_ = Quote(pod.CommandLine())
	})
}

func TestCommandLineIsCanonical(t *testing.T) {
	t.Parallel()
	pod, err := Parse(strings.Fields("a --name x -- 1 2 --- b --set-env A=b --exec /e -- 3 --- --mds-register=false --volume v,source=/s,kind=host"))
	want := "--set-env=A=b --volume=v,kind=host,source=/s --register-mds=false a --name=x -- 1 2 --- b --exec=/e -- 3"
	if got := strings.Join(pod.CommandLine(), " "); err != nil || got != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestQuoteIsPlainWhereItCan(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"run ./a-1.aci -- x=1":       {"run", "./a-1.aci", "--", "x=1"},
		"''":                         {""},
		"'a b'":                      {"a b"},
		`'it'\''s'`:                  {"it's"},
		"--set-env='A=b c'":          {"--set-env=A=b c"},
		"--set-env=A=b":              {"--set-env=A=b"},
		"'=x'":                       {"=x"},
		"'~' '*' '$HOME'":            {"~", "*", "$HOME"},
		"'grün'":                     {"grün"},
		`$'a\nb\t\033\377\''`:        {"a\nb\t\x1b\xff'"},
		`$'\342\200\256'`:            {"\u202e"},
		`--set-env=$'A=\n'`:          {"--set-env=A=\n"},
		"'--x y=z'":                  {"--x y=z"},
		`'--volume=v,"source=/a,b"'`: {`--volume=v,"source=/a,b"`},
	} {
		if want == `'--volume=v,"source=/a,b"'` {
			want = `--volume='v,"source=/a,b"'`
		}
		if got := Quote(args); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A shell is what quoting is for, so shells say whether it is right.
func TestShellsTakeApartWhatQuotePutTogether(t *testing.T) {
	t.Parallel()
	for _, shell := range [][]string{{"bash"}, {"busybox", "sh"}, {"zsh", "-f"}, {"ksh"}} {
		t.Run(shell[0], func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Skipf("no %s here", shell[0])
			}
			var args []string
			for c := 1; c < 256; c++ {
				args = append(args, string([]byte{byte(c)}), string([]byte{byte(c), '7', 'f'}))
			}
			gen := anyText()
			for i := range 500 {
				args = append(args, gen.Example(i), "--flag="+gen.Example(i))
			}
			command := exec.Command(shell[0], slices.Concat(shell[1:], []string{"-c", "printf '%s\\0' " + Quote(args)})...)
			out, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Split(string(bytes.TrimSuffix(out, []byte{0})), "\x00")
			for i := range args {
				if i >= len(got) || got[i] != args[i] {
					t.Fatalf("argument %d: want %q of %s", i, args[i], Quote(args[i:i+1]))
				}
			}
		})
	}
}

func TestQuoteNeverShowsWhatATerminalObeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if line := Quote(rapid.SliceOf(anyText()).Draw(t, "args")); !isPrintable(line) {
			t.Fatalf("%q", line)
		}
	})
}
