package export

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/podtui/podtui/engine/spec"
)

// decode is what an API server does with what it is sent, but for what it checks.
func decode(t interface{ Fatalf(string, ...any) }, data []byte) corev1.Pod {
	var pod corev1.Pod
	if err := yaml.UnmarshalStrict(data, &pod); err != nil {
		t.Fatalf("%v of\n%s", err, data)
	}
	return pod
}

func TestPodsAreWrittenForKubernetes(t *testing.T) {
	t.Parallel()
	worker, web := appcImage(t, "example.com/worker", workerApp), registryImage(t, "docker.io/library/web", webApp)
	for name, c := range map[string]struct {
		line   string
		images []spec.Image
	}{
		"registry": {"podtui run docker://web:1", []spec.Image{web}},
		"unknown":  {"podtui run docker://quay.io/coreos/etcd@sha256:" + strings.Repeat("ab", 32) + " -- --debug", []spec.Image{{}}},
		"appc":     {"podtui run example.com/worker", []spec.Image{worker}},
		"whole": {`podtui run --pod-name=reduce --private-net --net=storage --port=http:127.0.0.1:80 --port=stats--and-more-of-it:7000
			--volume=work,kind=host,source=/opt/tenant1/work --volume=cache,kind=empty,medium=memory,size=64M,readOnly=false,mode=0700 --volume=data,kind=empty --mount=volume=data,target=/scratch
			--set-env=FOO=bar --set-env-file=/etc/secrets --hostname=reduce --dns=10.0.0.2 --dns-search=example.com --dns-opt=ndots:2 --dns-opt=rotate
			--hosts-entry=10.0.0.3=db --hosts-entry=10.0.0.3=db.example.com --private-users --pull-policy=update
			example.com/worker --exec=/bin/ov --readonly-rootfs --memory=64Mi --cpu=0.5 --caps-retain=net_bind_service,net_admin --user=7 --group=8 --supplementary-gids=5,6
			--restart=on-failure:3 --stop-timeout=90s --stop-signal=INT --pids=100 --rlimit=nofile=64 --environment=A='$(id) $HOME' -- --level 'very much' yes 0x10 ---
			sha512-abab --name=Web --user=33 --caps-remove=mknod --supplementary-gids=5,6 --restart=on-failure -- -g 'daemon off;'`, []spec.Image{worker, web}},
	} {
		c.line = strings.ReplaceAll(strings.ReplaceAll(c.line, "\n", " "), "--name=Web", "--name=web")
		pod, r := read(t, c.line, c.images...)
		data, unsaid, err := Kubernetes(pod, r, c.images)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, note := range unsaid {
			if !strings.Contains(string(data), "# - "+note+"\n") {
				t.Errorf("%s: %s is no comment", name, note)
			}
		}
		decode(t, data)
		golden(t, name+".yaml", data)
	}
}

// A sentence of what each flag is to Kubernetes: a field of the Pod, or among what it has
// no words for.
func TestEachFlagIsAFieldOrAmongWhatIsUnsaid(t *testing.T) {
	t.Parallel()
	web := registryImage(t, "docker.io/library/web", webApp)
	for flag, want := range flagsInKubernetes {
		line := "podtui run " + strings.Replace("FLAG docker://web:1 --name=a", "FLAG", flag, 1)
		if appFlag(flag) {
			line = "podtui run docker://web:1 --name=a " + flag
		}
		pod, r := read(t, line, web)
		data, unsaid, err := Kubernetes(pod, r, []spec.Image{web})
		if err != nil {
			t.Fatal(err)
		}
		decode(t, data)
		flat := strings.Join(strings.Fields(string(data)), " ")
		if note, isNote := strings.CutPrefix(want, "# "); isNote && !slices.Contains(unsaid, note) || !isNote && (!strings.Contains(flat, want) || len(unsaid) > 0) {
			t.Errorf("%s: got %q in\n%s\nwant %s", flag, unsaid, data, want)
		}
	}
	for _, f := range spec.RunFlags() {
		has := func(flag string) bool { return flag == "--"+f.Name || strings.HasPrefix(flag, "--"+f.Name+"=") }
		if !f.Front && !slices.ContainsFunc(slices.Collect(keys(flagsInKubernetes)), has) && !slices.Contains([]string{"pod-manifest", "mds-register", "store-only", "no-store"}, f.Name) {
			t.Errorf("--%s is neither", f.Name)
		}
	}
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

func appFlag(flag string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
	return slices.ContainsFunc(spec.RunFlags(), func(f spec.RunFlag) bool { return f.Name == name && f.Scope == spec.AppScope })
}

var flagsInKubernetes = map[string]string{
	"--inherit-env":                                                  "# inheriting an environment: variables are as they were here and now",
	"--set-env=A='b c'":                                              `env: - name: A value: "b c"`,
	"--set-env-file=/e":                                              "First: kubectl create secret generic a-env --from-env-file=/e envFrom: - secretRef: name: a-env",
	"--volume=v,kind=host,source=/s":                                 "volumes: - name: v hostPath: path: /s",
	"--volume=v,kind=host,source=/s,recursive=false":                 "# volume v without what is mounted below it",
	"--volume=v,kind=empty,medium=memory,size=64M":                   `emptyDir: medium: Memory sizeLimit: "64M"`,
	"--volume=v,kind=empty,mode=0700":                                "# mode and owner of the empty volume v",
	"--volume=v,kind=empty --mount=volume=v,target=/t":               "volumeMounts: - name: v mountPath: /t",
	"--volume=v,kind=empty,readOnly=true --mount=volume=v,target=/t": "mountPath: /t readOnly: true",
	"--volume=v,kind=empty --mount=volume=v,target=/t:u":             "# a mount at /t:u: a path can't have a colon",
	"--mount=volume=v,target=/t --volume=v,kind=empty":               "volumeMounts: - name: v mountPath: /t",
	"--net=host":                             "hostNetwork: true",
	"--net=none":                             "# a pod without a network (--net=none)",
	"--net=storage":                          "# network storage: the cluster has its own",
	"--private-net":                          `ports: - containerPort: 80 name: "80-tcp" protocol: TCP`,
	"--port=80-tcp:8080 --private-net":       `containerPort: 80 name: "80-tcp" protocol: TCP hostPort: 8080`,
	"--private-net --port=80-tcp:[::1]:8080": `hostPort: 8080 hostIP: "::1"`,
	"--register-mds":                         "# appc's metadata service (AC_METADATA_URL)",
	"--pull-policy=never":                    "imagePullPolicy: Never",
	"--verify-image":                         "# checking every file of the images before they run",
	"--pod-name=web-1":                       "metadata: name: web-1",
	"--on-failure=continue":                  "kind: Pod",
	"--interactive":                          "stdin: true tty: true",
	"--hostname=h --private-net":             "hostname: h",
	"--hostname=h":                           "# host name h on the host's network",
	"--hostname=h.x --private-net":           "# host name h.x: it would have to be lower-case letters, digits and dashes",
	"--dns=1.1.1.1":                          `dnsPolicy: None dnsConfig: nameservers: - "1.1.1.1"`,
	"--dns=fe80::1%eth0":                     `# name server fe80::1%eth0`,
	"--dns=none":                             "# leaving the image's /etc/resolv.conf as it is (--dns=none)",
	"--dns-search=a.b.":                      "dnsPolicy: Default dnsConfig: searches: - a.b.",
	"--dns-search=a_b":                       "# search domain a_b",
	"--dns-opt=ndots:2":                      `options: - name: ndots value: "2"`,
	"--hosts-entry=::1=A.b":                  `hostAliases: - ip: "::1" hostnames: - a.b`,
	"--hosts-entry=1.1.1.1=a_b":              "# --hosts-entry=1.1.1.1=a_b",
	"--private-users --private-net":          "hostUsers: false",
	"--private-users":                        "# private users on the host's network",
	"--no-overlay":                           "# copying the images' files instead of stacking them",
	"--exec=/x":                              "command: - /x",
	"--signature=/s.asc":                     "# the signature in /s.asc",
	"--name=b":                               "containers: - name: b",
	"--user=7 --group=8":                     "runAsUser: 7 runAsGroup: 8",
	"--user=7":                               "# group www of the image beside another user or group",
	"--user=www-data --group=8":              "# user www-data: it would have to be a number",
	"--group=8 --user=root":                  "# user root: it would have to be a number",
	"--working-dir=/w":                       "workingDir: /w",
	"--environment=A='$(B) $$ $x $ü $'":      `value: "$$(B) $$$ $x $$ü $"`,
	"--memory=64Mi":                          "resources: limits: memory: \"64Mi\"",
	"--cpu=1500m":                            "limits: cpu: \"1500m\"",
	"--cpu=2":                                "limits: cpu: \"2\"",
	"--cpu-shares=7":                         "# cpuShares 7",
	"--pids=7":                               "# pids 7",
	"--restart=always":                       "restartPolicy: Always",
	"--restart=on-failure:3":                 "# a bound of its restarts, 3",
	"--stop-signal=INT":                      "# a stop signal other than the image's, 2",
	"--stop-timeout=1500ms":                  "terminationGracePeriodSeconds: 2",
	"--supplementary-gids=5,3000000000":      "# supplementary groups 5 3000000000",
	"--supplementary-gids=5":                 "supplementalGroups: - 5",
	"--caps-retain=all":                      "capabilities: add: - ALL",
	"--caps-retain=net_admin,kill":           "capabilities: add: - KILL - NET_ADMIN drop: - ALL",
	"--caps-remove=mknod":                    "capabilities: drop: - MKNOD",
	"--seccomp=mode=retain,@appc.io/all":     "seccompProfile: type: Unconfined",
	"--seccomp=mode=remove,reboot":           "# seccomp mode=remove,reboot",
	"--no-new-privileges":                    "allowPrivilegeEscalation: false",
	"--readonly-rootfs":                      "readOnlyRootFilesystem: true",
	"--oom-score-adjust=7":                   "# oomScoreAdj 7",
	"--rlimit=nofile=7":                      "# rlimits nofile=7",
	"--annotation=a=b":                       "annotations: a: b",
	"--annotation=a~b=c":                     "# annotation a~b=c",
	"--label=a.b/C=d":                        "labels: a.b/C: d",
	"--label='a b'=c":                        `# label "a b"=c`,
}

// What an image of a registry says itself is left to it, and all of it is there of an
// appc image.
func TestOnlyWhatTheImageDoesNotSayIsWritten(t *testing.T) {
	t.Parallel()
	web := registryImage(t, "docker.io/library/web", webApp)
	pod, r := read(t, "podtui run docker://web:1", web)
	data, _, err := Kubernetes(pod, r, []spec.Image{web})
	if err != nil {
		t.Fatal(err)
	}
	c := decode(t, data).Spec.Containers[0]
	if c.Image != "docker.io/library/web:1" || c.Command != nil || c.Args != nil || c.Env != nil || c.WorkingDir != "" || c.SecurityContext != nil || c.VolumeMounts != nil {
		t.Errorf("%s", data)
	}
	// Arguments come after the image's own, which Kubernetes would take away.
	pod, r = read(t, "podtui run docker://web:1 -- more", web)
	if data, _, err = Kubernetes(pod, r, []spec.Image{web}); err != nil {
		t.Fatal(err)
	}
	if c := decode(t, data).Spec.Containers[0]; !slices.Equal(c.Command, []string{"/entry", "serve"}) || !slices.Equal(c.Args, []string{"more"}) {
		t.Errorf("%s", data)
	}
}

func TestImagesAreCalledAsAKubeletPullsThem(t *testing.T) {
	t.Parallel()
	web, worker := registryImage(t, "quay.io/team/web", webApp), appcImage(t, "example.com/worker", workerApp)
	digest := "@sha256:" + strings.Repeat("ab", 32)
	for reference, c := range map[string]struct {
		image  spec.Image
		want   string
		pulled bool
	}{
		"docker://busybox":            {spec.Image{}, "docker.io/library/busybox:latest", true},
		"docker://quay.io/x/y:1":      {web, "quay.io/x/y:1", true},
		"docker://quay.io/x" + digest: {web, "quay.io/x" + digest, true},
		"sha512-abab":                 {web, "quay.io/team/web:1", true},
		"quay.io/team/web":            {web, "quay.io/team/web:1", true},
		"./image.tar":                 {web, "quay.io/team/web:1", true},
		"sha512-ab":                   {worker, "example.com/worker:1.4.0", false},
		"./worker.aci":                {spec.Image{}, "./worker.aci", false},
	} {
		k := kube{pod: spec.Pod{Apps: []spec.App{{Image: reference}}}, images: []spec.Image{c.image}}
		if got, pulled := k.image(0); got != c.want || pulled != c.pulled {
			t.Errorf("%s: got %s, %v; want %s, %v", reference, got, pulled, c.want, c.pulled)
		}
	}
}

func TestWhatYAMLCannotHoldIsAnError(t *testing.T) {
	t.Parallel()
	worker := appcImage(t, "example.com/worker", workerApp)
	for want, change := range map[string]func(*spec.App){
		`argument "\xff" of app a is not UTF-8`:    func(a *spec.App) { a.Args = []string{"\xff"} },
		`variable A of app a is not UTF-8`:         func(a *spec.App) { a.Env = []spec.Var{{Name: "A", Value: "\xff"}} },
		`the working folder of app a is not UTF-8`: func(a *spec.App) { a.WorkingDir = "/\xff" },
	} {
		pod := spec.Pod{Apps: []spec.App{{Image: "example.com/worker", Name: "a"}}}
		change(&pod.Apps[0])
		r, _ := pod.Resolve([]spec.Image{worker}, spec.Surroundings{})
		if data, _, err := Kubernetes(pod, r, []spec.Image{worker}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %s, %v; want %s", data, err, want)
		}
	}
	if _, _, err := Kubernetes(spec.Pod{}, spec.Resolved{}, nil); err == nil {
		t.Error("a pod without an app was taken")
	}
}

// expand is what a kubelet makes of a $ (third_party/forked/golang/expansion), for
// variables that there are not.
func expand(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '$' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case '$':
			b.WriteByte('$')
		case '(':
			if end := strings.IndexByte(s[i:], ')'); end > 0 {
				b.WriteString("EXPANDED")
				i += end
				continue
			}
			b.WriteString("$(")
		default:
			b.WriteString("$" + string(rune(s[i])))
		}
	}
	return b.String()
}

// anyText is UTF-8 with everything that YAML and Kubernetes know.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "yes", "y", "0", "1e3", "0x1F", "1:30", "null", "~", "true", "- a", "a: b", "a #b", "#", "key:", "'", `"`, "&a", "*a", "!t", "%x", "@", "`", "$", "$$", "$(A)", "$$(A", "$ü",
			" a ", "a\n  b", "\t", "\u0085", "\u2028", "\ufeff", "\U0001F600", "\u202e", "\x7f", "\x1b[m", "2001-01-01", ".inf", "<<", "=", "|", ">-", "{a}", "[a]", "a,b", "?", "/", "/etc/x"}),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"$", "(", ")", "a", " ", ":", "#", "\n", "é", `\`, `"`, "-", "\u00a0", "9", "."}), 0, 10), func(s []string) string { return strings.Join(s, "") }),
		rapid.String().Filter(func(s string) bool { return !strings.ContainsRune(s, 0) && utf8.ValidString(s) }),
	)
}

// anyPod has fields of every kind; most are valid.
func anyPod() *rapid.Generator[spec.Pod] {
	return rapid.Custom(func(t *rapid.T) spec.Pod {
		name := rapid.StringMatching(`[a-z0-9]{1,4}(-[a-z0-9]{1,80})?`)
		maybe := func(what string, values ...string) string {
			return rapid.SampledFrom(append([]string{""}, values...)).Draw(t, what)
		}
		variables := func(what string) []spec.Var {
			v := rapid.Custom(func(t *rapid.T) spec.Var {
				return spec.Var{Name: rapid.StringMatching(`[A-Za-z_][A-Z0-9_.-]{0,2}`).Draw(t, "name"), Value: anyText().Draw(t, "value")}
			})
			return rapid.SliceOfNDistinct(v, 0, 3, func(v spec.Var) string { return v.Name }).Draw(t, what)
		}
		path := rapid.Map(anyText(), func(s string) string { return "/p/" + s })
		p := spec.Pod{
			Name: maybe("name", "web", "a-1"), Env: variables("env"), InheritEnv: rapid.Bool().Draw(t, "inherit"), Hostname: maybe("host", "web", "a.b"),
			Volumes:      []spec.Volume{{Name: name.Draw(t, "volume"), Kind: spec.HostVolume, Source: path.Draw(t, "source")}, {Name: "e", Kind: spec.EmptyVolume, Mode: maybe("mode", "0700")}},
			Network:      spec.Network{Names: rapid.SampledFrom([][]string{nil, {"none"}, {"default"}, {"x", "default"}}).Draw(t, "networks")},
			DNS:          spec.DNS{Search: rapid.SampledFrom([][]string{nil, {".", "a_b", "C.d."}}).Draw(t, "search"), Servers: rapid.SampledFrom([][]string{nil, {"none"}, {"1.1.1.1", "fe80::1%x", "::1", "2.2.2.2", "3.3.3.3"}}).Draw(t, "servers")},
			HostsEntries: rapid.SampledFrom([][]spec.HostsEntry{nil, {{IP: "::1", Name: "a"}, {IP: "::1", Name: "A"}, {IP: "1.1.1.1", Name: "b_c"}}}).Draw(t, "hosts"),
			PrivateUsers: rapid.Bool().Draw(t, "users"), OnFailure: spec.OnFailure(maybe("failure", "continue")), EnvFiles: rapid.SampledFrom([][]string{nil, {"/e", "/f g"}}).Draw(t, "files"),
		}
		if len(p.Network.Named()) > 0 {
			p.Ports = rapid.SampledFrom([][]spec.Port{nil, {{Name: "http", HostPort: 80}, {Name: "stats--and-more-of-it", HostPort: 7000, HostIP: "::1"}}}).Draw(t, "ports")
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "apps") {
			a := spec.App{
				Image: rapid.SampledFrom([]string{"docker://web:1", "example.com/worker", "sha512-ab"}).Draw(t, "image"), Name: fmt.Sprintf("%s-%d", name.Draw(t, "app"), i),
				Exec: maybe("exec", "/x", "a b"), Args: rapid.SliceOfN(anyText(), 0, 3).Draw(t, "args"), Env: variables("own env"),
				User: maybe("user", "7", "nobody"), Group: maybe("group", "0", "x"), WorkingDir: maybe("dir", "/ä", "/"), Memory: maybe("memory", "64Mi", "6500001", "1.5G"),
				CPU: maybe("cpu", "0.5", "3"), Restart: maybe("restart", "always", "on-failure:2", "on-failure"), StopTimeout: maybe("timeout", "0s", "1.2s", "1m"), StopSignal: maybe("signal", "9"),
				PIDs: maybe("pids", "10", "max"), Seccomp: maybe("seccomp", "mode=retain,@appc.io/all", "mode=retain,read", "mode=remove,@appc.io/empty"),
				CapsRetain: rapid.SampledFrom([][]string{nil, {"all"}, {"kill"}, {"sys_admin", "chown"}}).Draw(t, "caps"), SupplementaryGIDs: rapid.SampledFrom([][]int{nil, {5}, {5, 65535}}).Draw(t, "gids"),
				Mounts: rapid.SampledFrom([][]spec.Mount{nil, {{Volume: "e", Path: "/m"}}, {{Volume: "e", Path: "/m:n"}, {Volume: p.Volumes[0].Name, Path: "/é"}}}).Draw(t, "mounts"),
			}
			on := rapid.Bool().Draw(t, "switch")
			if rapid.Bool().Draw(t, "switches") {
				a.ReadOnlyRoot, a.NoNewPrivileges = &on, &on
			}
			if rapid.Bool().Draw(t, "annotated") {
				a.Annotations, a.Labels = []spec.Var{{Name: "a/b", Value: anyText().Draw(t, "annotation")}, {Name: "c~d", Value: "x"}}, []spec.Var{{Name: "x" + anyText().Draw(t, "label"), Value: "v"}, {Name: "l", Value: anyText().Draw(t, "of label")}}
			}
			p.Apps = append(p.Apps, a)
		}
		return p
	})
}

// Whatever a pod is, its manifest is one that Kubernetes takes, says what the pod runs,
// and names everything else.
func TestAnyPodIsAPodOfKubernetes(t *testing.T) {
	t.Parallel()
	worker, web := appcImage(t, "example.com/worker", workerApp), registryImage(t, "docker.io/library/web", webApp)
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		pod := anyPod().Draw(t, "pod")
		images := make([]spec.Image, len(pod.Apps))
		for i, app := range pod.Apps {
			images[i] = worker
			if app.Image == "docker://web:1" {
				images[i] = web
			}
		}
		r, problems := pod.Resolve(images, spec.Surroundings{Environ: []string{"PARENT=$(A)", "1=2", "A B=c"}, EnvFile: []spec.Var{{Name: "SECRET", Value: "hidden-value"}}})
		if len(problems)+len(pod.Check()) > 0 {
			return
		}
		data, unsaid, err := Kubernetes(pod, r, images)
		if err != nil {
			t.Fatalf("%+v: %v", pod, err)
		}
		taken++
		if strings.Contains(string(data), "hidden-value") {
			t.Fatalf("a value of --set-env-file in\n%s", data)
		}
		for _, c := range string(data) {
			if !unicode.IsPrint(c) && c != '\n' {
				t.Fatalf("%q in\n%s", c, data)
			}
		}
		k := decode(t, data)
		checkPod(t, k)
		for i, e := range r.Apps {
			checkContainer(t, k.Spec.Containers[i], e, pod.Apps[i].Image != "docker://web:1", unsaid, len(r.Apps) == 1)
		}
	})
	if taken < 20 {
		t.Errorf("only %d pods were valid", taken)
	}
}

// checkPod is what an API server checks.
func checkPod(t *rapid.T, p corev1.Pod) {
	wrong := func(list []string, what, value string) {
		if len(list) > 0 {
			t.Fatalf("%s %q: %v", what, value, list)
		}
	}
	wrong(validation.IsDNS1123Subdomain(p.Name), "name", p.Name)
	for key, value := range p.Labels {
		wrong(validation.IsQualifiedName(key), "label", key)
		wrong(validation.IsValidLabelValue(value), "label", value)
	}
	for key := range p.Annotations {
		wrong(validation.IsQualifiedName(strings.ToLower(key)), "annotation", key)
	}
	if p.Spec.Hostname != "" {
		wrong(validation.IsDNS1123Label(p.Spec.Hostname), "hostname", p.Spec.Hostname)
	}
	names, volumes := map[string]bool{}, map[string]bool{}
	for _, v := range p.Spec.Volumes {
		wrong(validation.IsDNS1123Label(v.Name), "volume", v.Name)
		if volumes[v.Name] {
			t.Fatalf("two volumes %s", v.Name)
		}
		volumes[v.Name] = true
	}
	for _, c := range p.Spec.Containers {
		wrong(validation.IsDNS1123Label(c.Name), "container", c.Name)
		if names[c.Name] || c.Image == "" {
			t.Fatalf("container %s, image %s", c.Name, c.Image)
		}
		names[c.Name] = true
		for _, e := range c.Env {
			wrong(validation.IsEnvVarName(e.Name), "variable", e.Name)
		}
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] || strings.Contains(m.MountPath, ":") {
				t.Fatalf("mount %+v", m)
			}
		}
		for _, port := range c.Ports {
			if port.Name != "" {
				wrong(validation.IsValidPortName(port.Name), "port", port.Name)
			}
			wrong(validation.IsValidPortNum(int(port.ContainerPort)), "port", port.Name)
		}
		if len(c.Ports) > 0 && p.Spec.HostNetwork {
			t.Fatalf("ports on the host's network: %+v", c.Ports)
		}
	}
	if p.Spec.HostUsers != nil && p.Spec.HostNetwork {
		t.Fatalf("users of its own on the host's network")
	}
	if d := p.Spec.DNSConfig; d != nil && (len(d.Nameservers) > 3 || len(d.Searches) > 32) || p.Spec.DNSPolicy == corev1.DNSNone && len(d.Nameservers) == 0 {
		t.Fatalf("%s %+v", p.Spec.DNSPolicy, d)
	}
}

// checkContainer compares a container with the app that it is.
func checkContainer(t *rapid.T, c corev1.Container, e spec.Effective, whole bool, unsaid []string, alone bool) {
	argv := slices.Concat(c.Command, c.Args)
	for i, word := range argv {
		argv[i] = expand(word)
	}
	if (whole || len(argv) > 0) && !slices.Equal(argv, e.Exec) || !whole && len(argv) == 0 && !slices.Equal(e.Exec, e.ImageExec) {
		t.Fatalf("executes %q, want %q", argv, e.Exec)
	}
	got := map[string]string{}
	for _, v := range c.Env {
		got[v.Name] = expand(v.Value)
	}
	for _, v := range e.Env {
		value, is := got[v.Name]
		mine := v.From != spec.FromFile && v.From != spec.FromPodtui && (whole || v.From != spec.FromImage && v.From != spec.FromDefault)
		note := slices.ContainsFunc(unsaid, func(n string) bool { return strings.HasSuffix(n, "variable "+show(v.Name)) })
		if mine && !note && (!is || value != v.Value) || !mine && is {
			t.Fatalf("variable %+v is %q, %v", v, value, is)
		}
	}
	if limit := c.Resources.Limits.Memory().Value(); limit != e.Limits.Memory {
		t.Fatalf("memory %d, want %d", limit, e.Limits.Memory)
	}
	if limit := c.Resources.Limits.Cpu().MilliValue(); limit != e.Limits.CPU {
		t.Fatalf("cpu %d, want %d", limit, e.Limits.CPU)
	}
	context := c.SecurityContext
	if context == nil {
		context = new(corev1.SecurityContext)
	}
	if on := context.ReadOnlyRootFilesystem; (on != nil && *on) != e.Isolation.ReadOnlyRoot {
		t.Fatalf("read-only %v", on)
	}
	if set := granted(context.Capabilities); !slices.Equal(set, e.Isolation.Capabilities) {
		t.Fatalf("capabilities %v, want %v", set, e.Isolation.Capabilities)
	}
}

// granted are the capabilities that a runtime gives.
func granted(c *corev1.Capabilities) []string {
	set := spec.DefaultCapabilities()
	if c == nil {
		return set
	}
	if slices.Contains(c.Drop, "ALL") {
		set = nil
	}
	for _, name := range c.Add {
		if name == "ALL" {
			set = spec.Capabilities()
			break
		}
		set = append(set, "CAP_"+string(name))
	}
	set = slices.DeleteFunc(set, func(s string) bool { return slices.Contains(c.Drop, corev1.Capability(strings.TrimPrefix(s, "CAP_"))) })
	slices.Sort(set)
	return set
}
