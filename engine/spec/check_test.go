package spec

import (
	"reflect"
	"strings"
	"testing"
)

func TestProblemsAreToldWhereTheyAre(t *testing.T) {
	t.Parallel()
	work := []Volume{{Name: "work", Kind: HostVolume, Source: "/w"}}
	app := func(a App) Pod {
		if a.Image == "" {
			a.Image = "img"
		}
		return Pod{Apps: []App{{Image: "first"}, a}, Volumes: work}
	}
	pod := func(p Pod) Pod { p.Apps = []App{{Image: "img"}}; return p }
	for name, c := range map[string]struct {
		pod  Pod
		path string // "": no problem
		want string
	}{
		"groups of a private pod": {Pod{PrivateUsers: true, Apps: []App{{Image: "i", SupplementaryGIDs: []int{65535, 65536}}}}, "apps[0].supplementaryGIDs[1]",
			"--supplementary-gids: a pod with private users has the users and groups 0 to 65535, and no 65536"},
		"volume of a private pod": {pod(Pod{PrivateUsers: true, Volumes: []Volume{{Name: "v", Kind: "empty", UID: new(70000)}}}), "volumes[0].uid",
			"volume v: uid: a pod with private users has the users and groups 0 to 65535, and no 70000"},
		"the last private user":  {pod(Pod{PrivateUsers: true, Volumes: []Volume{{Name: "v", Kind: "empty", UID: new(65535), GID: new(0)}}}), "", ""},
		"nothing wrong":          {app(App{Name: "b", Mounts: []Mount{{"work", "/x"}}}), "", ""},
		"no app":                 {Pod{}, "apps", "no image"},
		"empty image":            {Pod{Apps: []App{{}}}, "apps[0].image", "no image"},
		"dash image":             {app(App{Image: "--x"}), "apps[1].image", "starts with a dash"},
		"NUL in the image":       {app(App{Image: "a\x00"}), "apps[1].image", `"a\x00" holds a NUL byte`},
		"signature by any path":  {app(App{Signature: "../a b.asc"}), "", ""},
		"NUL in the signature":   {app(App{Signature: "a\x00"}), "apps[1].signature", `signature "a\x00" holds a NUL byte`},
		"long signature":         {app(App{Signature: strings.Repeat("a", 4097)}), "apps[1].signature", "4097 bytes long"},
		"app name":               {app(App{Name: "Web_1"}), "apps[1].name", "app name Web_1: only lower-case letters, digits and dashes between them, such as web-1"},
		"app name without hope":  {app(App{Name: "§"}), "apps[1].name", "only lower-case"},
		"long app name":          {app(App{Name: strings.Repeat("a", 129)}), "apps[1].name", "129 bytes long"},
		"NUL in exec":            {app(App{Exec: "\x00"}), "apps[1].exec", "NUL"},
		"separator as argument":  {app(App{Args: []string{"a", "---"}}), "apps[1].args[1]", `"---" would end the arguments`},
		"NUL in an argument":     {app(App{Args: []string{"\x00"}}), "apps[1].args[0]", "NUL"},
		"dashes as arguments":    {app(App{Args: []string{"--", "-", "----", ""}}), "", ""},
		"variable's name":        {app(App{Env: []Var{{"1A", ""}}}), "apps[1].env[0].name", "variable 1A: a name starts with"},
		"empty variable's name":  {app(App{Env: []Var{{"", ""}}}), "apps[1].env[0].name", `variable ""`},
		"variable twice":         {app(App{Env: []Var{{"A", "1"}, {"A", "1"}}}), "apps[1].env[1].name", "--environment: A is given twice"},
		"variable's value":       {app(App{Env: []Var{{"A", "\x00"}}}), "apps[1].env[0].value", "variable A holds a NUL"},
		"variable twice, pod":    {pod(Pod{Env: []Var{{"A", "1"}, {"A", "2"}}}), "env[1].name", "--set-env: A is given twice"},
		"same variable, both":    {Pod{Env: []Var{{"A", "1"}}, Apps: []App{{Image: "i", Env: []Var{{"A", "2"}}}}}, "", ""},
		"user and group in one":  {app(App{User: "1000:1000"}), "apps[1].user", "1000:1000 holds a colon"},
		"largest user":           {app(App{User: "2147483647"}), "", ""},
		"group too large":        {app(App{Group: "2147483648"}), "apps[1].group", "group 2147483648 is not a number from 0 to 2147483647"},
		"user too large":         {app(App{User: "4294967295"}), "apps[1].user", "user 4294967295 is not a number from 0 to 2147483647"},
		"negative group":         {app(App{Group: "-1"}), "apps[1].group", "not a number from 0"},
		"user by relative path":  {app(App{User: "etc/passwd"}), "apps[1].user", "neither a number, a name nor an absolute path"},
		"user by path":           {app(App{User: "/etc/pass:wd"}), "", ""},
		"relative folder":        {app(App{WorkingDir: "srv"}), "apps[1].workingDir", "working folder: srv is not an absolute path"},
		"mount of no volume":     {app(App{Mounts: []Mount{{"wrok", "/x"}}}), "apps[1].mounts[0].volume", "there is no volume wrok to mount; add --volume=wrok,kind=host"},
		"relative target":        {app(App{Mounts: []Mount{{"work", "x"}}}), "apps[1].mounts[0].path", "mount target: x is not an absolute path"},
		"no target":              {app(App{Mounts: []Mount{{"work", ""}}}), "apps[1].mounts[0].path", "nothing given"},
		"target is the root":     {app(App{Mounts: []Mount{{"work", "/x/.."}}}), "apps[1].mounts[0].path", "over the app's whole root"},
		"target is the kernel's": {app(App{Mounts: []Mount{{"work", "/proc/self"}}}), "apps[1].mounts[0].path", "which is the kernel's"},
		"two at one target":      {app(App{Mounts: []Mount{{"work", "/x"}, {"work", "/x/"}}}), "apps[1].mounts[1].path", "are both mounted at /x"},
		"app's mount over pod's": {Pod{Volumes: work, Mounts: []Mount{{"work", "/x"}}, Apps: []App{{Image: "i", Mounts: []Mount{{"work", "/x"}}}}}, "", ""},
		"pod's mount":            {pod(Pod{Mounts: []Mount{{"work", "/x"}}}), "mounts[0].volume", "no volume work"},
		"relative source":        {pod(Pod{Volumes: []Volume{{Name: "v", Kind: "host", Source: "opt/x"}}}), "volumes[0].source", "source of volume v: opt/x is not an absolute path"},
		"no source":              {pod(Pod{Volumes: []Volume{{Name: "v", Kind: "host"}}}), "volumes[0].source", "source of volume v: nothing given"},
		"empty with source":      {pod(Pod{Volumes: []Volume{{Name: "v", Kind: "empty", Source: "/x"}}}), "volumes[0].source", "can't have the source /x"},
		"no kind":                {pod(Pod{Volumes: []Volume{{Name: "v"}}}), "volumes[0].kind", `volume v has no kind; write kind=host,source=PATH or kind=empty`},
		"volume twice":           {pod(Pod{Volumes: []Volume{{Name: "v", Kind: "empty"}, {Name: "v", Kind: "empty"}}}), "volumes[1].name", "volume v is given twice"},
		"volume's name":          {pod(Pod{Volumes: []Volume{{Name: "V V", Kind: "empty"}}}), "volumes[0].name", `volume name "V V": only lower-case letters, digits and dashes between them, such as v-v`},
		"unused volume":          {pod(Pod{Volumes: work}), "", ""},
		"host with others":       {pod(Pod{Network: Network{[]string{"default", "host"}}}), "network.names[1]", "network host stands alone; the others are default"},
		"none with others":       {pod(Pod{Network: Network{[]string{"none", "a"}}}), "network.names[0]", "network none stands alone"},
		"nameless network":       {pod(Pod{Network: Network{[]string{""}}}), "network.names[0]", "is not the name of a network"},
		"network twice":          {pod(Pod{Network: Network{[]string{"a", "a"}}}), "network.names[1]", "given twice"},
		"pod name":               {pod(Pod{Name: "Web 1"}), "name", `pod name "Web 1": only lower-case letters, digits and dashes between them, such as web-1`},
		"name like a UUID":       {pod(Pod{Name: "b1678b92"}), "name", "pod name b1678b92 could be the beginning of a UUID, as lists show them; choose one that can't"},
		"name like more of one":  {pod(Pod{Name: "b1678b92-12ab"}), "name", "could be the beginning of a UUID"},
		"names like no UUID":     {pod(Pod{Name: "db"}), "", ""},
		"on-failure":             {pod(Pod{OnFailure: "go"}), "onFailure", "--on-failure=go: write stop or continue"},
		"input of two apps":      {Pod{Interactive: true, Apps: []App{{Image: "a", Name: "a"}, {Image: "b", Name: "b"}}}, "interactive", "podtui's input to one app, and there are 2"},
		"life of an app":         {app(App{Memory: "64Mi", CPU: "0.5", Restart: "on-failure:3", StopSignal: "int", StopTimeout: "0s"}), "", ""},
		"memory":                 {app(App{Memory: "64m"}), "apps[1].memory", "memory 64m: write a number of bytes with K, M, G (thousands) or Ki"},
		"too little memory":      {app(App{Memory: "64K"}), "apps[1].memory", "memory 64K is less than"},
		"too much memory":        {app(App{Memory: "9999999T"}), "apps[1].memory", "more than any machine has"},
		"cpu":                    {app(App{CPU: "half"}), "apps[1].cpu", "cpu half: write cores, such as 0.5 or 2, or thousandths, such as 500m"},
		"finer than thousandths": {app(App{CPU: "0.0001"}), "apps[1].cpu", "cpu 0.0001: write cores"},
		"too little cpu":         {app(App{CPU: "1m"}), "apps[1].cpu", "cpu 1m is not from 10m to 1000 cores"},
		"restart":                {app(App{Restart: "on-failure:0"}), "apps[1].restart", "restart policy on-failure:0: write no, on-failure, on-failure:N or always"},
		"restart with a number":  {app(App{Restart: "always:3"}), "apps[1].restart", "restart policy always:3"},
		"stop signal":            {app(App{StopSignal: "STOPP"}), "apps[1].stopSignal", "there is no signal STOPP; write a name such as SIGTERM or INT, or a number"},
		"stop signal's number":   {app(App{StopSignal: "65"}), "apps[1].stopSignal", "signal 65 is not a number from 1 to 64"},
		"stop timeout":           {app(App{StopTimeout: "10"}), "apps[1].stopTimeout", "stop timeout 10: write a duration, such as 30s, 2m or 0s"},
		"negative stop timeout":  {app(App{StopTimeout: "-1s"}), "apps[1].stopTimeout", "stop timeout -1s"},
		"network with arguments": {pod(Pod{Network: Network{[]string{"a:IP=1;X=2", "b"}}}), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.pod.Check()
			if c.path == "" {
				if len(got) > 0 {
					t.Errorf("got %+v, want no problem", got)
				}
				return
			}
			if len(got) != 1 || got[0].Path != c.path || !strings.Contains(got[0].Error(), c.want) {
				t.Errorf("got %+v\nwant one at %s with %q", got, c.path, c.want)
			}
		})
	}
}

func TestAllProblemsAreTold(t *testing.T) {
	t.Parallel()
	p := Pod{Apps: []App{{Image: "a", Name: "x"}, {Image: "b", Name: "x", WorkingDir: "y"}}, Env: []Var{{"", ""}}}
	var paths []string
	for _, problem := range p.Check() {
		paths = append(paths, problem.Path)
	}
	want := []string{"apps[1].workingDir", "apps[1].name", "env[0].name"}
	if !reflect.DeepEqual(paths, want) {
		t.Errorf("got %v, want %v", paths, want)
	}
}

func TestAppsGetTheNamesOfTheirImages(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"example.com/reduce-worker":       "reduce-worker",
		"busybox":                         "busybox",
		"docker.io/library/My_App.v2":     "my-app-v2",
		"example.com/a_":                  "a",
		"":                                "app",
		"example.com/~":                   "app",
		"x/" + strings.Repeat("long", 64): strings.Repeat("long", 32),
	} {
		if got := DefaultName(image); got != want {
			t.Errorf("DefaultName(%q) is %q, want %q", image, got, want)
		}
	}
}

func TestTwoAppsThatEndUpWithOneNameAreToldTheFlag(t *testing.T) {
	t.Parallel()
	p := Pod{Apps: []App{{Image: "a"}, {Image: "b", Name: "own"}, {Image: "c"}}}
	named, problems := p.WithNames([]string{"x.com/app", "x.com/app", "y.com/app"})
	want := []Problem{{"apps[2].name", "apps 1 and 3 are both called app; give one of them another name with --name"}}
	if !reflect.DeepEqual(problems, want) {
		t.Errorf("got %+v", problems)
	}
	if named.Apps[1].Name != "own" || named.Apps[2].Name != "app" || p.Apps[2].Name != "" {
		t.Errorf("named %+v out of %+v", named.Apps, p.Apps)
	}
}
