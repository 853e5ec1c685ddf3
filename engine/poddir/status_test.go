package poddir

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// create makes a pod's folder in a data folder of the test's own.
func create(t testing.TB, pods string) *Dir {
	t.Helper()
	d, err := Create(pods, NewUUID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Unlock)
	return d
}

func podsOf(t testing.TB) string { return filepath.Join(t.TempDir(), "pods") }

func state(t testing.TB, d *Dir, s Status) {
	t.Helper()
	if err := d.WriteStatus(s); err != nil {
		t.Fatal(err)
	}
}

func look(t testing.TB, d *Dir) Status {
	t.Helper()
	s, err := d.Status()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStateIsWhatIsWrittenAndWhoOwnsThePod(t *testing.T) {
	t.Parallel()
	zero := 0
	for name, test := range map[string]struct {
		written      *Status
		owned, other State // as long as somebody owns it, and then
		cause        string
	}{
		"nothing written":       {nil, Preparing, Failed, "podtui was killed while it prepared the pod"},
		"preparing":             {&Status{State: Preparing}, Preparing, Failed, "podtui was killed while it prepared the pod"},
		"prepared":              {&Status{State: Prepared}, Prepared, Prepared, ""},
		"running":               {&Status{State: Running, Apps: []AppStatus{{}}}, Running, Exited, "its supervisor was killed"},
		"exited":                {&Status{State: Exited, Exit: &zero}, Exited, Exited, ""},
		"failed":                {&Status{State: Failed, Cause: "no"}, Failed, Failed, "no"},
		"started again":         {&Status{State: Preparing, Before: Exited, Cause: "status 3"}, Preparing, Exited, "status 3"},
		"run once prepared":     {&Status{State: Preparing, Before: Prepared}, Preparing, Prepared, ""},
		"a before that is none": {&Status{State: Preparing, Before: Running}, Preparing, Exited, "its supervisor was killed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := create(t, podsOf(t))
			if test.written != nil {
				state(t, d, *test.written)
			}
			if got := look(t, d); got.State != test.owned || got.UUID != d.UUID {
				t.Errorf("owned it is %+v", got)
			}
			d.Unlock()
			got := look(t, d)
			if got.State != test.other || got.Cause != test.cause {
				t.Errorf("then it is %+v", got)
			}
			if got.State == Exited && test.cause == "its supervisor was killed" {
				for _, app := range got.Apps {
					if app.Exit == nil || *app.Exit != 137 {
						t.Errorf("app %+v", app)
					}
				}
			}
		})
	}
}

// changeState changes what a pod's state file says, as nobody's owner would.
func changeState(t testing.TB, path string, change func(map[string]any)) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path, stateFile))
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	change(read)
	if data, err = json.Marshal(read); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, stateFile), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRestartOfTheMachineIsTheCause(t *testing.T) {
	t.Parallel()
	for was, want := range map[State]string{
		Running: "the machine was restarted", Preparing: "the machine was restarted while podtui prepared the pod",
	} {
		d := create(t, podsOf(t))
		state(t, d, Status{State: was, Apps: []AppStatus{{Name: "a"}}})
		changeState(t, d.Path, func(s map[string]any) {
			if s["boot"] != BootID() || BootID() == "" {
				t.Errorf("boot %q, of this machine %q", s["boot"], BootID())
			}
			s["boot"] = "another"
		})
		d.Unlock()
		if got := look(t, d); got.Cause != want || got.alive() {
			t.Errorf("%s: %+v", was, got)
		}
	}
}

func TestStateFromElsewhere(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat(" ", maxState) + `{"state":"exited"}`
	for name, test := range map[string]struct {
		make func(path string) error
		want State
	}{
		"empty":            {func(p string) error { return os.WriteFile(p, nil, 0o600) }, Failed},
		"torn":             {func(p string) error { return os.WriteFile(p, []byte(`{"state":"runn`), 0o600) }, Failed},
		"zeros at the end": {func(p string) error { return os.WriteFile(p, []byte("{\"state\":\"exited\"}\x00\x00"), 0o600) }, Failed},
		"no state in it":   {func(p string) error { return os.WriteFile(p, []byte(`{}`), 0o600) }, Failed},
		"huge":             {func(p string) error { return os.WriteFile(p, []byte(huge), 0o600) }, Failed},
		"huge and hollow":  {func(p string) error { _ = os.WriteFile(p, nil, 0o600); return os.Truncate(p, 1<<40) }, Failed},
		"large":            {func(p string) error { return os.WriteFile(p, []byte(huge[maxState/2:]), 0o600) }, Exited},
		"a folder":         {func(p string) error { return os.Mkdir(p, 0o700) }, Failed},
		"a pipe":           {func(p string) error { return unix.Mkfifo(p, 0o600) }, Failed},
		"a link":           {func(p string) error { return os.Symlink("/etc/hostname", p) }, Failed},
		"of a newer podtui": {func(p string) error {
			return os.WriteFile(p, []byte(`{"state":"exited","exit":0,"mood":"fine","apps":[{"name":"a","colour":[1]}]}`), 0o600)
		}, Exited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := create(t, podsOf(t))
			d.Unlock()
			if err := test.make(filepath.Join(d.Path, stateFile)); err != nil {
				t.Fatal(err)
			}
			if s := look(t, d); s.State != test.want || s.State == Failed && s.Cause != "its state file is damaged" {
				t.Errorf("%+v", s)
			}
			if err := d.Lock(); err != nil {
				t.Fatal(err)
			}
			if s, err := d.Settle(); err != nil || s.State != test.want {
				t.Errorf("settled: %+v (%v)", s, err)
			}
			if err := d.Remove(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSettleWritesTheEndOnce(t *testing.T) {
	t.Parallel()
	d := create(t, podsOf(t))
	started := time.Now().Add(-time.Hour)
	exit := 3
	state(t, d, Status{State: Running, Started: started, Apps: []AppStatus{
		{Name: "a", Exit: &exit, Ended: started}, {Name: "b", Next: started},
	}})
	d.Unlock()
	if s := look(t, d); !s.Ended.IsZero() {
		t.Errorf("who only looks says it ended at %v", s.Ended)
	}
	if err := d.Lock(); err != nil {
		t.Fatal(err)
	}
	first, err := d.Settle()
	if err != nil || first.State != Exited || time.Since(first.Ended) > time.Minute || first.Cause != "its supervisor was killed" {
		t.Fatalf("%+v (%v)", first, err)
	}
	if a, b := first.Apps[0], first.Apps[1]; *a.Exit != 3 || !a.Ended.Equal(started) || *b.Exit != 137 || !b.Ended.Equal(first.Ended) || !b.Next.IsZero() {
		t.Errorf("apps %+v", first.Apps)
	}
	second, err := d.Settle()
	if err != nil || !second.Ended.Equal(first.Ended) {
		t.Errorf("again: %+v (%v)", second, err)
	}
	d.Unlock()
	if s := look(t, d); !s.Ended.Equal(first.Ended) || !s.LastChange().Equal(first.Ended) {
		t.Errorf("who looks then: %+v", s)
	}
}

func TestSettleGivesNoEndToWhatNeverBegan(t *testing.T) {
	t.Parallel()
	d := create(t, podsOf(t))
	state(t, d, Status{State: Preparing})
	if s, err := d.Settle(); err != nil || s.State != Failed || !s.Ended.IsZero() {
		t.Errorf("%+v (%v)", s, err)
	}
}

func TestPodThatIsNotThere(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	for _, d := range []*Dir{Open(pods, NewUUID()), Open(filepath.Dir(create(t, pods).Path), NewUUID())} {
		if _, err := d.Status(); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		if err := d.Lock(); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
}

// An owner goes and another comes while somebody looks: what is seen must be one
// of the two, and never a dead pod in between that was not.
func TestLookBetweenTwoOwners(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		for run := 1; ; run++ {
			for _, s := range []Status{{State: Running, Runs: run}, {State: Exited, Runs: run}} {
				if err := d.WriteStatus(s); err != nil {
					done <- err
					return
				}
			}
			d.Unlock()
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := d.Lock(); err != nil {
				done <- err
				return
			}
		}
	}()
	reader := Open(pods, d.UUID)
	for range 3000 {
		if s, err := reader.Status(); err == nil && s.State == Exited && s.Cause != "" || err != nil {
			t.Fatalf("%+v (%v)", s, err)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
