package spec

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// Every command line of rkt-run.md: what follows "run", with rkt's global flags
// where rkt took them.
func TestCommandLinesOfRktRun(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]Pod{
		"coreos.com/etcd:v2.0.0":                  {Apps: []App{{Image: "coreos.com/etcd:v2.0.0"}}},
		"sha512-fa1cb92dc276b0f9bedf87981e61ecde": {Apps: []App{{Image: "sha512-fa1cb92dc276b0f9bedf87981e61ecde"}}},
		"https://github.com/coreos/etcd/releases/download/v2.0.0/etcd-v2.0.0-linux-amd64.aci": {
			Apps: []App{{Image: "https://github.com/coreos/etcd/releases/download/v2.0.0/etcd-v2.0.0-linux-amd64.aci"}}},
		"docker://quay.io/coreos/etcd:v2.0.0": {Apps: []App{{Image: "docker://quay.io/coreos/etcd:v2.0.0"}}},
		"docker://busybox --exec /bin/date":   {Apps: []App{{Image: "docker://busybox", Exec: "/bin/date"}}},
		"example.com/worker -- --loglevel verbose --- example.com/syncer -- --interval 30s": {Apps: []App{
			{Image: "example.com/worker", Args: []string{"--loglevel", "verbose"}},
			{Image: "example.com/syncer", Args: []string{"--interval", "30s"}}}},
		"example.com/worker --exec /bin/ov -- --loglevel verbose --- example.com/syncer --exec /bin/syncer2 -- --interval 30s": {Apps: []App{
			{Image: "example.com/worker", Exec: "/bin/ov", Args: []string{"--loglevel", "verbose"}},
			{Image: "example.com/syncer", Exec: "/bin/syncer2", Args: []string{"--interval", "30s"}}}},
		"--inherit-env --set-env=FOO=bar --set-env=EXAMPLE_OVERRIDE=over example.com/env-printer": {
			InheritEnv: true, Env: []Var{{"FOO", "bar"}, {"EXAMPLE_OVERRIDE", "over"}},
			Apps: []App{{Image: "example.com/env-printer"}}},
		"--volume=work,kind=host,source=/opt/tenant1/work example.com/reduce-worker example.com/worker-backup": {
			Volumes: []Volume{{Name: "work", Kind: "host", Source: "/opt/tenant1/work"}},
			Apps:    []App{{Image: "example.com/reduce-worker"}, {Image: "example.com/worker-backup"}}},
		"--private-net coreos.com/etcd:v2.0.0":        {Network: Network{[]string{"default"}}, Apps: []App{{Image: "coreos.com/etcd:v2.0.0"}}},
		"--register-mds=false coreos.com/etcd:v2.0.0": {RegisterMDS: ptr(false), Apps: []App{{Image: "coreos.com/etcd:v2.0.0"}}},
	} {
		for _, args := range [][]string{strings.Fields(line), strings.Fields("--insecure-skip-verify " + line)} {
			got, err := Parse(args, Flag{Name: "insecure-skip-verify", Bool: true})
			if err != nil || !reflect.DeepEqual(got, want) || got.Check() != nil {
				t.Errorf("%s:\n got %+v, %v, %v\nwant %+v", line, got, err, got.Check(), want)
			}
		}
	}
}

func TestFlagsStandWhereRktTookThem(t *testing.T) {
	t.Parallel()
	one := func(a App) []App { a.Image = "img"; return []App{a} }
	for line, want := range map[string]Pod{
		"":                                    {},
		"img --set-env A=1":                   {Env: []Var{{"A", "1"}}, Apps: one(App{})},
		"img --volume v,kind=empty img2":      {Volumes: []Volume{{Name: "v", Kind: "empty"}}, Apps: []App{{Image: "img"}, {Image: "img2"}}},
		"img -- a --- --inherit-env":          {InheritEnv: true, Apps: one(App{Args: []string{"a"}})},
		"img -- a --- --user 1":               {Apps: one(App{Args: []string{"a"}, User: "1"})},
		"img -- a -- -- --name=x":             {Apps: one(App{Args: []string{"a", "--", "--", "--name=x"}})},
		"img --":                              {Apps: one(App{})},
		"img -- ---":                          {Apps: one(App{})},
		"img -- --- img2 -- x":                {Apps: []App{{Image: "img"}, {Image: "img2", Args: []string{"x"}}}},
		"img --exec=/a --exec=/b":             {Apps: one(App{Exec: "/b"})},
		"img --signature=img.asc":             {Apps: one(App{Signature: "img.asc"})},
		"img --signature ../a --signature=/b": {Apps: one(App{Signature: "/b"})},
		"img --exec -x":                       {Apps: one(App{Exec: "-x"})},
		"img --environment=A= --set-env=A=b=": {Env: []Var{{"A", "b="}}, Apps: one(App{Env: []Var{{"A", ""}}})},
		"img --group g --working-dir /w":      {Apps: one(App{Group: "g", WorkingDir: "/w"})},
		"--mount volume=v,target=/p img":      {Mounts: []Mount{{"v", "/p"}}, Apps: one(App{})},
		"img --mount target=/p,volume=v":      {Apps: one(App{Mounts: []Mount{{"v", "/p"}}})},
		"--inherit-env=false img":             {Apps: one(App{})},
		"--inherit-env false":                 {InheritEnv: true, Apps: []App{{Image: "false"}}},
		"--net=host img":                      {Network: Network{[]string{"host"}}, Apps: one(App{})},
		"--net host --net host img":           {Network: Network{[]string{"host"}}, Apps: one(App{})},
		"--private-net=false img":             {Network: Network{[]string{"host"}}, Apps: one(App{})},
		"--private-net img":                   {Network: Network{[]string{"default"}}, Apps: one(App{})},
		"--private-net=true img":              {Network: Network{[]string{"default"}}, Apps: one(App{})},
		"--private-net=a,b:X=1;Y=2 img":       {Network: Network{[]string{"a", "b:X=1;Y=2"}}, Apps: one(App{})},
		"--private-net=none img":              {Network: Network{[]string{"none"}}, Apps: one(App{})},
		"img --net=a --net b,c":               {Network: Network{[]string{"a", "b", "c"}}, Apps: one(App{})},
		"--net=none --private-net img":        {Network: Network{[]string{"none", "default"}}, Apps: one(App{})}, // for Check
		"--port=http:80 img":                  {Ports: []Port{{Name: "http", HostPort: 80}}, Apps: one(App{})},
		"img --port 8080-tcp:1.2.3.4:080":     {Ports: []Port{{Name: "8080-tcp", HostIP: "1.2.3.4", HostPort: 80}}, Apps: one(App{})},
		"--port=a:[::1]:1 --port=a:[1.1.1.1]:2 img": {
			Ports: []Port{{Name: "a", HostIP: "::1", HostPort: 1}, {Name: "a", HostIP: "1.1.1.1", HostPort: 2}}, Apps: one(App{})},
		"--mds-register=false img": {RegisterMDS: ptr(false), Apps: one(App{})},
		"--detach=false img":       {Apps: one(App{})},
		"--volume=v,readOnly=true,recursive=0,kind=host,source=/s img": {
			Volumes: []Volume{{Name: "v", Kind: "host", Source: "/s", ReadOnly: ptr(true), Recursive: ptr(false)}}, Apps: one(App{})},
		`--volume=v,kind=host,"source=/a,b""c" img`: {
			Volumes: []Volume{{Name: "v", Kind: "host", Source: `/a,b"c`}}, Apps: one(App{})},
	} {
		got, err := Parse(strings.Fields(line))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", line, got, err, want)
		}
	}
}

func TestWrongCommandLinesAreOneClearLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"--exec /x img":               "--exec follows the image that it changes",
		"--environment=A=b img":       "--set-env is for all apps",
		"--memory=1G img":             "--memory follows the image",
		"-- x":                        "no image stands before it",
		"img ---":                     `"---" ends the arguments`,
		"img -- a --- -- b":           "image img has its arguments already",
		"img --name":                  "--name has no value; write --name=NAME",
		"img --exec -- x":             "--exec has no value; write --exec=PATH",
		"img --user=":                 "--user: an empty value",
		"img --signature=":            "--signature: an empty value; leave the flag out for the signature at the image's source",
		"img --signature":             "--signature has no value; write --signature=FILE",
		"--signature=s img":           "--signature follows the image that it changes",
		"--nmae=x img":                "unknown flag --nmae; perhaps --name is meant",
		"img --enviroment A=b":        "perhaps --environment is meant",
		"--priv img":                  "perhaps --private-net is meant",
		"--bacth img":                 "perhaps --batch is meant",
		"img -exec /x":                "unknown flag -exec; perhaps --exec is meant",
		"img --zzzzzz":                `what is meant for the app goes after "--"`,
		"img -x":                      `unknown flag -x; what is meant for the app goes after "--"`,
		"img sh -c x":                 `unknown flag -c; what is meant for the app goes after "--"`,
		"-v /x:/data img":             "unknown flag -v; perhaps --volume is meant",
		"-e A=B img":                  "unknown flag -e; perhaps --set-env is meant",
		"img -e A=B":                  `unknown flag -e; perhaps --environment is meant; what is meant for the app goes after "--"`,
		"-it img":                     "unknown flag -it; perhaps --interactive is meant",
		"-d img":                      "unknown flag -d; perhaps --detach is meant",
		"-p 80:80 img":                "unknown flag -p; perhaps --port is meant",
		"--set-env=A=1 --set-env=A=2": "--set-env: A is given twice",
		"--set-env=A":                 "write --set-env=NAME=VALUE",
		"--set-env==A":                "write --set-env=NAME=VALUE",
		"--inherit-env=maybe":         "--inherit-env=maybe: write true or false",
		"--detach=maybe":              "--detach=maybe: write true or false",
		"--register-mds=maybe":        "--register-mds=maybe: write true or false",
		"--net=":                      "--net: an empty value",
		"--private-net=":              "an empty value",
		"--volume=v,kind":             "kind has no value",
		"--volume=v,kind=host,kind=x": "kind is given twice",
		"--volume=v,name=w":           "name is given twice",
		"--volume=v,readonly=true":    "perhaps readOnly is meant",
		"--volume=v,zzz=true":         "there are kind, source",
		"--volume=v,readOnly=ja":      "--volume=v,…readOnly=ja: write true or false",
		`--volume=v,"source=/a`:       "a quoted option ends with a quote",
		`--volume=v,"source=/a"b`:     "a quoted option ends with a quote",
		"--mount=volume=v,path=/x":    "unknown option path; there are volume, target",
		"--mount=v":                   "write --mount=volume=NAME,target=PATH",
		"--dir":                       "--dir has no value",
		"--dir=bad":                   "--dir: no such place",
	} {
		_, err := Parse(strings.Fields(line), Flag{Name: "batch", Bool: true},
			Flag{Name: "dir", Set: func(string) error { return errors.New("no such place") }})
		var u *UsageError
		if !errors.As(err, &u) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant a usage error with %q", line, err, want)
		}
	}
}

// The flags of the contract, section 3, those of our own, and no other.
func TestFlagsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	const pod = `inherit-env set-env set-env-file volume mount private-net net port hostname dns dns-search dns-opt
		hosts-entry on-failure private-users dry-run register-mds mds-register pod-name pod-manifest uuid-file-save
		interactive detach no-overlay pull-policy store-only no-store verify-image`
	const app = `exec name user group supplementary-gids working-dir environment memory cpu caps-retain caps-remove
		seccomp readonly-rootfs signature annotation label restart stop-signal stop-timeout`
	const beyond = `pids rlimit no-new-privileges oom-score-adjust cpu-shares`
	var got []string
	for _, f := range RunFlags() {
		got = append(got, f.Name)
		if f.Help == "" || (f.set == nil) != f.Front {
			t.Errorf("--%s is half a flag", f.Name)
		}
	}
	want := strings.Fields(pod + " " + app + " " + beyond)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestGlobalFlagsStandAnywhereButAmongArguments(t *testing.T) {
	t.Parallel()
	var got []string
	flag := func(name string, isBool bool) Flag {
		return Flag{Name: name, Bool: isBool, Set: func(v string) error {
			got = append(got, name+"="+v)
			return nil
		}}
	}
	args := strings.Fields("--batch img --dir /d -h --batch=false --dir=/e -- --batch --- --debug img2")
	pod, err := Parse(args, flag("batch", true), flag("dir", false), flag("h", true), flag("debug", true))
	want := []string{"batch=true", "dir=/d", "h=true", "batch=false", "dir=/e", "debug=true"}
	if err != nil || !slices.Equal(got, want) || len(pod.Apps) != 2 || !slices.Equal(pod.Apps[0].Args, []string{"--batch"}) {
		t.Errorf("got %v, %+v, %v; want %v", got, pod, err, want)
	}
}

func TestCallersFlagComesBeforeOurs(t *testing.T) {
	t.Parallel()
	var got string
	_, err := Parse([]string{"img", "--detach"}, Flag{Name: "detach", Bool: true, Set: func(v string) error { got = v; return nil }})
	if err != nil || got != "true" {
		t.Errorf("got %q, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"img\x00--exec\x00/x\x00--\x00a\x00---\x00img2",
		"--volume=v,kind=host,\"source=/a,b\"\x00--mount=volume=v,target=/x\x00img",
		"--net=host\x00--private-net=false\x00--register-mds=false\x00img\x00--environment=A=b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkStable(t, strings.Split(s, "\x00")) })
}

// checkStable: what was read, written and read again is what was read.
func checkStable(t interface{ Fatalf(string, ...any) }, args []string) {
	pod, err := Parse(args)
	if err != nil {
		checkUsage(t, err)
		return
	}
	for _, p := range pod.Check() {
		if !isPrintable(p.Message) || p.Path == "" {
			t.Fatalf("%q: not one clear line: %q", args, p)
		}
	}
	again, err := Parse(pod.CommandLine())
	if err != nil && pod.Check() == nil {
		t.Fatalf("%q: %q can't be read back: %v", args, pod.CommandLine(), err)
	}
	if err == nil && !reflect.DeepEqual(pod, again) {
		t.Fatalf("%q:\n%+v became\n%+v", args, pod, again)
	}
}

func checkUsage(t interface{ Fatalf(string, ...any) }, err error) {
	var u *UsageError
	if !errors.As(err, &u) {
		t.Fatalf("an error of another kind: %T", err)
	}
	if !isPrintable(err.Error()) || len(err.Error()) > 1000 {
		t.Fatalf("not one clear line: %s", strconv.Quote(err.Error()))
	}
}
