package export

import (
	"strings"

	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
)

// container is app i.
func (k *kube) container(i int) mapping {
	app, e := k.pod.Apps[i], k.resolved.Apps[i]
	image, pulled := k.image(i)
	var m mapping
	m.put("name", k.names.give(k.appName(i), maxLabel))
	m.put("image", k.text(image, "the image of %s", k.app(i)))
	if !pulled {
		m[len(m)-1].comment = "An appc image: no kubelet can pull it. Push one with this content to a registry, and name it here."
	}
	m.put("imagePullPolicy", pullPolicy(k.pod.Pull))
	k.command(&m, i, pulled)
	if e.WorkingDir.From != spec.FromDefault && (!pulled || e.WorkingDir.From != spec.FromImage) {
		m.put("workingDir", k.text(e.WorkingDir.Value, "the working folder of %s", k.app(i)))
	}
	k.envFrom(&m)
	m.add("env", k.env(i, pulled))
	if k.pod.Network.Private() {
		m.add("ports", k.containerPorts(i))
	}
	if k.pod.Interactive {
		m.put("stdin", true)
		m.put("tty", true)
	}
	m.add("volumeMounts", k.mounts(i))
	m.add("resources", resources(e))
	m.add("securityContext", k.isolation(i, pulled))
	if app.Signature != "" {
		k.add("%sthe signature in %s", k.of(i), show(app.Signature))
	}
	if len(e.Handlers.PreStart)+len(e.Handlers.PostStop) > 0 {
		k.add("%swhat runs before its start and after its end", k.of(i))
	}
	return m
}

func pullPolicy(p spec.PullPolicy) string {
	switch p {
	case spec.PullUpdate:
		return "Always"
	case spec.PullNever:
		return "Never"
	}
	return "IfNotPresent"
}

// image is the reference of app i's image, and whether a kubelet can pull it.
func (k *kube) image(i int) (reference string, pulled bool) {
	asked := k.pod.Apps[i].Image
	m := k.imageOf(i).Manifest
	if m != nil {
		if _, ofRegistry := m.Annotations.Get(spec.PlatformAnnotation); !ofRegistry {
			name, _ := m.Labels.Get("version")
			return strings.TrimSuffix(m.Name.String()+":"+name, ":"), false
		}
		if from, ok := m.Annotations.Get("podtui.io/reference"); ok && !strings.HasPrefix(asked, registryScheme) {
			asked = registryScheme + strings.TrimPrefix(from, registryScheme)
		}
	}
	ref, err := imageref.Parse(asked, nil)
	if err == nil && ref.Kind == imageref.Registry {
		return ref.Registry.String(), true
	}
	return asked, false
}

const registryScheme = "docker://"

func (k *kube) imageOf(i int) spec.Image {
	if i < len(k.images) {
		return k.images[i]
	}
	return spec.Image{}
}

// command is what is executed, unless it is just what the image says: in Kubernetes
// arguments stand in place of an image's, and are not added to them.
func (k *kube) command(m *mapping, i int, pulled bool) {
	e := k.resolved.Apps[i]
	if k.imageOf(i).Manifest == nil && e.ExecFrom != spec.FromApp {
		if e.OwnArgs > 0 || !pulled {
			k.add("%swhat its image executes, which is not known here", k.of(i))
		}
		m.add("args", k.words(i, k.pod.Apps[i].Args))
		return
	}
	if pulled && e.ExecFrom == spec.FromImage && e.OwnArgs == 0 {
		return
	}
	own := len(e.Exec) - min(e.OwnArgs, len(e.Exec))
	m.add("command", k.words(i, e.Exec[:own]))
	m.add("args", k.words(i, e.Exec[own:]))
}

func (k *kube) words(i int, words []string) []string {
	escaped := make([]string, len(words))
	for n, word := range words {
		escaped[n] = k.text(escapeReferences(word), "argument %s of %s", show(word), k.app(i))
	}
	return escaped
}

// escapeReferences keeps Kubernetes from putting something in the place of $(NAME). It
// takes a $ for half of something else before another, before a parenthesis, and
// before what is no ASCII, of which it takes one byte.
func escapeReferences(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '$' && i+1 < len(s) && (s[i+1] == '$' || s[i+1] == '(' || s[i+1] >= 0x80) {
			b.WriteByte('$')
		}
	}
	return b.String()
}

// envFrom has a Secret for each file of --set-env-file: its values stay out of the
// manifest.
func (k *kube) envFrom(m *mapping) {
	var list []mapping
	var makes []string
	taken := labels{}
	for _, file := range k.pod.EnvFiles {
		name := taken.give(k.name()+"-env", maxLabel)
		list = append(list, mapping{{key: "secretRef", value: mapping{{key: "name", value: name}}}})
		makes = append(makes, "kubectl create secret generic "+name+" "+spec.Quote([]string{"--from-env-file=" + file}))
	}
	if len(list) > 0 {
		*m = append(*m, entry{"envFrom", list, "First: " + strings.Join(makes, " && ")})
	}
}

func (k *kube) env(i int, pulled bool) (list []mapping) {
	for _, v := range k.resolved.Apps[i].Env {
		switch {
		case v.From == spec.FromFile || v.From == spec.FromPodtui, pulled && (v.From == spec.FromImage || v.From == spec.FromDefault):
			continue
		case !isVariable(v.Name):
			k.add("%svariable %s", k.of(i), show(v.Name))
			continue
		}
		value := k.text(escapeReferences(v.Value), "variable %s of %s", v.Name, k.app(i))
		list = append(list, mapping{{key: "name", value: v.Name}, {key: "value", value: value}})
	}
	return list
}

// isVariable takes what every version of Kubernetes does.
func isVariable(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isLetterOrDigit(c) && strings.IndexByte("-._", c) < 0 || i == 0 && c >= '0' && c <= '9' {
			return false
		}
	}
	return name != "" && name != "." && !strings.HasPrefix(name, "..")
}
