package uitest

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

var update = flag.Bool("update", false, "write golden files instead of comparing")

// Golden compares the screen with testdata/golden/NAME.txt.
func (d *Driver) Golden(name string) *Driver {
	d.t.Helper()
	d.compare(name, d.Screen()+"\n")
	return d
}

// GoldenStyles compares the screen with its styles, the escape made visible.
func (d *Driver) GoldenStyles(name string) *Driver {
	d.t.Helper()
	d.compare(name, strings.ReplaceAll(d.Raw(), "\x1b", "␛")+"\n")
	return d
}

func (d *Driver) compare(name, got string) {
	d.t.Helper()
	path := filepath.Join(Root(), "testdata", "golden", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatalf("%v; run with -update to write it", err)
	}
	if got != string(want) {
		d.t.Errorf("%s differs; run with -update if it should\n--- want\n%s\n--- got\n%s", name, want, got)
	}
}

// Root is the repository's folder.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
