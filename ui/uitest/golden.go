package uitest

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Update is the flag -update.
var Update bool

func init() {
	flag.BoolVar(&Update, "update", false, "write golden files instead of comparing")
}

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

// AtRest has what turns with each message at rest: whether two events of one moment
// come with one message or with two is the scheduler's to say.
var AtRest = strings.NewReplacer("⠙", "⠋", "⠹", "⠋", "⠸", "⠋", "⠼", "⠋", "⠴", "⠋", "⠦", "⠋", "⠧", "⠋", "⠇", "⠋", "⠏", "⠋")

func (d *Driver) compare(name, got string) {
	d.t.Helper()
	got = AtRest.Replace(got)
	if Update {
		if err := os.WriteFile(GoldenPath(name), []byte(got), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(GoldenPath(name))
	if err != nil {
		d.t.Fatalf("%v; run with -update to write it", err)
	}
	if got != string(want) {
		d.t.Errorf("%s differs; run with -update if it should\n--- want\n%s\n--- got\n%s", name, want, got)
	}
}

// GoldenPath is where a golden screen is kept.
func GoldenPath(name string) string {
	return filepath.Join(Root(), "testdata", "golden", filepath.FromSlash(name)+".txt")
}

// Root is the repository's folder.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
