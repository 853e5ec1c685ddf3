package export

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
)

// Kubernetes is the pod as a v1 Pod in YAML, which an API server takes: resolved is what
// Resolve made of it with these images. What an image of a registry says about itself
// is left to the kubelet, which reads it there; of an appc image, which no kubelet can
// pull, all is written out.
//
// Unsaid is what Kubernetes has no words for. The error is what YAML can't hold.
func Kubernetes(pod spec.Pod, resolved spec.Resolved, images []spec.Image) (yaml []byte, unsaid []string, err error) {
	if len(resolved.Apps) == 0 || len(resolved.Apps) != len(pod.Apps) {
		return nil, nil, errors.New("the pod has no app; Kubernetes wants at least one container")
	}
	k := kube{pod: pod, resolved: resolved, images: images, volumes: make(map[string]string), names: labels{}, ports: pod.Offers(images)}
	object := k.object()
	if k.err != nil {
		return nil, nil, k.err
	}
	var b strings.Builder
	comment(&b, "", "A pod of podtui as Kubernetes has it.")
	if len(k.notes) > 0 {
		comment(&b, "", "Kubernetes has no words for:")
	}
	for _, note := range k.notes {
		comment(&b, "", "- "+note)
	}
	object.write(&b, "", false)
	return []byte(b.String()), k.notes, nil
}

// kube is a manifest that is being written.
type kube struct {
	notes
	err error

	pod      spec.Pod
	resolved spec.Resolved
	images   []spec.Image
	ports    []spec.Offer
	names    labels            // of containers
	volumes  map[string]string // what volumes are called here
}

// text is a string that YAML can hold; what is for the error.
func (k *kube) text(s, format string, args ...any) string {
	if !utf8.ValidString(s) && k.err == nil {
		k.err = fmt.Errorf("%s is not UTF-8, and YAML holds nothing else", printable(fmt.Sprintf(format, args...)))
	}
	return s
}

// of tells whose a note is, where there are several apps.
func (k *kube) of(i int) string {
	if len(k.resolved.Apps) == 1 {
		return ""
	}
	return k.app(i) + ": "
}

// app is how a line calls app i.
func (k *kube) app(i int) string { return "app " + show(k.appName(i)) }

func (k *kube) object() mapping {
	var m mapping
	m.put("apiVersion", "v1")
	m.put("kind", "Pod")
	m.put("metadata", k.metadata())
	m.put("spec", k.spec())
	return m
}

// name is what the pod is called: as its user says, or like its first app.
func (k *kube) name() string {
	if k.pod.Name != "" {
		return dnsLabel(k.pod.Name, maxLabel)
	}
	return dnsLabel(k.appName(0), maxLabel)
}

// appName is what app i is called: that of an image which is not known is likely to be.
func (k *kube) appName(i int) string {
	if name := k.resolved.Apps[i].Name.Value; name != "" {
		return name
	}
	ref, err := imageref.Parse(k.pod.Apps[i].Image, nil)
	switch {
	case err == nil && ref.Kind == imageref.Registry:
		return spec.DefaultName(ref.Registry.ImageName())
	case err == nil && ref.Kind == imageref.Name:
		return spec.DefaultName(ref.Name.Name)
	}
	return "app"
}

func (k *kube) metadata() mapping {
	annotations, tags := slices.Concat(k.pod.Annotations, k.pod.UserAnnotations), k.pod.UserLabels
	for i, app := range k.pod.Apps {
		if len(k.pod.Apps) == 1 {
			annotations, tags = slices.Concat(annotations, app.Annotations), slices.Concat(tags, app.Labels)
			break
		}
		for _, v := range slices.Concat(app.Annotations, app.Labels) {
			k.add("%s%s, of a container", k.of(i), show(v.Name))
		}
	}
	var m mapping
	m.put("name", k.name())
	m.add("labels", k.pairs("label", tags, func(v spec.Var) bool { return isQualified(v.Name) && isLabelValue(v.Value) }))
	m.add("annotations", k.pairs("annotation", annotations, func(v spec.Var) bool { return isQualified(v.Name) }))
	return m
}

// pairs keeps those that can be: of a name that comes twice the latter.
func (k *kube) pairs(what string, list []spec.Var, fits func(spec.Var) bool) mapping {
	var m mapping
	for _, v := range list {
		if !fits(v) {
			k.add("%s %s=%s", what, show(v.Name), show(v.Value))
			continue
		}
		value := k.text(v.Value, "%s %s", what, v.Name)
		m = slices.DeleteFunc(m, func(e entry) bool { return e.key == v.Name })
		m.put(v.Name, value)
	}
	return m
}

func (k *kube) spec() mapping {
	var m mapping
	if !k.pod.Network.Private() {
		m.put("hostNetwork", true)
	}
	k.network()
	k.hostname(&m)
	if k.pod.PrivateUsers && k.pod.Network.Private() {
		m.put("hostUsers", false)
	} else if k.pod.PrivateUsers {
		k.add("private users on the host's network")
	}
	m.put("shareProcessNamespace", true)
	m.put("automountServiceAccountToken", false)
	m.put("enableServiceLinks", false)
	k.resolver(&m)
	m.add("hostAliases", k.hostAliases())
	k.life(&m)
	m.add("securityContext", k.security())
	volumes := k.declare()
	var containers []mapping
	for i := range k.resolved.Apps {
		containers = append(containers, k.container(i))
	}
	m.put("containers", containers)
	m.add("volumes", volumes)
	k.rest()
	return m
}

// rest is what has no place in a Pod at all.
func (k *kube) rest() {
	for _, flag := range []struct {
		on   bool
		what string
	}{
		{k.pod.VerifyImage, "checking every file of the images before they run"},
		{k.pod.NoOverlay, "copying the images' files instead of stacking them"},
		{k.resolved.Limits != (spec.Limits{}), "limits of all apps together"},
		{k.pod.RegisterMDS != nil && *k.pod.RegisterMDS, "appc's metadata service (AC_METADATA_URL)"},
		{len(k.pod.Apps) > 1 && k.resolved.OnFailure == spec.StopOthers, "that the failure of one app ends the others"},
		{k.pod.InheritEnv, "inheriting an environment: variables are as they were here and now"},
	} {
		if flag.on {
			k.add("%s", flag.what)
		}
	}
}
