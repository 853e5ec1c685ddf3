package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

func networkingPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../../docs/networking.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Who copies a file of docs/networking.md into net.d has the network that it tells of.
func TestNetworksOfTheDocumentationAreNetworks(t *testing.T) {
	t.Parallel()
	config := t.TempDir()
	files := filepath.Join(config, "net.d")
	if err := os.Mkdir(files, 0o755); err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(networkingPage(t), "```json\n")[1:]
	for i, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if err := os.WriteFile(filepath.Join(files, fmt.Sprintf("%d.conflist", i)), []byte(block), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), ConfigDir: config})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	networks, warnings := e.Networks()
	for _, warning := range warnings {
		if strings.Contains(warning, files) {
			t.Error(warning)
		}
	}
	found := 0
	for _, network := range networks {
		if filepath.Dir(network.File) == files {
			found++
		}
	}
	if found != len(blocks) || found == 0 {
		t.Errorf("%d networks of %d files: %v", found, len(blocks), networks)
	}
}

// The command lines of docs/networking.md, and each of the forms that --port has there,
// are what podtui takes.
func TestCommandLinesOfNetworkingAreTaken(t *testing.T) {
	t.Parallel()
	var lines [][]string
	for line := range strings.Lines(networkingPage(t)) {
		if words, is := strings.CutPrefix(line, "# podtui --batch run "); is {
			lines = append(lines, strings.Fields(words))
		}
		if form, is := strings.CutPrefix(line, "| `--port="); is {
			form, _, _ = strings.Cut(form, "`")
			lines = append(lines, []string{"--private-net", "--port=" + form, "example.com/web"})
		}
	}
	if len(lines) < 8 {
		t.Fatalf("%d command lines", len(lines))
	}
	p := &program{globals: defaults()}
	for _, line := range lines {
		pod, err := spec.Parse(line, slices.Concat(p.globals.specFlags(), (&front{}).flags())...)
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if problems := pod.Check(); len(problems) > 0 || !pod.Network.Private() {
			t.Errorf("%q: %v", line, problems)
		}
	}
}
