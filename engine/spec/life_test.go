package spec

import (
	"testing"
	"time"
)

func TestLifeOfAnAppIsNumbersForTheEngine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		app    App
		limits Limits
		life   Life
	}{
		"nobody said anything": {App{}, Limits{PIDs: 2048}, Life{Restart{When: RestartNever}, 15, 10 * time.Second}},
		"all of it": {App{Memory: "64M", CPU: "1.5", Restart: "on-failure:3", StopSignal: "SIGINT", StopTimeout: "2m"},
			Limits{Memory: 64e6, CPU: 1500, PIDs: 2048}, Life{Restart{RestartOnFailure, 3}, 2, 2 * time.Minute}},
		"other units": {App{Memory: "1.5Gi", CPU: "250m", CPUShares: "2", PIDs: "max", Restart: "always", StopSignal: "9", StopTimeout: "0s"},
			Limits{Memory: 3 << 29, CPU: 250, CPUShares: 2}, Life{Restart{When: RestartAlways}, 9, 0}},
		"bytes": {App{Memory: "67108864", CPU: "2", PIDs: "7", Restart: "on-failure", StopSignal: "usr1"},
			Limits{Memory: 64 << 20, CPU: 2000, PIDs: 7}, Life{Restart{When: RestartOnFailure}, 10, 10 * time.Second}},
	} {
		e := Pod{Apps: []App{c.app}}.ResolveApp(0, Image{}, Surroundings{})
		if e.Limits != c.limits || e.Life != c.life {
			t.Errorf("%s: %+v, %+v", name, e.Limits, e.Life)
		}
	}
}

func TestRestartPolicyIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"no", "on-failure", "on-failure:7", "always"} {
		if r, err := ParseRestart(policy); err != nil || r.String() != policy {
			t.Errorf("%s: %s (%v)", policy, r, err)
		}
	}
}

func FuzzQuantities(f *testing.F) {
	for _, s := range []string{"64Mi", "0.5", "500m", "1e9", "-1", "NaN", "Inf", "1.2.3", "0x10", "Ki"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseMemory(s); err == nil && s != "" && (n < LeastMemory || n > 1<<60) {
			t.Errorf("memory %q is %d", s, n)
		}
		if n, err := ParseCPU(s); err == nil && s != "" && (n < 10 || n > 1e6) {
			t.Errorf("cpu %q is %d", s, n)
		}
		if n, err := ParseSize(s); err == nil && s != "" && (n < 4096 || n > 1<<60) {
			t.Errorf("size %q is %d", s, n)
		}
		if n, err := ParsePIDs(s); err == nil && (n < 0 || n > 1<<22) {
			t.Errorf("pids %q is %d", s, n)
		}
		if mode, err := ParseMode(s); err == nil && mode > 0o7777 {
			t.Errorf("mode %q is %o", s, mode)
		}
	})
}
