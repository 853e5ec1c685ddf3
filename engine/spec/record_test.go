package spec

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestRecordsKeepEveryByte(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pod := anyPod().Draw(t, "pod")
		data, err := json.Marshal(pod)
		if err != nil {
			t.Fatal(err)
		}
		var got Pod
		if err := json.Unmarshal(data, &got); err != nil || !utf8.Valid(data) || !reflect.DeepEqual(got, pod) {
			t.Fatalf("%s\n got %+v, %v\nwant %+v", data, got, err, pod)
		}
		resolved, _ := pod.Resolve(nil, Surroundings{Environ: []string{"A=\xff"}})
		if data, err = json.Marshal(resolved); err != nil {
			t.Fatal(err)
		}
		var back Resolved
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(data) {
			t.Fatalf("%s became %s, %v", data, again, err)
		}
		for i, app := range back.Apps {
			if strings.Join(app.Exec, "\x00") != strings.Join(resolved.Apps[i].Exec, "\x00") {
				t.Fatalf("argv %q became %q", resolved.Apps[i].Exec, app.Exec)
			}
		}
	})
}

// The tags and the encoding are what drafts on disk have: they stay.
func TestRecordOnDisk(t *testing.T) {
	t.Parallel()
	pod := Pod{
		Apps:    []App{{Image: "i", Signature: "s", Name: "n", Exec: "/e", Args: []string{"a\xff", "ü"}, Env: []Var{{"A", "b"}}, User: "u", Group: "g", WorkingDir: "/w", Mounts: []Mount{{"v", "/p"}}}},
		Volumes: []Volume{{Name: "v", Kind: HostVolume, Source: "/s", ReadOnly: ptr(true), Recursive: ptr(false)}}, Mounts: []Mount{{"v", "/q"}},
		Network: Network{[]string{"a:X=1"}}, Ports: []Port{{Name: "p", HostPort: 80}, {"q", "::1", 81, &PodPort{"r", "tcp", 8, 2, true}}}, Pull: PullNever, VerifyImage: true, InheritEnv: true, Env: []Var{{"C", "d"}}, RegisterMDS: ptr(false),
	}
	const want = `{"version":1,"apps":[{"image":"i","signature":"s","name":"n","exec":"/e","args":["a` + "\U0010FFFF" + `","ü"],"env":[{"name":"A","value":"b"}],` +
		`"user":"u","group":"g","workingDir":"/w","mounts":[{"volume":"v","path":"/p"}]}],` +
		`"volumes":[{"name":"v","kind":"host","source":"/s","readOnly":true,"recursive":false}],"mounts":[{"volume":"v","path":"/q"}],` +
		`"network":{"names":["a:X=1"]},"ports":[{"name":"p","hostPort":80},{"name":"q","hostIP":"::1","hostPort":81,"podPort":{"name":"r","protocol":"tcp","port":8,"count":2,"socketActivated":true}}],` +
		`"pull":"never","verifyImage":true,"inheritEnv":true,"env":[{"name":"C","value":"d"}],"registerMDS":false}`
	got, err := json.Marshal(pod)
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if pod.Apps[0].Args[0] != "a\xff" {
		t.Error("writing changed the pod")
	}
}

func TestRecordsOfOthersAreRefusedByName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"version":2,"apps":[],"new":1}`: "a record of version 2; this podtui reads version 1",
		`{"apps":[]}`:                     "a record of version 0",
		`{"version":1,"apps":[],"new":1}`: `unknown field "new"`,
		`{"version":1,"apps":7}`:          "apps",
		`[]`:                              "pod:",
	} {
		var p Pod
		if err := json.Unmarshal([]byte(text), &p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"version":1,"apps":[{"image":"a","args":["` + "\U0010FFFF" + `"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var pod, again Pod
		if json.Unmarshal(data, &pod) != nil {
			return
		}
		text, err := json.Marshal(pod)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if a, b := Quote(pod.CommandLine()), Quote(again.CommandLine()); a != b {
			t.Fatalf("%s became %s", a, b)
		}
	})
}
