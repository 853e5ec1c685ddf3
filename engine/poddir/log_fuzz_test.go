package poddir

import (
	"os"
	"strings"
	"testing"
	"time"
)

// FuzzLogReader: whatever somebody has put there, reading ends, makes no more of
// it than it is, and what a writer adds is read after it.
func FuzzLogReader(f *testing.F) {
	const stamp = "@2026-11-26T02:21:59.123456789Z "
	for _, seed := range []string{
		"", "torn\n\n2026 x", "@", strings.Repeat("@", 200),
		stamp + "stdout 0000000005\ntext\n",
		stamp + "stderr 0000000004\npart" + stamp + "stdout 0000000002\nx\n" + stamp + "stderr 0000000002\n!\n",
		stamp + "rotate 0000000002\n12" + stamp + "stdout 0000000009\ntorn",
		stamp + "lost   0000000003\nwhy" + stamp + "lost   0000000300\n",
		stamp + "stdout 0000000000\n" + stamp + "rotate 0000000000\n" + stamp + "stdout 9999999999\n",
		"@9999-99-99T99:99:99.999999999Z stdout 0000000001\nx",
	} {
		f.Add([]byte(seed), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, current, older []byte) {
		dir := Open(t.TempDir(), "pod")
		if err := os.MkdirAll(dir.file(logsDir), 0o700); err != nil {
			t.Fatal(err)
		}
		path := dir.file(logsDir, "app")
		os.WriteFile(path, current, 0o600)
		if len(older) > 0 {
			os.WriteFile(path+olderSuffix, older, 0o600)
		}
		choices := []LogRange{
			{}, {Last: 2}, {New: true}, {Since: time.Date(2026, 11, 26, 2, 21, 59, 0, time.UTC)},
			{Until: time.Date(2026, 11, 26, 2, 21, 59, 0, time.UTC), Stream: "stderr"}, {Last: 1, Stream: "stdout"},
		}
		for _, choice := range choices {
			total := 0
			for _, line := range readAll(t, reader(t, dir, choice)) {
				if !line.Lost() {
					total += len(line.Text)
				}
			}
			if total > len(current)+len(older) {
				t.Errorf("%+v: %d bytes of lines out of %d and %d", choice, total, len(current), len(older))
			}
		}
		say(t, writer(t, dir, 1<<20), "stdout", "\nafter\n")
		if got := shown(t, reader(t, dir, LogRange{})); !strings.Contains(got, "|after|") {
			t.Errorf("got %q", got)
		}
		if got := shown(t, reader(t, dir, LogRange{Last: 1, Stream: "stdout"})); got != "after|" {
			t.Errorf("the last line is %q", got)
		}
	})
}
