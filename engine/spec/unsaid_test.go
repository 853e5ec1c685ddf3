package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each flag changes what the manifest says, or is among what it has no words for.
func TestEachFlagIsInTheManifestOrAmongWhatItDoesNotSay(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"set-env": "A=b", "set-env-file": "/e", "volume": "w,kind=empty", "mount": "volume=v,target=/t", "net": "none", "private-net": "x", "port": "http:80",
		"pull-policy": "update", "pod-name": "web", "on-failure": "continue", "hostname": "h", "dns": "1.1.1.1", "dns-search": "a.b", "dns-opt": "ndots:2", "hosts-entry": "::1=a",
		"exec": "/x", "signature": "/s", "name": "b", "user": "9", "group": "9", "working-dir": "/w", "environment": "A=b", "memory": "64Mi", "cpu": "0.5", "cpu-shares": "9", "pids": "9",
		"restart": "always", "stop-signal": "INT", "stop-timeout": "3s", "supplementary-gids": "9", "caps-retain": "kill", "caps-remove": "kill", "seccomp": "mode=remove,reboot",
		"oom-score-adjust": "9", "rlimit": "nofile=9", "annotation": "a=b", "label": "a=b",
	}
	img := image(t, "example.com/a", strings.Replace(plainApp, "{", `{"ports":[{"name":"http","protocol":"tcp","port":80}],`, 1))
	around := Surroundings{Environ: []string{"PARENT=1"}, EnvFile: []Var{{"FILE", "1"}}}
	of := func(words ...string) string {
		pod, err := Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		if len(pod.EnvFiles) == 0 {
			return fmt.Sprint(string(manifestOf(t, pod, []Image{img}, Surroundings{Environ: around.Environ})), pod.ManifestUnsaid([]Image{img}, around))
		}
		return fmt.Sprint(string(manifestOf(t, pod, []Image{img}, around)), pod.ManifestUnsaid([]Image{img}, around))
	}
	for _, f := range RunFlags() {
		if f.Front || f.Name == "pod-manifest" {
			continue
		}
		flag := "--" + f.Name
		if f.Value != "" {
			if values[f.Name] == "" {
				t.Errorf("--%s has no value here", f.Name)
				continue
			}
			flag += "=" + values[f.Name]
		}
		base := []string{"--volume=v,kind=empty", "img"}
		if f.Name == "port" {
			base = slices.Concat([]string{"--private-net"}, base)
		}
		with := append([]string{flag}, base...)
		if f.Scope == AppScope {
			with = append(slices.Clone(base), flag)
		}
		if of(base...) == of(with...) {
			t.Errorf("%s is nowhere in the manifest, and among nothing that it doesn't say", flag)
		}
	}
}

// What isn't said is all that is lost: of any other pod the manifest runs the same
// (TestManifestOfAPodRunsTheSame), also where its strings are no text.
func TestOnlyWhatTheManifestSaysItLacksIsLost(t *testing.T) {
	t.Parallel()
	img := image(t, "example.com/a", plainApp)
	lossless := 0
	rapid.Check(t, func(rt *rapid.T) {
		pod := Pod{Apps: []App{{Image: "img", Name: "a", Args: []string{anyText().Draw(rt, "argument")}, Env: vars().Draw(rt, "env"), WorkingDir: anyPath().Draw(rt, "folder")}}, InheritEnv: rapid.Bool().Draw(rt, "inherit")}
		around := Surroundings{Environ: []string{rapid.SampledFrom([]string{"A", "1", "a b"}).Draw(rt, "name") + "=" + anyText().Draw(rt, "value")}}
		was, problems := pod.Resolve([]Image{img}, around)
		if len(problems)+len(pod.Check()) > 0 {
			return
		}
		unsaid := slices.DeleteFunc(pod.ManifestUnsaid([]Image{img}, around), func(s string) bool { return strings.HasPrefix(s, "--inherit-env") })
		back, err := FromManifest(manifestOf(rt, pod, []Image{img}, around))
		if err != nil {
			rt.Fatalf("%v", err)
		}
		is, _ := back.Resolve([]Image{img}, Surroundings{})
		if same := runsBytes(was) == runsBytes(is); same != (len(unsaid) == 0) {
			rt.Fatalf("the same: %v; unsaid: %q\nran\n%s\nand now\n%s", same, unsaid, runsBytes(was), runsBytes(is))
		}
		if len(unsaid) == 0 {
			lossless++
		}
	})
	if lossless == 0 {
		t.Error("no pod lost nothing")
	}
}

// runsBytes is what the one app executes, byte for byte.
func runsBytes(r Resolved) string {
	return fmt.Sprintf("%q in %q with %q", r.Apps[0].Exec, r.Apps[0].WorkingDir.Value, r.Apps[0].Environ())
}
