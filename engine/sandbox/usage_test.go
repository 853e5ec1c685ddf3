package sandbox

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write makes files of a cgroup.
func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var usageOfV1 = map[string]map[string]string{
	"cpu,cpuacct": {"cpuacct.usage": "1500000000\n"},
	"memory": {
		"memory.usage_in_bytes": "10000000\n", "memory.limit_in_bytes": "9223372036854771712\n",
		"memory.stat": "cache 5000000\ninactive_file 1\ntotal_inactive_file 4000000\n",
	},
	"pids":  {"pids.current": "3\n"},
	"blkio": {"blkio.throttle.io_service_bytes_recursive": "8:0 Read 100\n8:0 Write 200\n8:0 Total 300\n8:16 Read 11\nTotal 311\n"},
}

var usageOfV2 = map[string]string{
	"cpu.stat":       "usage_usec 1500000\nuser_usec 1000000\n",
	"memory.current": "10000000\n", "memory.max": "max\n", "memory.stat": "anon 6000000\ninactive_file 4000000\n",
	"pids.current": "3\n",
	"io.stat":      "8:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=11 wbytes=0 rios=1 wios=0\n",
}

func TestUsageOfEachKindOfHost(t *testing.T) {
	t.Parallel()
	want := Usage{CPU: 1500 * time.Millisecond, Memory: 6_000_000, PIDs: 3, Read: 111, Written: 200}
	v1, v2, limited, empty := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	var all []hierarchy
	for name, files := range usageOfV1 {
		write(t, filepath.Join(v1, name, "app"), files)
		all = append(all, hierarchy{path: filepath.Join(v1, name), controllers: strings.Split(name, ",")})
	}
	write(t, filepath.Join(v2, "app"), usageOfV2)
	write(t, filepath.Join(limited, "app"), usageOfV2)
	write(t, filepath.Join(limited, "app"), map[string]string{"memory.max": "64000000\n", "pids.current": "many\n"})
	withLimit := want
	withLimit.MemoryLimit, withLimit.PIDs = 64_000_000, notCounted
	unified := func(path string) []hierarchy { return []hierarchy{{path: path, unified: true}} }
	memoryInV2 := []hierarchy{{path: filepath.Join(v1, "pids"), controllers: []string{"pids"}}, {path: limited, unified: true}}
	mixed := withLimit
	mixed.PIDs = 3
	nothing := Usage{CPU: notCounted, Memory: notCounted, PIDs: notCounted, Read: notCounted, Written: notCounted}
	for name, c := range map[string]struct {
		hierarchies []hierarchy
		want        Usage
	}{
		"v1":                        {all, want},
		"v2":                        {unified(v2), want},
		"v2, with a limit":          {unified(limited), withLimit},
		"one of v1, the rest of v2": {memoryInV2, mixed},
		"an app that is gone":       {unified(empty), nothing},
		"no cgroups":                {nil, nothing},
	} {
		if got := readUsage(c.hierarchies, "app"); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestUsageOfARunningApp(t *testing.T) {
	if !onHosts(t, "as it is", "inside a container") {
		return
	}
	needLimits(t)
	p := newTestPod(t)
	app := p.start("sleep 99 & dd if=/dev/zero bs=1M count=200 of=/dev/null; echo begun; wait", func(a *App) { a.Limits.Memory = 64 << 20 })
	app.waitFor("begun")
	usage := usageOf(t, p)
	app.Kill()
	app.end()
	if usage.CPU <= 0 || usage.Memory <= 0 || usage.Memory > 64<<20 || usage.MemoryLimit != 64<<20 || usage.PIDs != 2 || usage.Read < 0 || usage.Written < 0 {
		t.Errorf("%+v", usage)
	}
}

func FuzzUsageFiles(f *testing.F) {
	for _, files := range usageOfV1 {
		for _, text := range files {
			f.Add(text)
		}
	}
	for _, text := range usageOfV2 {
		f.Add(text)
	}
	f.Add("8:0 Read 18446744073709551615\n8:0 Read 9223372036854775807\n8:0 Read -5\n")
	f.Add("inactive_file -1\noom_kill 99999999999999999999\n")
	f.Fuzz(func(t *testing.T, text string) {
		read1, written1 := parseServiceBytes(strings.NewReader(text))
		read2, written2 := parseIOStat(strings.NewReader(text))
		if min(read1, written1, read2, written2) < 0 {
			t.Error(read1, written1, read2, written2)
		}
		for _, n := range []int64{parseNumber(strings.NewReader(text)), parseKeyed(strings.NewReader(text), "inactive_file")} {
			if n < notCounted || microseconds(n) < notCounted || limit(n) < 0 || workingSet(math.MaxInt64, n) < 0 {
				t.Error(n)
			}
		}
	})
}
