package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

// docs/run.md has a row for every flag of run, in the table that it belongs to,
// and for no other; and each example is a command line that podtui takes.
func TestEveryFlagOfRunIsInTheDocumentation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../docs/run.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := make(map[string]spec.Scope)
	scope := spec.PodScope
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "## Flags of an app") {
			scope = spec.AppScope
		}
		cells := strings.Split(strings.ReplaceAll(line, `\|`, "¦"), "|")
		if !strings.HasPrefix(line, "| `--") || len(cells) != 6 {
			continue
		}
		flag := strings.Trim(cells[1], " `")
		name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		name, _, _ = strings.Cut(name, "[")
		if _, twice := documented[name]; twice {
			t.Errorf("--%s is there twice", name)
		}
		documented[name] = scope
		checkExample(t, name, scope, strings.Trim(cells[3], " `"))
	}
	for _, f := range spec.RunFlags() {
		want := f.Scope
		if want == spec.BothScope {
			want = spec.PodScope
		}
		if at, found := documented[f.Name]; !found || at != want {
			t.Errorf("--%s is not in its table", f.Name)
		}
		delete(documented, f.Name)
	}
	for name := range documented {
		t.Errorf("--%s is no flag of run", name)
	}
}

func checkExample(t *testing.T, name string, scope spec.Scope, example string) {
	t.Helper()
	if !strings.HasPrefix(example, "--"+name) {
		t.Errorf("--%s: the example is %s", name, example)
		return
	}
	line := []string{"example.com/app", example}
	switch {
	case name == "pod-manifest":
		line = line[1:]
	case scope == spec.PodScope:
		line = []string{"--volume=work,kind=empty", example, "example.com/app"}
		if name == "port" {
			line[0] = "--private-net"
		}
		if name == "volume" {
			line = line[1:]
		}
	}
	pod, err := spec.Parse(line)
	if err != nil {
		t.Errorf("%s: %v", example, err)
		return
	}
	if problems := pod.Check(); len(problems) > 0 && name != "pod-manifest" {
		t.Errorf("%s: %v", example, problems)
	}
}
