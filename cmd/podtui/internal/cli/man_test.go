package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/podtui/podtui/engine/spec"
)

// Every command has a page, which names each of its flags, and each page is one that man
// shows without a complaint.
func TestManPagesTellOfEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	p := &program{version: "1.2.3", globals: defaults()}
	pages := p.manPages(p.root())
	has := func(page, text string) bool { return strings.Contains(pages[page], roff(text)) }
	for _, c := range commandsBelow(p.root()) {
		page := manName(c) + ".1"
		if !has(page, c.Short) {
			t.Errorf("%s does not say what it is", page)
		}
		if c.HasParent() && !has(manName(c.Parent())+".1", manName(c)+"(1)") {
			t.Errorf("%s is not on the page above it", page)
		}
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && c.HasParent() && !has(page, "--"+f.Name) {
				t.Errorf("%s: --%s is missing", page, f.Name)
			}
		})
	}
	for _, f := range p.globals.flags() {
		if !has("podtui.1", "--"+f.name) {
			t.Errorf("podtui.1: --%s is missing", f.name)
		}
	}
	for _, f := range spec.RunFlags() {
		if !has("podtui-run.1", flagUsage(f)) || f.Name != "detach" && !has("podtui-prepare.1", flagUsage(f)) {
			t.Errorf("--%s of a pod is missing", f.Name)
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		groff, err = exec.LookPath("mandoc")
	}
	if err != nil {
		t.Log("neither groff nor mandoc reads them here")
		return
	}
	folder := t.TempDir()
	for name, page := range pages {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		args := []string{"-ww", "-Wbreak", "-man", "-K", "utf-8", "-T", "utf8", file}
		if filepath.Base(groff) == "mandoc" {
			args = []string{"-T", "lint", "-W", "warning", file}
		}
		cmd := exec.Command(groff, args...)
		var complaints strings.Builder
		cmd.Stderr = &complaints
		if err := cmd.Run(); err != nil || complaints.Len() > 0 {
			t.Errorf("%s: %v\n%s", name, err, complaints.String())
		}
	}
}

// What a flag's help says can be no request of roff's.
func TestWordsAreNoRequests(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{".TH x": `\&.TH x`, "'x": `\&'x`, `a\b`: `a\eb`, "--net": `\-\-net`} {
		if got := roff(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
