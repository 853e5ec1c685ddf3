package supervisor

import (
	"testing"
	"time"

	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	type run struct {
		status int
		ran    time.Duration
		pause  time.Duration // 0: not started again
	}
	const ms, s = time.Millisecond, time.Second
	for name, test := range map[string]struct {
		policy string
		runs   []run
	}{
		"no":                         {"no", []run{{1, s, 0}}},
		"nobody said":                {"", []run{{1, s, 0}}},
		"always":                     {"always", []run{{0, 0, 100 * ms}, {1, 0, 200 * ms}, {0, 0, 400 * ms}}},
		"on failure":                 {"on-failure", []run{{1, 0, 100 * ms}, {137, 0, 200 * ms}, {0, 0, 0}}},
		"so often":                   {"on-failure:2", []run{{1, 0, 100 * ms}, {1, 0, 200 * ms}, {1, 0, 0}}},
		"so often, however long":     {"on-failure:1", []run{{1, time.Hour, 100 * ms}, {1, time.Hour, 0}}},
		"anew after a long run":      {"always", []run{{1, 0, 100 * ms}, {1, 9 * s, 200 * ms}, {1, 10 * s, 100 * ms}, {1, 0, 200 * ms}}},
		"a minute at the most":       {"always", []run{{1, 0, 100 * ms}, {1, 0, 200 * ms}, {1, 0, 400 * ms}, {1, 0, 800 * ms}, {1, 0, 1600 * ms}, {1, 0, 3200 * ms}, {1, 0, 6400 * ms}, {1, 0, 12800 * ms}, {1, 0, 25600 * ms}, {1, 0, 51200 * ms}, {1, 0, time.Minute}, {1, 0, time.Minute}}},
		"a good end after bad ones":  {"on-failure:3", []run{{1, 0, 100 * ms}, {0, 0, 0}}},
		"a failure without a minute": {"on-failure:1", []run{{126, 0, 100 * ms}, {126, 0, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			when, err := spec.ParseRestart(test.policy)
			if err != nil {
				t.Fatal(err)
			}
			p := policy{Restart: when}
			for i, run := range test.runs {
				pause, again := p.next(run.status, run.ran)
				if pause != run.pause || again != (run.pause > 0) {
					t.Fatalf("after run %d: %v, %v; want %v", i, pause, again, run.pause)
				}
			}
		})
	}
}

func TestCause(t *testing.T) {
	t.Parallel()
	filtered := spec.Seccomp{Mode: spec.SeccompRemove, Calls: []string{"reboot"}}
	limited := &supervisor{pod: new(sandbox.Pod), apps: []*app{{Effective: spec.Effective{
		Name: spec.Setting{Value: "a"}, Limits: spec.Limits{Memory: 64e6}, Isolation: spec.Isolation{Seccomp: filtered},
	}}}}
	for want, e := range map[string]end{
		"status 3":                           {status: 3},
		"killed by signal 9 (SIGKILL)":       {status: 137, signaled: true},
		"killed by signal 34":                {status: 162, signaled: true},
		"status 255":                         {status: 255},
		"killed by its memory limit (64 MB)": {status: 137, signaled: true, outOfMemory: true},
		"killed by signal 15 (SIGTERM)":      {status: 143, signaled: true, outOfMemory: true},
		"status 143":                         {status: 143},
		"killed for a system call that its seccomp filter refuses (SIGSYS)": {status: 159, signaled: true},
		"": {outOfMemory: true},
		"status 137; a process of it was killed by its memory limit (64 MB)": {status: 137, outOfMemory: true},
		"exec /x: it can't be run": {status: 126, err: errorText(`app "a": exec /x: it can't be run`)},
	} {
		if got := limited.cause(e); got != want {
			t.Errorf("%+v: %q, want %q", e, got, want)
		}
	}
}

type errorText string

func (e errorText) Error() string { return string(e) }

func TestMemoryIsToldAsItWasGiven(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]string{
		64e6: "64 MB", 64 << 20: "64 MiB", 1 << 30: "1 GiB", 2e9: "2 GB", 1.5e9: "1500 MB", 1536 << 20: "1536 MiB",
		8_000_001: "8000001 bytes", 6_291_456: "6 MiB", 7_000: "7 kB",
	} {
		if got := memory(bytes); got != want {
			t.Errorf("%d: %q, want %q", bytes, got, want)
		}
	}
}
