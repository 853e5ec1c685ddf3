package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
)

// lost makes a cgroup as a pod that is gone has left it, an hour ago.
func lost(t *testing.T, h hierarchy) (uuid4, folder string) {
	t.Helper()
	uuid4 = uuid.NewString()
	folder = h.folder(podCgroup(uuid4))
	if err := os.MkdirAll(filepath.Join(folder, "app"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = removeCgroup(folder) })
	long := time.Now().Add(-time.Hour)
	for _, path := range []string{filepath.Join(folder, "app"), folder} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	return uuid4, folder
}

func TestSweepTakesOnlyWhatIsLost(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("cgroups need root")
	}
	all, err := hierarchies()
	if err != nil || len(all) == 0 {
		t.Skip("no cgroups here: ", err)
	}
	// A corner of its own: whoever collects on this host meanwhile sweeps the rest.
	h := all[len(all)-1]
	h.path = filepath.Join(h.path, "podtest-"+uuid.NewString())
	if err := os.Mkdir(h.path, 0o755); err != nil {
		t.Skip("no cgroup can be made here: ", err)
	}
	t.Cleanup(func() { _ = removeCgroup(h.path) })
	_, gone := lost(t, h)
	living, kept := lost(t, h)
	named, ofProcess := lost(t, h)
	_, young := lost(t, h)
	if err := os.Chtimes(filepath.Join(young, "app"), time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	_, inUse := lost(t, h)
	member := startSleep(t, "sleep", "99")
	if err := os.WriteFile(filepath.Join(inUse, "app", "cgroup.procs"), []byte(member), 0); err != nil {
		t.Fatal(err)
	}
	startSleep(t, "podtui", "supervisor", named)
	if err := sweepLost([]hierarchy{h}, func(uuid string) bool { return uuid == living }); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		folder string
		stays  bool
	}{
		"lost": {gone, false}, "of a pod that has a folder": {kept, true}, "of a process": {ofProcess, true},
		"young": {young, true}, "in use": {inUse, true},
	} {
		if _, err := os.Stat(c.folder); (err == nil) != c.stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// startSleep starts a process with a command line of its own, and returns its ID.
func startSleep(t *testing.T, argv ...string) string {
	t.Helper()
	cmd := exec.Command("/bin/busybox", "sh", "-c", "echo $$; read line")
	cmd.Args = append(cmd.Args, argv...)
	input, _ := cmd.StdinPipe()
	output, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Skip("no busybox: ", err)
	}
	t.Cleanup(func() {
		input.Close()
		_ = cmd.Wait()
	})
	pid := make([]byte, 16)
	n, err := output.Read(pid)
	if err != nil {
		t.Fatal(err)
	}
	return string(pid[:n])
}
