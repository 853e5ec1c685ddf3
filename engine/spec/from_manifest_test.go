package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var someID = "sha512-" + strings.Repeat("ab", 64)

// onlyApp puts fields into the one app of a manifest, and onlyPod fields beside it.
func onlyApp(fields string) string {
	return `{"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"a","image":{"id":"` + someID + `"}` + fields + `}]}`
}

func onlyPod(fields string) string {
	return strings.TrimSuffix(onlyApp(""), "}") + fields + "}"
}

// The manifest of pods.md, whose one port its one image without an app object has.
func TestManifestOfTheSpecificationIsAPod(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/pods.md.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := FromManifest(data); err == nil || err.Error() != "pod manifest: port ftp:2121 needs a network of the pod's own; add --private-net" {
		t.Errorf("without a network: %v", err)
	}
	got, err := (Pod{Network: Network{[]string{"default"}}}).WithManifest(data)
	if err != nil {
		t.Fatal(err)
	}
	says := func(s string) json.RawMessage { return json.RawMessage(s) }
	want := Pod{
		Apps: []App{
			{Name: "reduce-worker", Image: someID, ImageName: "example.com/reduce-worker", ReadOnlyRoot: ptr(true), Mounts: []Mount{{"worklib", "/var/lib/work"}},
				Says: says(`{"exec":["/bin/reduce-worker","--debug=true","--data-dir=/mnt/foo"],"group":"0","user":"0","mountPoints":[{"name":"work","path":"/var/lib/work"}]}`)},
			{Name: "backup", Image: someID, ImageName: "example.com/worker-backup", Mounts: []Mount{{"worklib", "/mnt/bar"}}, Annotations: []Var{{"foo", "baz"}},
				Says: says(`{"exec":["/bin/reduce-backup"],"group":"0","user":"0","mountPoints":[{"name":"backup","path":"/mnt/bar"}],"isolators":[{"name":"resource/memory","value":{"limit":"1G"}}]}`)},
			{Name: "register", Image: someID, ImageName: "example.com/reduce-worker-register"},
		},
		Volumes:   []Volume{{Name: "worklib", Kind: HostVolume, Source: "/opt/tenant1/work", ReadOnly: ptr(true), Recursive: ptr(true)}},
		Isolators: says(`[{"name":"resource/memory","value":{"limit":"4G"}}]`), Annotations: []Var{{"ip-address", "10.1.2.3"}},
		Network: Network{[]string{"default"}}, Ports: []Port{{Name: "ftp", HostPort: 2121}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	ftp := strings.Replace(plainApp, "{", `{"ports":[{"name":"ftp","protocol":"tcp","port":21}],`, 1)
	r, problems := got.Resolve([]Image{
		image(t, "example.com/reduce-worker", isolated(`os/linux/oom-score-adj=5`)),
		image(t, "example.com/worker-backup", plainApp), image(t, "example.com/reduce-worker-register", ftp),
	}, Surroundings{})
	if want := []Published{{"ftp", "register", "tcp", "", 2121, 21, 1}}; !reflect.DeepEqual(r.Ports, want) {
		t.Errorf("ports %+v", r.Ports)
	}
	if len(problems) > 0 || r.Limits.Memory != 4e9 || r.Apps[1].Limits.Memory != 1e9 || r.Apps[2].Limits.Memory != 0 {
		t.Errorf("limits %+v of the pod, apps %+v, %v", r.Limits, r.Apps, problems)
	}
	// The app object stands for all of the image's, but what the image says is shown.
	first := r.Apps[0]
	if !slices.Equal(first.Exec, []string{"/bin/reduce-worker", "--debug=true", "--data-dir=/mnt/foo"}) || first.ExecFrom != FromPodManifest ||
		first.Isolation.OOMScoreAdj != nil || !first.Isolation.ReadOnlyRoot {
		t.Errorf("first app %+v", first)
	}
	if second := r.Apps[1]; second.User != (Setting{"0", FromPodManifest, "7"}) || drawBindings(second.Bindings) != "worklib→/mnt/bar ro" {
		t.Errorf("second app %+v", second)
	}
	if third := r.Apps[2]; third.User != (Setting{"7", FromImage, "7"}) || !slices.Equal(third.Exec, []string{"/bin/worker", "--once"}) {
		t.Errorf("third app %+v", third)
	}
}

func TestAnImageIsWhatItsManifestCallsIt(t *testing.T) {
	t.Parallel()
	for called, want := range map[string]string{
		"": "", `"name":"example.com/a",`: "",
		`"name":"example.com/b",`: "app a: the pod manifest calls its image example.com/b, and the image of this ID is example.com/a",
	} {
		pod, err := FromManifest([]byte(strings.Replace(onlyApp(""), `"id":`, called+`"id":`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		_, problems := pod.Resolve([]Image{image(t, "example.com/a", plainApp)}, Surroundings{})
		if got := fmt.Sprint(problems); got != "["+want+"]" {
			t.Errorf("%s: %s, want %s", called, got, want)
		}
	}
}

func TestManifestsSayWhatOnlyTheyCan(t *testing.T) {
	t.Parallel()
	app := App{Name: "a", Image: someID}
	with := func(change func(*Pod)) Pod {
		p := Pod{Apps: []App{app}}
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		data string
		want Pod
	}{
		"nothing more":        {onlyApp(""), with(func(*Pod) {})},
		"nulls":               {onlyPod(`,"volumes":null,"isolators":null,"annotations":null,"ports":null`), with(func(*Pod) {})},
		"no annotations":      {onlyPod(`,"annotations":[]`), with(func(p *Pod) { p.Annotations = []Var{} })},
		"no app's":            {onlyApp(`,"annotations":[]`), with(func(p *Pod) { p.Apps[0].Annotations = []Var{} })},
		"the user's":          {onlyPod(`,"userAnnotations":{"b c":"1","A":"2"},"userLabels":{"":"x"}`), with(func(p *Pod) { p.UserAnnotations, p.UserLabels = []Var{{"A", "2"}, {"b c", "1"}}, []Var{{"", "x"}} })},
		"writable root":       {onlyApp(`,"readOnlyRootFS":false`), with(func(*Pod) {})},
		"empty volume":        {onlyPod(`,"volumes":[{"name":"v","kind":"empty","mode":"0700","uid":7,"gid":0}]`), with(func(p *Pod) { p.Volumes = []Volume{{Name: "v", Kind: "empty", Mode: "0700", UID: ptr(7)}} })},
		"volume of the pod's": {onlyPod(`,"volumes":[{"name":"v","kind":"empty","mode":"0755","uid":0}]`), with(func(p *Pod) { p.Volumes = []Volume{{Name: "v", Kind: "empty"}} })},
		"volumes of an app's own": {`{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"v","kind":"empty"},{"name":"v-2","kind":"empty"}],"apps":[
			{"name":"a","image":{"id":"` + someID + `"},"mounts":[{"volume":"v","path":"/1","appVolume":{"name":"v","kind":"host","source":"/s"}},{"volume":"v","path":"/2"}]},
			{"name":"b","image":{"id":"` + someID + `"},"mounts":[{"volume":"w","path":"/1","appVolume":{"name":"v","kind":"empty"}},{"volume":"w","path":"/2","appVolume":{"name":"w","kind":"empty"}}]}]}`,
			Pod{Volumes: []Volume{{Name: "v", Kind: "empty"}, {Name: "v-2", Kind: "empty"}, {Name: "v-3", Kind: "host", Source: "/s"}, {Name: "v-4", Kind: "empty"}, {Name: "w", Kind: "empty"}},
				Apps: []App{{Name: "a", Image: someID, Mounts: []Mount{{"v-3", "/1"}, {"v", "/2"}}}, {Name: "b", Image: someID, Mounts: []Mount{{"v-4", "/1"}, {"w", "/2"}}}}}},
		"podtui's own": {onlyPod(`,"volumes":[{"name":"m","kind":"empty"}],"annotations":[{"name":"podtui.name","value":"web"},{"name":"x","value":"y"},{"name":"podtui.networks","value":"[\"host\"]"},
			{"name":"podtui.register-mds","value":"false"},{"name":"podtui.on-failure","value":"continue"},{"name":"podtui.interactive","value":"true"},{"name":"podtui.hostname","value":"h"},
			{"name":"podtui.dns","value":"{\"servers\":[\"none\"]}"},{"name":"podtui.hosts","value":"[{\"ip\":\"::1\",\"name\":\"n\"}]"},{"name":"podtui.private-users","value":"true"},
			{"name":"podtui.no-overlay","value":"true"},{"name":"podtui.volumes","value":"{\"m\":{\"medium\":\"memory\",\"size\":\"64M\"}}"}]`),
			Pod{Name: "web", Apps: []App{app}, Network: Network{[]string{"host"}}, RegisterMDS: ptr(false), OnFailure: ContinueOthers, Interactive: true, Hostname: "h",
				DNS: DNS{Servers: []string{"none"}}, HostsEntries: []HostsEntry{{"::1", "n"}}, PrivateUsers: true, NoOverlay: true, Annotations: []Var{{"x", "y"}},
				Volumes: []Volume{{Name: "m", Kind: "empty", Medium: MemoryMedium, Size: "64M"}}}},
		"ports": {onlyPod(`,"annotations":[{"name":"podtui.networks","value":"[\"a\",\"b:X=1\"]"}],"ports":[{"name":"http","hostPort":80},{"name":"http","hostPort":81,"hostIP":"::1"},
			{"name":"ftp","hostPort":2121,"podPort":{"name":"f","protocol":"udp","port":21,"count":3,"socketActivated":false}}]`),
			with(func(p *Pod) {
				p.Network.Names = []string{"a", "b:X=1"}
				p.Ports = []Port{{Name: "http", HostPort: 80}, {Name: "http", HostIP: "::1", HostPort: 81}, {Name: "ftp", HostPort: 2121, PodPort: &PodPort{Name: "f", Protocol: "udp", Port: 21, Count: 3}}}
			})},
		"an app's life": {onlyApp(`,"annotations":[{"name":"podtui.restart","value":"always"},{"name":"podtui.stop-signal","value":"INT"},{"name":"podtui.stop-timeout","value":"3s"},{"name":"podtui.reference","value":"x"}]`),
			with(func(p *Pod) { p.Apps[0].Restart, p.Apps[0].StopSignal, p.Apps[0].StopTimeout = "always", "INT", "3s" })},
	} {
		got, err := FromManifest([]byte(c.data))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", name, got, err, c.want)
		}
	}
}

func TestWrongManifestsAreOneClearLine(t *testing.T) {
	t.Parallel()
	says := func(s string) string {
		return onlyApp(`,"app":{"exec":["/x"],"user":"0","group":"0"` + s + `}`)
	}
	const net = `,"annotations":[{"name":"podtui.networks","value":"[\"default\"]"}]`
	for name, c := range map[string]struct{ data, want string }{
		"nothing":                    {"", "pod manifest: it is empty; JSON belongs there"},
		"no JSON":                    {"apps:\n  - a", "pod manifest: line 1 is not JSON from apps: on"},
		"no JSON later":              {"{\n\"acKind\" PodManifest}", "pod manifest: line 2 is not JSON from PodManifest} on"},
		"half of it":                 {onlyApp("")[:40], "pod manifest: it ends in the middle of its JSON; perhaps a bracket or a quote is missing"},
		"a word where a truth is":    {onlyApp(`,"readOnlyRootFS":"yes"`), "pod manifest: apps.readOnlyRootFS: a string where true or false belongs"},
		"a truth where a word is":    {onlyPod(`,"acVersion":true`), "pod manifest: acVersion: true where a string belongs"},
		"something after it":         {onlyApp("") + "{}", "pod manifest: line 1 is not JSON from {} on"},
		"no UTF-8":                   {"\"\xff\"", "pod manifest: not UTF-8"},
		"too large":                  {strings.Repeat(" ", MaxManifest+1), "1048577 bytes; at most 1048576 are taken"},
		"a list":                     {"[]", "pod manifest: an array where an object belongs"},
		"a word where a list is":     {strings.Replace(onlyApp(""), `"apps":[`, `"volumes":"v","apps":[`, 1), `pod manifest: volumes: "v" where an array belongs`},
		"a list where a word is":     {onlyApp(`,"mounts":[{"volume":[],"path":"/x"}]`), "pod manifest: apps.mounts.volume: an array where a string belongs"},
		"a number where a word is":   {says(`,"workingDirectory":7`), "pod manifest: app a: app object: workingDirectory: a number where a string belongs"},
		"a word where a number is":   {onlyPod(`,"volumes":[{"name":"v","kind":"empty","uid":"0"}]`), "pod manifest: volumes.uid: a string where a whole number belongs"},
		"a fraction of a user":       {onlyPod(`,"volumes":[{"name":"v","kind":"empty","uid":0.5}]`), "pod manifest: volumes.uid: a number where a whole number belongs"},
		"of an image":                {strings.Replace(onlyApp(""), "PodManifest", "ImageManifest", 1), "acKind ImageManifest; a pod manifest has PodManifest"},
		"no kind":                    {strings.Replace(onlyApp(""), `"acKind":"PodManifest",`, "", 1), `acKind ""`},
		"version":                    {strings.Replace(onlyApp(""), "0.8.11", "latest", 1), "acVersion latest"},
		"unknown field":              {onlyPod(`,"replicas":3`), `unknown field "replicas"`},
		"unknown of an app":          {onlyApp(`,"restartPolicy":"x"`), `unknown field "restartPolicy"`},
		"unknown of a volume":        {onlyPod(`,"volumes":[{"name":"v","kind":"empty","size":"1G"}]`), `unknown field "size"`},
		"unknown of an app's volume": {onlyApp(`,"mounts":[{"volume":"v","path":"/x","appVolume":{"name":"v","kind":"empty","medium":"memory"}}]`), `unknown field "medium"`},
		"unknown of an app object":   {says(`,"restart":"x"`), `pod manifest: app a: app object: unknown field "restart"`},
		"no app":                     {`{"acVersion":"0.8.11","acKind":"PodManifest","apps":[]}`, "pod manifest: it has no app; a pod runs at least one"},
		"no name":                    {strings.Replace(onlyApp(""), `"name":"a",`, "", 1), "pod manifest: app 1 has no name"},
		"no image ID":                {strings.Replace(onlyApp(""), `"id":"`+someID+`"`, `"name":"example.com/a"`, 1), "app a: its image has no id; a manifest that is to be run says which image exactly"},
		"image by name":              {strings.Replace(onlyApp(""), someID, "example.com/a", 1), "image id example.com/a: write sha512- and the digits"},
		"image by file":              {strings.Replace(onlyApp(""), someID, "sha512-../x", 1), "image id sha512-../x"},
		"name of an app":             {strings.Replace(onlyApp(""), `"a"`, `"A b"`, 1), `pod manifest: app name "A b": only lower-case`},
		"two of one name":            {strings.Replace(onlyApp(""), `"apps":[`, `"apps":[{"name":"a","image":{"id":"`+someID+`"}},`, 1), "pod manifest: apps 1 and 2 are both called a"},
		"no user":                    {onlyApp(`,"app":{"exec":["/x"],"group":"0"}`), "app object: user is required"},
		"folder":                     {says(`,"workingDirectory":"x"`), "workingDirectory must be an absolute path"},
		"handler":                    {says(`,"eventHandlers":[{"name":"mid-life","exec":["x"]}]`), "bad eventHandler"},
		"variable":                   {says(`,"environment":[{"name":"1","value":""}]`), "environment variable"},
		"negative group":             {says(`,"supplementaryGIDs":[-1]`), "supplementary group -1 is not a number from 0"},
		"isolator without a value":   {says(`,"isolators":[{"name":"resource/memory"}]`), "app object: isolator resource/memory has no value"},
		"isolator that is null":      {says(`,"isolators":[{"name":"resource/memory","value":null}]`), "app object: isolator resource/memory has no value"},
		"isolator by the day":        {says(`,"isolators":[{"name":"resource/memory","value":{"limit":"1e-999999999"}}]`), "a quantity with an exponent"},
		"isolator by number":         {says(`,"isolators":[{"name":"resource/memory","value":{"limit":1e-999999999}}]`), "a quantity with an exponent"},
		"isolator without end":       {says(`,"isolators":[{"name":"resource/memory","value":{"limit":"0.` + strings.Repeat("0", 300) + `1"}}]`), "a quantity with an exponent or without end"},
		"isolator twice in one":      {says(`,"isolators":[{"name":"resource/memory","value":{"limit":"1e-999999999","limit":"1G"}}]`), "a quantity with an exponent"},
		"isolator of a wrong form":   {says(`,"isolators":[{"name":"resource/memory","value":7}]`), "app object: isolator resource/memory: a number where an object belongs"},
		"isolator that can't be":     {says(`,"isolators":[{"name":"resource/memory","value":{"limit":"1"}}]`), "app object: isolator resource/memory: memory 1 is less than 6Mi"},
		"pod's isolator":             {onlyPod(`,"isolators":[{"name":"resource/memory","value":{"limit":"1"}}]`), "pod manifest: isolators: isolator resource/memory: memory 1 is less than 6Mi"},
		"pod's isolators":            {onlyPod(`,"isolators":{}`), "pod manifest: isolators: "},
		"pod's isolator without one": {onlyPod(`,"isolators":[{"name":"resource/cpu"}]`), "isolator resource/cpu has no value"},
		"sysctl above /proc/sys":     {onlyPod(`,"isolators":[{"name":"os/unix/sysctl","value":{"net/../../x":"1"}}]`), "net/../../x is not the name of a kernel setting"},
		"sysctl's value":             {onlyPod(`,"isolators":[{"name":"os/unix/sysctl","value":{"net.x":"1\n2"}}]`), `net.x can't be set to "1\n2"`},
		"volume without source":      {onlyPod(`,"volumes":[{"name":"v","kind":"host"}]`), "pod manifest: source of volume v: nothing given"},
		"volume's mode":              {onlyPod(`,"volumes":[{"name":"v","kind":"empty","mode":"rwx"}]`), "pod manifest: volume v: mode rwx: write it in octal"},
		"mode of the host's":         {onlyPod(`,"volumes":[{"name":"v","kind":"host","source":"/s","mode":"0700"}]`), "volume v is of the host and can't have mode=0700"},
		"volume twice":               {onlyPod(`,"volumes":[{"name":"v","kind":"empty"},{"name":"v","kind":"empty"}]`), "volume v is given twice"},
		"mount of no volume":         {onlyApp(`,"mounts":[{"volume":"v","path":"/x"}]`), "pod manifest: app a: there is no volume v to mount among the manifest's volumes"},
		"mount at a relative path":   {onlyApp(`,"mounts":[{"volume":"v","path":"x","appVolume":{"name":"v","kind":"empty"}}]`), "x is not an absolute path"},
		"annotation's name":          {onlyPod(`,"annotations":[{"name":"A b","value":""}]`), `annotations: name "A b": only lower-case`},
		"annotation twice":           {onlyPod(`,"annotations":[{"name":"a","value":""},{"name":"a","value":""}]`), "annotations: a is given twice"},
		"annotation that is a date":  {onlyPod(`,"annotations":[{"name":"created","value":"today"}]`), "annotations: created=today: "},
		"annotation of a newer one":  {onlyPod(`,"annotations":[{"name":"podtui.later","value":""}]`), "annotation podtui.later is none that this podtui knows"},
		"ours twice":                 {onlyPod(`,"annotations":[{"name":"podtui.name","value":"b"},{"name":"podtui.name","value":"c"}]`), "annotation podtui.name is given twice"},
		"ours with a wrong value":    {onlyPod(`,"annotations":[{"name":"podtui.interactive","value":"ja"}]`), "annotation podtui.interactive: podtui.interactive=ja: write true or false"},
		"ours with no JSON":          {onlyPod(`,"annotations":[{"name":"podtui.dns","value":"1.1.1.1"}]`), "annotation podtui.dns: "},
		"ports without a network":    {onlyPod(`,"ports":[{"name":"a","hostPort":80}]`), "pod manifest: port a:80 needs a network of the pod's own; add --private-net"},
		"port of no number":          {onlyPod(net + `,"ports":[{"name":"a"}]`), "pod manifest: port a:0: 0 is not a port; write a number from 1 to 65535"},
		"port below any":             {onlyPod(net + `,"ports":[{"name":"a","hostPort":-80}]`), "pod manifest: port a:-80: -80 is not a port"},
		"port by a word":             {onlyPod(net + `,"ports":[{"name":"a","hostPort":"80"}]`), "pod manifest: ports.hostPort: a string where a whole number belongs"},
		"port without a name":        {onlyPod(net + `,"ports":[{"hostPort":80}]`), `pod manifest: port name "": only lower-case letters`},
		"port's address":             {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"hostIP":"eth0"}]`), "pod manifest: port a:eth0:80: eth0 is not an IP address"},
		"port twice":                 {onlyPod(net + `,"ports":[{"name":"a","hostPort":80},{"name":"a","hostPort":80}]`), "pod manifest: port a:80 is given twice"},
		"unknown of a port":          {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"protocol":"tcp"}]`), `unknown field "protocol"`},
		"podPort's protocol":         {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"podPort":{"name":"a","protocol":"sctp","port":1}}]`), "pod manifest: podPort of port a: protocol sctp can't be published; tcp and udp can"},
		"podPort beyond the last":    {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"podPort":{"name":"a","protocol":"tcp","port":65535,"count":2}}]`), "podPort of port a: it is not within 1 to 65535: 2 from 65535 on"},
		"podPort without end":        {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"podPort":{"name":"a","protocol":"tcp","port":1,"count":18446744073709551615}}]`), "podPort of port a: it is not within 1 to 65535"},
		"podPort's name":             {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"podPort":{"protocol":"tcp","port":1}}]`), `port name "": only lower-case`},
		"podPort by systemd":         {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"podPort":{"name":"a","protocol":"tcp","port":1,"socketActivated":true}}]`), "podPort of port a: it is socket activated, which podtui doesn't do"},
		"two podPorts of one name":   {onlyPod(net + `,"ports":[{"name":"a","hostPort":80,"podPort":{"name":"a","protocol":"tcp","port":1}},{"name":"a","hostPort":81}]`), "pod manifest: port a is published twice, and only one can have its podPort"},
		"networks that aren't":       {onlyPod(`,"annotations":[{"name":"podtui.networks","value":"[\"a/b\"]"}]`), "pod manifest: a/b is not the name of a network"},
		"ours of an app":             {onlyApp(`,"annotations":[{"name":"podtui.restart","value":"maybe"}]`), "restart policy maybe: write no,"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := FromManifest([]byte(c.data))
			var u *UsageError
			if !errors.As(err, &u) || !strings.HasPrefix(err.Error(), "pod manifest") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %q", err, c.want)
			}
			checkUsageOf(t, err)
		})
	}
}

func TestFlagsCountOverTheManifest(t *testing.T) {
	t.Parallel()
	data := []byte(onlyPod(`,"volumes":[{"name":"v","kind":"empty"},{"name":"w","kind":"empty"}],"annotations":[{"name":"podtui.hostname","value":"theirs"},{"name":"podtui.name","value":"theirs"},
		{"name":"podtui.dns","value":"{\"servers\":[\"1.1.1.1\"]}"},{"name":"podtui.hosts","value":"[{\"ip\":\"::1\",\"name\":\"n\"}]"},{"name":"podtui.register-mds","value":"false"},
		{"name":"podtui.on-failure","value":"continue"},{"name":"podtui.networks","value":"[\"a\"]"}]`))
	pod, err := Parse(strings.Fields("--pod-manifest=f --volume=w,kind=host,source=/w --hostname=mine --net=host --set-env=A=b --dns=none --hosts-entry=::2=m --register-mds --on-failure=stop --pod-name=mine"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := pod.WithManifest(data)
	want := Pod{
		ManifestFile: "f", Name: "mine", Hostname: "mine", Apps: []App{{Name: "a", Image: someID}}, Network: Network{[]string{"host"}}, Env: []Var{{"A", "b"}},
		Volumes: []Volume{{Name: "w", Kind: HostVolume, Source: "/w"}, {Name: "v", Kind: EmptyVolume}}, DNS: DNS{Servers: []string{"none"}},
		HostsEntries: []HostsEntry{{"::2", "m"}, {"::1", "n"}}, RegisterMDS: ptr(true), OnFailure: StopOthers,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
	if got, err := (Pod{ManifestFile: "f"}).WithManifest(data); err != nil || got.Hostname != "theirs" || got.OnFailure != ContinueOthers || *got.RegisterMDS || got.Network.Names[0] != "a" || got.Name != "theirs" || len(got.DNS.Servers) != 1 {
		t.Errorf("without flags %+v, %v", got, err)
	}
}

// manifestOf is a pod as a manifest, in JSON.
func manifestOf(t interface{ Fatalf(string, ...any) }, p Pod, images []Image, around Surroundings) []byte {
	m, err := p.Manifest(images, around)
	if err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	return data
}

// What a pod's manifest runs is what the pod runs, and its own manifest is the same
// again.
func TestManifestOfAPodRunsTheSame(t *testing.T) {
	t.Parallel()
	const app = `{"exec":["/bin/worker","--once"],"user":"7","group":"8","supplementaryGIDs":[5],"workingDirectory":"/w","environment":[{"name":"X","value":"image"}],
		"eventHandlers":[{"name":"pre-start","exec":["/pre"]}],"mountPoints":[{"name":"v","path":"/v","readOnly":true},{"name":"data","path":"/d"}],
		"ports":[{"name":"http","protocol":"tcp","port":80},{"name":"8080-tcp","protocol":"tcp","port":8080},{"name":"data","protocol":"udp","port":7000,"count":10}],"userLabels":{"a":"b"},
		"isolators":[{"name":"resource/memory","value":{"limit":"1G"}},{"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_KILL"]}},{"name":"resource/network-bandwidth","value":{"default":true,"limit":"1G"}}]}`
	img := image(t, "example.com/a", app)
	rapid.Check(t, func(rt *rapid.T) {
		pod := validPod().Draw(rt, "pod")
		images := make([]Image, len(pod.Apps))
		for i := range pod.Apps {
			pod.Apps[i].Name = fmt.Sprintf("app-%d", i)
			images[i] = img
		}
		around := Surroundings{EnvFile: []Var{{"FILE", "f"}}}
		was, problems := pod.Resolve(images, around)
		if len(problems) > 0 || !isText(pod) { // JSON holds no other
			return
		}
		data := manifestOf(rt, pod, images, around)
		back, err := FromManifest(data)
		if err != nil {
			rt.Fatalf("%s\n%v", data, err)
		}
		is, problems := back.Resolve(images, Surroundings{})
		if len(problems) > 0 || runs(rt, was) != runs(rt, is) {
			rt.Fatalf("%s\n%v\nran\n%s\nand now\n%s", data, problems, runs(rt, was), runs(rt, is))
		}
		back.Apps = slices.Clone(back.Apps)
		for i := range back.Apps {
			back.Apps[i].Image = pod.Apps[i].Image // the reference that it was asked for by
		}
		if again := manifestOf(rt, back, images, Surroundings{}); string(again) != string(data) {
			rt.Fatalf("%s\nbecame\n%s", data, again)
		}
	})
}

func isText(p Pod) bool {
	data, err := json.Marshal(p)
	return err == nil && !strings.ContainsFunc(string(data), isByte)
}

// runs is what is executed, without where it comes from.
func runs(t interface{ Fatalf(string, ...any) }, r Resolved) string {
	for i := range r.Apps {
		e := &r.Apps[i]
		e.ImageExec, e.ExecFrom, e.OwnArgs, e.Isolators, e.Ignored, e.Env = nil, "", 0, nil, nil, slices.Clone(e.Env)
		for _, s := range []*Setting{&e.Name, &e.User, &e.Group, &e.WorkingDir} {
			*s = Setting{Value: s.Value}
		}
		for i, v := range e.Env {
			e.Env[i] = EnvVar{Name: v.Name, Value: v.Value}
		}
		for i := range e.Bindings {
			if !e.Bindings[i].Implicit { // by its name, and in a manifest by a mount
				e.Bindings[i].From = FromApp
			}
		}
	}
	r.Volumes = slices.Clone(r.Volumes)
	for i := range r.Volumes { // pods.md has these by default
		v := &r.Volumes[i]
		if v.UID, v.GID = notZero(v.UID), notZero(v.GID); v.Mode == defaultMode {
			v.Mode = ""
		}
	}
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(data)
}

// The line of a pod that came from a manifest gives the same pod again.
func TestCommandLineOfAManifestIsItsFileAndThePodsFlags(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		pod := validPod().Draw(rt, "pod")
		pod.ManifestFile, pod.Apps, pod.Interactive = rapid.SampledFrom([]string{"-", "./a b.json", "f=\xff"}).Draw(rt, "file"), nil, false
		flags, err := Parse(pod.CommandLine())
		if err != nil || !reflect.DeepEqual(flags, pod) {
			rt.Fatalf("%q\n got %+v, %v\nwant %+v", pod.CommandLine(), flags, err, pod)
		}
		data := []byte(onlyPod(`,"volumes":[{"name":"mine","kind":"empty","mode":"0700"}],"isolators":[{"name":"resource/cpu","value":{"limit":"2"}}],"userLabels":{"a":"b"},
			"ports":[{"name":"http","hostPort":8080},{"name":"ftp","hostPort":2121,"podPort":{"name":"f","protocol":"udp","port":21}}],
			"annotations":[{"name":"podtui.networks","value":"[\"default\"]"},{"name":"x","value":"y"},{"name":"podtui.hostname","value":"h"},{"name":"podtui.hosts","value":"[{\"ip\":\"::1\",\"name\":\"n\"}]"}]`))
		whole, err := pod.WithManifest(data)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		again, err := Parse(whole.CommandLine())
		if err == nil {
			again, err = again.WithManifest(data)
		}
		if err != nil || !reflect.DeepEqual(again, whole) {
			rt.Fatalf("%q\n got %+v, %v\nwant %+v", whole.CommandLine(), again, err, whole)
		}
	})
}

// A flag says where on the host a port is, and the manifest goes on to say which port of
// the pod that is.
func TestPortsOfFlagsCountOverTheManifests(t *testing.T) {
	t.Parallel()
	ftp := &PodPort{Name: "f", Protocol: "udp", Port: 21}
	data := []byte(onlyPod(`,"ports":[{"name":"http","hostPort":80},{"name":"ftp","hostPort":21,"podPort":{"name":"f","protocol":"udp","port":21}},{"name":"web","hostPort":82}]`))
	pod, err := Parse(strings.Fields("--pod-manifest=f --private-net --port=ftp:1.1.1.1:2121 --port=other:99 --port=http:8080 --port=http:8081"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := pod.WithManifest(data)
	want := []Port{{"ftp", "1.1.1.1", 2121, ftp}, {Name: "other", HostPort: 99}, {Name: "http", HostPort: 8080}, {Name: "http", HostPort: 8081}, {Name: "web", HostPort: 82}}
	if err != nil || !reflect.DeepEqual(got.Ports, want) || len(got.Check()) > 0 {
		t.Errorf("got %+v, %v, %v\nwant %+v", got.Ports, err, got.Check(), want)
	}
	r, problems := got.Resolve([]Image{listens(t, "http=tcp:80", "other=tcp:1", "web=tcp:2")}, Surroundings{})
	if len(problems) > 0 || r.Ports[0] != (Published{"ftp", "", "udp", "1.1.1.1", 2121, 21, 1}) || r.Ports[4] != (Published{"web", "a", "tcp", "", 82, 2, 1}) {
		t.Errorf("published %+v, %v", r.Ports, problems)
	}
	if _, err := (Pod{ManifestFile: "f"}).WithManifest(data); err == nil || err.Error() != "pod manifest: port http:80 needs a network of the pod's own; add --private-net" {
		t.Errorf("without a network: %v", err)
	}
	onHost, err := (Pod{ManifestFile: "f", Network: Network{[]string{"host"}}}).WithManifest(data)
	if problems := onHost.Check(); err != nil || len(problems) != 1 || problems[0].Message != "port http:80 needs a network of the pod's own; add --private-net" {
		t.Errorf("on the host's network: %v, %v", problems, err)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(onlyPod(`,"ports":[{"name":"a","hostPort":80,"hostIP":"::1","podPort":{"name":"a","protocol":"tcp","port":1,"count":2}}],"annotations":[{"name":"podtui.networks","value":"[\"a:X=1\"]"}]`)))
	f.Add([]byte(onlyApp("")))
	f.Add([]byte(onlyApp(`,"app":{"exec":["/x"],"user":"0","group":"0","isolators":[{"name":"resource/memory","value":{"limit":"1G"}}]},"mounts":[{"volume":"v","path":"/1","appVolume":{"name":"v","kind":"empty"}}]`)))
	f.Add([]byte(onlyPod(`,"volumes":[{"name":"v","kind":"host","source":"/s"}],"annotations":[{"name":"podtui.dns","value":"{}"}],"ports":null`)))
	if data, err := os.ReadFile("testdata/pods.md.json"); err == nil {
		f.Add(data)
	}
	img := image(f, "example.com/a", plainApp)
	f.Fuzz(func(t *testing.T, data []byte) {
		pod, err := FromManifest(data)
		if err != nil {
			checkUsage(t, err)
			return
		}
		if problems := pod.Check(); len(problems) > 0 {
			t.Fatalf("%+v", problems)
		}
		record, err := json.Marshal(pod)
		if err != nil {
			t.Fatal(err)
		}
		var kept Pod
		if err := json.Unmarshal(record, &kept); err != nil || !sameJSON(t, kept, pod) {
			t.Fatalf("%s: %v", record, err)
		}
		images := slices.Repeat([]Image{img}, len(pod.Apps))
		was, problems := pod.Resolve(images, Surroundings{})
		if len(problems) > 0 {
			return
		}
		m, err := pod.Manifest(images, Surroundings{})
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		back, err := FromManifest(again)
		if err != nil {
			t.Fatalf("%s\nbecame\n%s\n%v", data, again, err)
		}
		if is, _ := back.Resolve(images, Surroundings{}); runs(t, was) != runs(t, is) {
			t.Fatalf("%s\nbecame\n%s\nran\n%s\nand now\n%s", data, again, runs(t, was), runs(t, is))
		}
	})
}
