package spec

import (
	"strings"
	"testing"
)

func TestPullPoliciesAndTheirOldNames(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]PullPolicy{
		"img":                                   "",
		"--pull-policy=new img":                 PullNew,
		"--pull-policy update img":              PullUpdate,
		"img --pull-policy=never":               PullNever,
		"--store-only img":                      PullNever,
		"--no-store img":                        PullUpdate,
		"--no-store=false img":                  "",
		"--pull-policy=update --store-only img": PullNever, // the last counts, as with all flags
	} {
		pod, err := Parse(strings.Fields(line))
		if err != nil || pod.Pull != want {
			t.Errorf("%s: %q, %v; want %q", line, pod.Pull, err, want)
		}
		again, err := Parse(pod.CommandLine())
		if err != nil || again.Pull != want {
			t.Errorf("%s, written and read: %q, %v", line, again.Pull, err)
		}
	}
	for line, want := range map[string]string{
		"--pull-policy=always img": "new, update or never",
		"--pull-policy= img":       "new, update or never",
		"--store-only=perhaps img": "--store-only",
	} {
		if _, err := Parse(strings.Fields(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
	if problems := (Pod{Apps: []App{{Image: "a.b/c"}}, Pull: "sometimes"}).Check(); len(problems) != 1 || problems[0].Path != "pull" {
		t.Errorf("%v", problems)
	}
}

// A VOLUME starts with the image's content, and nobody is warned; a mount point
// beside it is an appc one, and somebody is.
func TestVolumesOfRegistryImagesAreFilled(t *testing.T) {
	t.Parallel()
	img := image(t, "docker.io/library/redis", `{"exec":["/redis"],"user":"0","group":"0",
		"mountPoints":[{"name":"data","path":"/data"},{"name":"extra","path":"/extra"}]}`)
	img.Manifest.Annotations.Set(VolumesAnnotation, `["/data/"]`)
	resolved, problems := Pod{Apps: []App{{Image: "docker://redis"}}}.Resolve([]Image{img}, Surroundings{})
	if len(problems) != 0 || len(resolved.Volumes) != 2 || !resolved.Apps[0].Bindings[0].Fill || resolved.Apps[0].Bindings[1].Fill {
		t.Fatalf("%+v %v", resolved, problems)
	}
	if w := resolved.Apps[0].Warnings(); len(w) != 1 || !strings.Contains(w[0], `"extra"`) {
		t.Errorf("%q", w)
	}
	given := Pod{Apps: []App{{Image: "docker://redis"}}, Volumes: []Volume{{Name: "data", Kind: EmptyVolume}}}
	resolved, _ = given.Resolve([]Image{img}, Surroundings{})
	if resolved.Apps[0].Bindings[0].Fill || resolved.Apps[0].Bindings[0].Implicit {
		t.Errorf("a volume of the pod's own: %+v", resolved.Apps[0].Bindings)
	}
}
