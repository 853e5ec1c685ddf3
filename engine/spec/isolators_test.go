package spec

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/appc/spec/schema/types"
)

// isolated makes an image's app object with isolators, each NAME=VALUE in JSON.
func isolated(isolators ...string) string {
	var list []string
	for _, i := range isolators {
		name, value, _ := strings.Cut(i, "=")
		list = append(list, fmt.Sprintf(`{"name":%q,"value":%s}`, name, value))
	}
	return `{"exec":["/x"],"user":"0","group":"0","isolators":[` + strings.Join(list, ",") + `]}`
}

func TestAnAppThatNobodySaysAnythingAboutIsConfinedAllTheSame(t *testing.T) {
	t.Parallel()
	e := Pod{Apps: []App{{}}}.ResolveApp(0, image(t, "a.b/c", isolated()), Surroundings{})
	want := []Isolator{
		{KindPIDs, "2048", FromDefault, ""},
		{KindCapabilities, "CAP_AUDIT_WRITE CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_BIND_SERVICE " +
			"CAP_NET_RAW CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_CHROOT", FromDefault, ""},
		{KindSeccomp, "default", FromDefault, ""}, {KindNoNewPrivileges, "false", FromDefault, ""}, {KindReadOnlyRoot, "false", FromDefault, ""},
	}
	if !reflect.DeepEqual(e.Isolators, want) || !reflect.DeepEqual(e.Isolation, Isolation{Capabilities: DefaultCapabilities()}) ||
		e.Limits != (Limits{PIDs: DefaultPIDs}) || e.Ignored != nil {
		t.Errorf("%+v\n%+v\n%+v", e.Isolators, e.Isolation, e.Limits)
	}
}

// The rule: flag, else image, else default, each of its whole kind.
func TestIsolatorsAreThoseOfWhoIsNearer(t *testing.T) {
	t.Parallel()
	caps := func(names ...string) Isolation { return Isolation{Capabilities: names} }
	plain := func(change func(*Isolation)) Isolation {
		i := Isolation{Capabilities: DefaultCapabilities()}
		change(&i)
		return i
	}
	limits := func(l Limits) Limits { l.PIDs = DefaultPIDs; return l }
	for name, c := range map[string]struct {
		image     []string
		app       App
		kind      string
		want      Isolator
		isolation Isolation
		limits    Limits
	}{
		"memory of the image": {[]string{`resource/memory={"limit":"1G"}`}, App{}, KindMemory,
			Isolator{Value: "1G", From: FromImage, Image: "1G"}, Isolation{}, limits(Limits{Memory: 1e9})},
		"memory with a request": {[]string{`resource/memory={"request":"64Mi","limit":"1Gi"}`}, App{}, KindMemory,
			Isolator{Value: "1Gi, request 64Mi", From: FromImage, Image: "1Gi, request 64Mi"}, Isolation{}, limits(Limits{Memory: 1 << 30, MemoryRequest: 64 << 20})},
		"memory with only a request": {[]string{`resource/memory={"request":"64Mi"}`}, App{}, KindMemory,
			Isolator{Value: "request 64Mi", From: FromImage, Image: "request 64Mi"}, Isolation{}, limits(Limits{MemoryRequest: 64 << 20})},
		"memory that asks for more than it may have": {[]string{`resource/memory={"request":"2Gi","limit":"1Gi"}`}, App{}, KindMemory,
			Isolator{Value: "1Gi, request 2Gi", From: FromImage, Image: "1Gi, request 2Gi"}, Isolation{}, limits(Limits{Memory: 1 << 30, MemoryRequest: 1 << 30})},
		"memory of a flag, and no request then": {[]string{`resource/memory={"request":"64Mi","limit":"1Gi"}`}, App{Memory: "64M"}, KindMemory,
			Isolator{Value: "64M", From: FromApp, Image: "1Gi, request 64Mi"}, Isolation{}, limits(Limits{Memory: 64e6})},
		"cpu of the image": {[]string{`resource/cpu={"request":"250m","limit":"1.5"}`}, App{}, KindCPU,
			Isolator{Value: "1500m, request 250m", From: FromImage, Image: "1500m, request 250m"}, Isolation{}, limits(Limits{CPU: 1500, CPUShares: 256})},
		"cpu shares over a request": {[]string{`os/linux/cpu-shares=512`, `resource/cpu={"request":"250m"}`}, App{}, KindCPUShares,
			Isolator{Value: "512", From: FromImage, Image: "512"}, Isolation{}, limits(Limits{CPUShares: 512})},
		"cpu shares of a flag": {[]string{`os/linux/cpu-shares=512`}, App{CPUShares: "7"}, KindCPUShares,
			Isolator{Value: "7", From: FromApp, Image: "512"}, Isolation{}, limits(Limits{CPUShares: 7})},
		"cpu of a flag, and no request then": {[]string{`resource/cpu={"request":"250m","limit":"1"}`}, App{CPU: "2"}, KindCPU,
			Isolator{Value: "2", From: FromApp, Image: "1, request 250m"}, Isolation{}, limits(Limits{CPU: 2000})},
		"pids of the image": {[]string{`podtui.io/pids={"limit":"100"}`}, App{}, KindPIDs,
			Isolator{Value: "100", From: FromImage, Image: "100"}, Isolation{}, Limits{PIDs: 100}},
		"pids without end": {[]string{`podtui.io/pids={"limit":"100"}`}, App{PIDs: "max"}, KindPIDs,
			Isolator{Value: "max", From: FromApp, Image: "100"}, Isolation{}, Limits{}},
		"block devices": {[]string{`resource/block-iops={"default":true,"limit":"1000"}`, `resource/block-bandwidth={"default":true,"limit":"2M"}`}, App{}, KindBlockBandwidth,
			Isolator{Value: "2M", From: FromImage, Image: "2M"}, Isolation{}, limits(Limits{BlockBandwidth: 2e6, BlockIOPS: 1000})},
		"capabilities that are kept": {[]string{`os/linux/capabilities-retain-set={"set":["CAP_NET_ADMIN","CAP_CHOWN"]}`}, App{}, KindCapabilities,
			Isolator{Value: "CAP_CHOWN CAP_NET_ADMIN", From: FromImage, Image: "CAP_CHOWN CAP_NET_ADMIN"}, caps("CAP_CHOWN", "CAP_NET_ADMIN"), Limits{PIDs: DefaultPIDs}},
		"a remove set of a flag over a retain set": {[]string{`os/linux/capabilities-retain-set={"set":["CAP_NET_ADMIN"]}`},
			App{CapsRemove: append(DefaultCapabilities()[1:], "cap_sys_admin")}, KindCapabilities,
			Isolator{Value: "CAP_AUDIT_WRITE", From: FromApp, Image: "CAP_NET_ADMIN"}, caps("CAP_AUDIT_WRITE"), Limits{PIDs: DefaultPIDs}},
		"a retain set of a flag over a remove set": {[]string{`os/linux/capabilities-remove-set={"set":["CAP_KILL"]}`}, App{CapsRetain: []string{"kill", "CAP_KILL"}}, KindCapabilities,
			Isolator{Value: "CAP_KILL", From: FromApp, Image: showCapabilities(without([]string{"CAP_KILL"}))}, caps("CAP_KILL"), Limits{PIDs: DefaultPIDs}},
		"all capabilities": {nil, App{CapsRetain: []string{"ALL", "kill"}}, KindCapabilities,
			Isolator{Value: showCapabilities(slices.Sorted(slices.Values(Capabilities()))), From: FromApp}, caps(slices.Sorted(slices.Values(Capabilities()))...), Limits{PIDs: DefaultPIDs}},
		"all capabilities to remove": {nil, App{CapsRemove: []string{"all"}}, KindCapabilities, Isolator{Value: "none", From: FromApp}, caps(), Limits{PIDs: DefaultPIDs}},
		"no capability at all":       {nil, App{CapsRemove: DefaultCapabilities()}, KindCapabilities, Isolator{Value: "none", From: FromApp}, caps(), Limits{PIDs: DefaultPIDs}},
		"seccomp of the image": {[]string{`os/linux/seccomp-remove-set={"errno":"ENOTSUP","set":["reboot","@rkt/default-blacklist"]}`}, App{}, KindSeccomp,
			Isolator{Value: "mode=remove,errno=ENOTSUP,reboot,@rkt/default-blacklist", From: FromImage, Image: "mode=remove,errno=ENOTSUP,reboot,@rkt/default-blacklist"},
			plain(func(i *Isolation) {
				i.Seccomp = Seccomp{SeccompRemove, "ENOTSUP", []string{"reboot", "@rkt/default-blacklist"}}
			}), Limits{PIDs: DefaultPIDs}},
		"seccomp off": {[]string{`os/linux/seccomp-retain-set={"set":["read","@appc.io/all"]}`}, App{}, KindSeccomp,
			Isolator{Value: "off", From: FromImage, Image: "off"}, plain(func(i *Isolation) { i.Seccomp = Seccomp{Mode: SeccompOff} }), Limits{PIDs: DefaultPIDs}},
		"podtui's own profile by a flag": {[]string{`os/linux/seccomp-retain-set={"set":["read"]}`}, App{Seccomp: "mode=remove,@appc.io/empty"}, KindSeccomp,
			Isolator{Value: "default", From: FromApp, Image: "mode=retain,read"}, plain(func(*Isolation) {}), Limits{PIDs: DefaultPIDs}},
		"no new privileges taken back": {[]string{`os/linux/no-new-privileges=true`}, App{NoNewPrivileges: ptr(false)}, KindNoNewPrivileges,
			Isolator{Value: "false", From: FromApp, Image: "true"}, plain(func(*Isolation) {}), Limits{PIDs: DefaultPIDs}},
		"no new privileges": {[]string{`os/linux/no-new-privileges=true`}, App{}, KindNoNewPrivileges,
			Isolator{Value: "true", From: FromImage, Image: "true"}, plain(func(i *Isolation) { i.NoNewPrivileges = true }), Limits{PIDs: DefaultPIDs}},
		"read-only root": {nil, App{ReadOnlyRoot: ptr(true)}, KindReadOnlyRoot, Isolator{Value: "true", From: FromApp}, plain(func(i *Isolation) { i.ReadOnlyRoot = true }), Limits{PIDs: DefaultPIDs}},
		"oom score of the image": {[]string{`os/linux/oom-score-adj=250`}, App{}, KindOOMScoreAdj,
			Isolator{Value: "250", From: FromImage, Image: "250"}, plain(func(i *Isolation) { i.OOMScoreAdj = ptr(250) }), Limits{PIDs: DefaultPIDs}},
		"oom score of a flag": {[]string{`os/linux/oom-score-adj=250`}, App{OOMScoreAdj: "0"}, KindOOMScoreAdj,
			Isolator{Value: "0", From: FromApp, Image: "250"}, plain(func(i *Isolation) { i.OOMScoreAdj = ptr(0) }), Limits{PIDs: DefaultPIDs}},
		"rlimits of the image": {[]string{`podtui.io/rlimits={"nofile":"1024:4096","core":"unlimited"}`}, App{}, KindRlimits,
			Isolator{Value: "core=unlimited nofile=1024:4096", From: FromImage, Image: "core=unlimited nofile=1024:4096"},
			plain(func(i *Isolation) {
				i.Rlimits = []Rlimit{{"core", math.MaxUint64, math.MaxUint64}, {"nofile", 1024, 4096}}
			}), Limits{PIDs: DefaultPIDs}},
		"rlimits of a flag are all there are": {[]string{`podtui.io/rlimits={"nofile":"1024:4096","core":"0"}`}, App{Rlimits: []Var{{"nproc", "5:unlimited"}}}, KindRlimits,
			Isolator{Value: "nproc=5:unlimited", From: FromApp, Image: "core=0 nofile=1024:4096"},
			plain(func(i *Isolation) { i.Rlimits = []Rlimit{{"nproc", 5, math.MaxUint64}} }), Limits{PIDs: DefaultPIDs}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, problems := Pod{Apps: []App{c.app}}.Resolve([]Image{image(t, "a.b/c", isolated(c.image...))}, Surroundings{})
			e := r.Apps[0]
			c.want.Name = c.kind
			i := slices.IndexFunc(e.Isolators, func(i Isolator) bool { return i.Name == c.kind })
			if len(problems) > 0 || i < 0 || e.Isolators[i] != c.want {
				t.Errorf("got %+v, %v\nwant %+v", e.Isolators, problems, c.want)
			}
			if c.isolation.Capabilities == nil && c.kind != KindCapabilities {
				c.isolation.Capabilities = DefaultCapabilities()
			}
			if fmt.Sprintf("%+v", e.Limits) != fmt.Sprintf("%+v", c.limits) || !sameJSON(t, e.Isolation, c.isolation) {
				t.Errorf("got %+v, %+v\nwant %+v, %+v", e.Isolation, e.Limits, c.isolation, c.limits)
			}
		})
	}
}

// sameJSON compares what a record keeps: none and an empty list are one there.
func sameJSON(t testing.TB, a, b any) bool {
	t.Helper()
	one, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	other, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	null := func(data []byte) string { return strings.ReplaceAll(string(data), ":null", ":[]") }
	return null(one) == null(other)
}

func TestIsolatorsThatAreWrongRefuteTheImageUnlessAFlagIsOverThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		image []string
		path  string
		want  string
		mends App
	}{
		"too little memory": {[]string{`resource/memory={"limit":"4Mi"}`}, "memory",
			"image img: isolator resource/memory: memory 4Mi is less than 6Mi, without which no app starts", App{Memory: "6Mi"}},
		"negative memory":  {[]string{`resource/memory={"limit":"-4Mi"}`}, "memory", "-4Mi is less than nothing", App{Memory: "6Mi"}},
		"memory of nobody": {[]string{`resource/memory={"limit":"4Ei"}`}, "memory", "more than any machine has", App{Memory: "6Mi"}},
		"a number that would have to be computed": {[]string{`resource/memory={"limit":"1e999999999"}`}, "memory",
			"isolator resource/memory: a quantity with an exponent or without end; write a number with a unit, such as 64Mi", App{Memory: "6Mi"}},
		"memory without a word": {[]string{`resource/memory={}`}, "memory", "neither a limit nor a request", App{Memory: "6Mi"}},
		"memory twice": {[]string{`resource/memory={"limit":"64Mi"}`, `resource/memory={"limit":"64Mi"}`}, "memory",
			"image img: isolator resource/memory is given twice", App{Memory: "6Mi"}},
		"too little cpu": {[]string{`resource/cpu={"limit":"1m"}`}, "cpu", "cpu 1m is not from 10m to 1000 cores", App{CPU: "1"}},
		"unknown capability": {[]string{`os/linux/capabilities-retain-set={"set":["CAP_PONIES"]}`}, "capsRetain",
			"isolator os/linux/capabilities-retain-set: there is no capability CAP_PONIES", App{CapsRetain: []string{"kill"}}},
		"retain and remove": {[]string{`os/linux/capabilities-retain-set={"set":["CAP_KILL"]}`, `os/linux/capabilities-remove-set={"set":["CAP_KILL"]}`}, "capsRetain",
			"isolators os/linux/capabilities-retain-set and os/linux/capabilities-remove-set can't stand together", App{CapsRemove: []string{"kill"}}},
		"unknown wildcard": {[]string{`os/linux/seccomp-retain-set={"set":["@appc.io/empty"]}`}, "seccomp",
			"mode retain has no wildcard @appc.io/empty; there are @appc.io/all,", App{Seccomp: "mode=remove,reboot"}},
		"unknown errno":  {[]string{`os/linux/seccomp-retain-set={"set":["read"],"errno":"EPONY"}`}, "seccomp", "there is no errno EPONY", App{Seccomp: "mode=remove,reboot"}},
		"call by number": {[]string{`os/linux/seccomp-retain-set={"set":["Read()"]}`}, "seccomp", "Read() is not the name of a system call", App{Seccomp: "mode=remove,reboot"}},
		"pids":           {[]string{`podtui.io/pids={"limit":"many"}`}, "pids", "isolator podtui.io/pids: pids many: write a number", App{PIDs: "1"}},
		"no pids":        {[]string{`podtui.io/pids={}`}, "pids", "it has no limit", App{PIDs: "1"}},
		"rlimits":        {[]string{`podtui.io/rlimits={"nofile":"2:1"}`}, "rlimits", "rlimit nofile=2:1: the soft limit is over the hard one", App{Rlimits: []Var{{"core", "0"}}}},
		"no rlimits":     {[]string{`podtui.io/rlimits={}`}, "rlimits", "it names no rlimit", App{Rlimits: []Var{{"core", "0"}}}},
		"no bandwidth":   {[]string{`resource/block-bandwidth={"default":true}`}, "image", "it has no limit", App{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := image(t, "a.b/c", isolated(c.image...))
			_, problems := Pod{Apps: []App{{Image: "img"}}}.Resolve([]Image{img}, Surroundings{})
			if len(problems) != 1 || problems[0].Path != "apps[0]."+c.path || !strings.Contains(problems[0].Message, c.want) || !isPrintable(problems[0].Message) {
				t.Errorf("got %+v\nwant one at %s with %q", problems, c.path, c.want)
			}
			if reflect.DeepEqual(c.mends, App{}) {
				return
			}
			if _, problems := (Pod{Apps: []App{c.mends}}).Resolve([]Image{img}, Surroundings{}); len(problems) > 0 {
				t.Errorf("with %+v: %v", c.mends, problems)
			}
		})
	}
}

func TestIsolatorsThatAreNotEnforcedAreTold(t *testing.T) {
	t.Parallel()
	img := image(t, "a.b/c", isolated(`resource/network-bandwidth={"default":true,"limit":"1G"}`, `os/unix/sysctl={"net.ipv4.ip_forward":"1"}`))
	img.Manifest.App.Isolators = append(img.Manifest.App.Isolators, types.Isolator{Name: "example.com/pony"})
	pod := Pod{Apps: []App{{Name: "web"}}, Isolators: json.RawMessage(`[{"name":"os/linux/oom-score-adj","value":1},{"name":"example.com/pony","value":{}},
		{"name":"resource/memory","value":{"limit":"1G"}}]`)}
	r, problems := pod.Resolve([]Image{img}, Surroundings{})
	want := []string{"resource/network-bandwidth", types.UnixSysctlName, "example.com/pony"}
	if len(problems) > 0 || !slices.Equal(r.Apps[0].Ignored, want) || !slices.Equal(r.Ignored, []string{"os/linux/oom-score-adj", "example.com/pony"}) {
		t.Errorf("%v, %v, %v", r.Apps[0].Ignored, r.Ignored, problems)
	}
	if w := r.Apps[0].Warnings(); len(w) != 3 || w[2] != `app "web": isolator example.com/pony is not enforced` {
		t.Errorf("%q", w)
	}
	if w := r.Warnings(); len(w) != 2 || w[0] != "pod manifest: isolator os/linux/oom-score-adj is not enforced for a pod" {
		t.Errorf("%q", w)
	}
}

func TestIsolatorsOfAPodBoundItsAppsTogether(t *testing.T) {
	t.Parallel()
	pod := Pod{Apps: []App{{Name: "a", Memory: "64Mi"}}, Isolators: json.RawMessage(`[{"name":"resource/memory","value":{"limit":"1Gi"}},{"name":"resource/cpu","value":{"limit":"2"}},
		{"name":"os/linux/cpu-shares","value":512},{"name":"podtui.io/pids","value":{"limit":"50"}},{"name":"resource/block-iops","value":{"default":true,"limit":"10"}},
		{"name":"os/unix/sysctl","value":{"net.ipv4.tcp_mtu_probing":"1"}}]`)}
	r, problems := pod.Resolve([]Image{image(t, "a.b/c", plainApp)}, Surroundings{})
	want := Limits{Memory: 1 << 30, CPU: 2000, CPUShares: 512, PIDs: 50, BlockIOPS: 10}
	if len(problems) > 0 || r.Limits != want || !reflect.DeepEqual(r.Sysctls, map[string]string{"net.ipv4.tcp_mtu_probing": "1"}) || r.Ignored != nil {
		t.Errorf("%+v, %v, %v, %v", r.Limits, r.Sysctls, r.Ignored, problems)
	}
	record, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var kept Resolved
	if err := json.Unmarshal(record, &kept); err != nil || !reflect.DeepEqual(kept.Sysctls, r.Sysctls) || kept.Limits != r.Limits {
		t.Errorf("%s: %v", record, err)
	}
	if r.Apps[0].Limits.Memory != 64<<20 || r.Apps[0].Limits.PIDs != DefaultPIDs {
		t.Errorf("the app's are %+v", r.Apps[0].Limits)
	}
	if r, _ := (Pod{Apps: []App{{}}}).Resolve(nil, Surroundings{}); r.Limits != (Limits{}) {
		t.Errorf("a pod without isolators is bound by %+v", r.Limits)
	}
}

func TestHandlersAreTheImages(t *testing.T) {
	t.Parallel()
	e := Pod{Apps: []App{{}}}.ResolveApp(0, image(t, "a.b/c", `{"exec":["/x"],"user":"0","group":"0","eventHandlers":[
		{"name":"post-stop","exec":["/b","2"]},{"name":"pre-start","exec":["/a"]}]}`), Surroundings{})
	if !reflect.DeepEqual(e.Handlers, Handlers{PreStart: []string{"/a"}, PostStop: []string{"/b", "2"}}) {
		t.Errorf("%+v", e.Handlers)
	}
}

func TestSupplementaryGroupsOfAFlagAreAllThereAre(t *testing.T) {
	t.Parallel()
	img := image(t, "a.b/c", `{"exec":["/x"],"user":"0","group":"0","supplementaryGIDs":[400,500]}`)
	for want, app := range map[string]App{"[400 500]": {}, "[7]": {SupplementaryGIDs: []int{7}}} {
		if got := fmt.Sprint(Pod{Apps: []App{app}}.ResolveApp(0, img, Surroundings{}).Groups); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestErrnosAreTheKernels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"EPERM": 1, "ENOSYS": 38, "ENOTSUP": 95, "EOPNOTSUPP": 95, "EWOULDBLOCK": 11, "EDEADLK": 35, "EHWPOISON": 133, "EILSEQ": 84} {
		if got, err := ParseErrno(name); err != nil || int(got) != want {
			t.Errorf("%s is %d, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "eperm", "EPONY", "1"} {
		if got, err := ParseErrno(name); err == nil {
			t.Errorf("%q is %d", name, got)
		}
	}
}

func FuzzSeccomp(f *testing.F) {
	for _, s := range []string{"mode=retain,read", "mode=remove,errno=EPERM,@docker/default-blacklist", "mode=retain,@appc.io/all", ",", "mode=,errno=", "mode=retain,read,read"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSeccomp(text)
		if err != nil {
			if !isPrintable(err.Error()) {
				t.Fatalf("%q", err)
			}
			return
		}
		if s.Mode != SeccompRetain && s.Mode != SeccompRemove {
			return
		}
		if again, err := ParseSeccomp(s.String()); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%q became %q: %v", text, s, err)
		}
	})
}

func FuzzRlimit(f *testing.F) {
	f.Add("nofile", "1024:4096")
	f.Add("core", "unlimited")
	f.Add("as", "18446744073709551615")
	f.Fuzz(func(t *testing.T, name, value string) {
		r, err := ParseRlimit(name, value)
		if err != nil {
			if !isPrintable(err.Error()) {
				t.Fatalf("%q", err)
			}
			return
		}
		if again, err := ParseRlimit(r.Name, r.value()); err != nil || again != r || r.Soft > r.Hard {
			t.Fatalf("%s=%s became %s: %v", name, value, r, err)
		}
	})
}
