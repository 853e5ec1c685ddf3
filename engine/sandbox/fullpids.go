package sandbox

import (
	"fmt"
	"path/filepath"
)

// What enters an app counts as one of its processes, and takes some for its start.

// FullError says that an app, or its pod, has about as many processes and threads as
// it may have: too many for another start.
type FullError struct {
	App        string
	OfPod      bool // it is the pod's limit
	Limit, Now int64
}

func (e *FullError) Error() string {
	whose := "its"
	if e.OfPod {
		whose = "its pod's"
	}
	return fmt.Sprintf("app %q: %s limit of processes leaves too few for another to start: %d of %d are in use", e.App, whose, e.Now, e.Limit)
}

// Status is what a shell would exit with: there is something to execute, and it can't be.
func (e *FullError) Status() int { return 126 }

// refusedForks is how often the kernel has refused an app, or its pod, a process or
// a thread.
func refusedForks(uuid, app string) (n int64) {
	for _, folder := range pidsFolders(uuid, app) {
		n += max(0, readKeyed(filepath.Join(folder, "pids.events"), "max"))
	}
	return n
}

// fullError tells which limit is the narrower one.
func fullError(uuid, app string) error {
	full := &FullError{App: app}
	for n, folder := range pidsFolders(uuid, app) {
		limit, now := readNumber(filepath.Join(folder, "pids.max")), readNumber(filepath.Join(folder, "pids.current"))
		if limit > 0 && now >= 0 && (full.Limit == 0 || limit-now < full.Limit-full.Now) {
			full.Limit, full.Now, full.OfPod = limit, now, n > 0
		}
	}
	if full.Limit == 0 { // it is the host's
		return fmt.Errorf("app %q: this host has no process left for another to start", app)
	}
	return full
}

// pidsFolders are where an app's processes are counted, and its pod's.
func pidsFolders(uuid, app string) (folders []string) {
	all, err := hierarchies()
	if err != nil {
		return nil
	}
	for _, cgroup := range []string{cgroupPath(uuid, app), cgroupPath(uuid, "")} {
		if folder, _ := folderOf(all, cgroup, "pids"); folder != "" {
			folders = append(folders, folder)
		}
	}
	return folders
}
