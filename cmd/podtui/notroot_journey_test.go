package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Who is not root and may only look into the data folder keeps what is composed in one of
// his own, and is told if there is none.
func TestWhoIsNotRootKeepsWhatIsComposed(t *testing.T) {
	long(t)
	tm := openTerminal(t)
	// The folder of the podtui in PATH is root's alone.
	tm.Shell(`cp -L "$(command -v podtui)" podtui; mkdir data own; chown 65534 own; PODTUI_DIR=$PWD/data ./podtui image list; chmod -R a+rX data`)
	compose := func(home string) string {
		t.Helper()
		out := tm.Shell(`printf 'open compose\nn\nquit\n' | HOME=$PWD/` + home + ` PODTUI_DIR=$PWD/data PODTUI_CONFIG_DIR=$PWD/` + home +
			`/.config setpriv --reuid=65534 --regid=65534 --clear-groups ./podtui --linear run docker://registry.test/mine:1 2>&1 | cat`)
		if !strings.Contains(out.stdout, "not root: running pods") {
			t.Fatalf("%+v", out)
		}
		return out.stdout
	}
	if said := compose("own"); strings.Contains(said, "not kept") {
		t.Error(said)
	}
	kept, err := filepath.Glob(filepath.Join(tm.home, "own/.local/share/podtui/drafts/open/*.json"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
	if draft, err := os.ReadFile(kept[0]); err != nil || !strings.Contains(string(draft), "registry.test/mine:1") {
		t.Errorf("%s, %v", draft, err)
	}
	if said := compose("data"); !strings.Contains(said, "; what is composed is not kept: ") { // which is root's
		t.Error(said)
	}
}
