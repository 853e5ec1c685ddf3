package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// The appc project's own validator runs as a pod and looks at it from inside:
// ace.md as its authors test it.
func TestTheValidatorOfAppcIsContent(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	v := newValidator(t)
	pod := spec.Pod{
		Apps:    []spec.App{{Image: v.image("main")}, {Image: v.image("sidekick")}},
		Volumes: []spec.Volume{{Name: "database", Kind: spec.EmptyVolume}},
	}
	t.Run("host network", func(t *testing.T) {
		t.Parallel()
		mustBeContent(t, enginetest.NewHost(t).Run, pod)
	})
	t.Run("private network", func(t *testing.T) {
		t.Parallel()
		mustBeContent(t, newWorldHost(t).Run, networked(pod, "default"))
	})
}

func mustBeContent(t *testing.T, run func(spec.Pod) enginetest.Result, pod spec.Pod) {
	t.Helper()
	var result enginetest.Result
	for range 10 { // its patience is 100 ms an answer, and these tests keep the host busy
		result = run(pod)
		if result.Exit == 0 || !strings.Contains(result.Stderr, "Client.Timeout") {
			break
		}
	}
	said := strings.Fields(strings.ReplaceAll(result.Stdout, " OK", "-OK"))
	slices.Sort(said)
	if want := []string{"main-OK", "poststop-OK", "prestart-OK", "sidekick-OK"}; !slices.Equal(said, want) || result.Exit != 0 || result.Err != nil {
		t.Errorf("status %d (%v)\n%s%s", result.Exit, result.Err, result.Stdout, result.Stderr)
	}
}

// validator makes the validator's images, with the tool and from the files of the
// module that it is part of.
type validator struct {
	tb     testing.TB
	module string // the module's folder
	dir    string // of what is built
}

func newValidator(tb testing.TB) validator {
	tb.Helper()
	const module = "github.com/appc/spec"
	v := validator{tb: tb, dir: tb.TempDir()}
	v.module = strings.TrimSpace(v.output("go", "list", "-m", "-f", "{{.Dir}}", module))
	// As "make build" builds, so that most of it is in the compiler's cache; and
	// static, since the images hold nothing else.
	v.output("go", "build", "-trimpath", "-buildvcs=false", "-tags=netgo,osusergo", "-ldflags=-s -w", "-o", v.dir+"/", module+"/ace", module+"/actool")
	return v
}

// image makes one of the two images as the module's own script does.
func (v validator) image(name string) (path string) {
	v.tb.Helper()
	layout := filepath.Join(v.dir, name)
	arch := map[string]string{"arm64": "aarch64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	manifest, err := os.ReadFile(filepath.Join(v.module, "ace", "image_manifest_"+name+".json.in"))
	if err != nil {
		v.tb.Fatal(err)
	}
	filled := strings.NewReplacer("@ACI_OS@", runtime.GOOS, "@ACI_ARCH@", arch).Replace(string(manifest))
	program, err := os.ReadFile(filepath.Join(v.dir, "ace"))
	if err != nil {
		v.tb.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(layout, "rootfs", "opt", "acvalidator"), 0o755); err != nil {
		v.tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(layout, "manifest"), []byte(filled), 0o644); err != nil {
		v.tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(layout, "rootfs", "ace-validator"), program, 0o755); err != nil {
		v.tb.Fatal(err)
	}
	path = layout + ".aci"
	v.output(filepath.Join(v.dir, "actool"), "build", "--owner-root", layout, path)
	return path
}

// output runs a program and returns what it prints.
func (v validator) output(program string, args ...string) string {
	v.tb.Helper()
	command := exec.Command(program, args...)
	var errors strings.Builder
	command.Stderr = &errors
	out, err := command.Output()
	if err != nil {
		v.tb.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, errors.String())
	}
	return string(out)
}
