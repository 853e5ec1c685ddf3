package sandbox

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runc/libcontainer/system"
	"golang.org/x/sys/unix"
)

// record is what others need to know of an app that runs, to find and to enter it. It
// is a file of the pod's folder, there from when the app runs until it is removed.
type record struct {
	PID     int    `json:"pid"`
	Started uint64 `json:"started"` // by which a process is told from a later one with its number

	Capabilities    []string          `json:"capabilities"`
	NoNewPrivileges bool              `json:"noNewPrivileges,omitempty"`
	OOMScoreAdj     *int              `json:"oomScoreAdj,omitempty"`
	Users           Users             `json:"users,omitzero"`    // the pod's own
	Network         bool              `json:"network,omitempty"` // likewise
	Cgroups         map[string]string `json:"cgroups,omitempty"` // of each controller; none: it has none of its own
}

// recordName is what an app's record and its keyring are called by.
func recordName(uuid, app string) string { return uuid + "." + app }

func recordFile(stateDir, uuid, app string) string {
	return filepath.Join(stateDir, recordName(uuid, app))
}

// mostRecord is more than a record has: the folder may be a stranger's.
const mostRecord = 64 << 10

func readRecord(path string) (r record, err error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return r, err
	}
	defer file.Close()
	return r, json.NewDecoder(io.LimitReader(file, mostRecord)).Decode(&r)
}

func (r record) write(path string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// lives tells whether the record's process is there, and no other with its number.
func (r record) lives() bool {
	stat, err := system.Stat(r.PID)
	return err == nil && stat.StartTime == r.Started && stat.State != system.Zombie && stat.State != system.Dead
}

// container is the app as a container of libcontainer's, which knows nothing of it but
// what it reads in a file of this folder. What enters it has more capabilities until it
// is executed. done removes the file, when nothing is asked of the container any more.
func (r record) container(folder, name string, more []string) (container *libcontainer.Container, done func(), err error) {
	folder, err = os.MkdirTemp(folder, "entered-")
	if err != nil {
		return nil, nil, err
	}
	done = func() { _ = os.RemoveAll(folder) }
	if err = r.tell(filepath.Join(folder, name), name, more); err == nil {
		container, err = libcontainer.Load(folder, name)
	}
	if err != nil {
		done()
	}
	return container, done, err
}

// tell writes what libcontainer would have written of the app.
func (r record) tell(folder, name string, more []string) error {
	data, err := json.Marshal(r.state(name, more))
	if err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "state.json"), data, 0o600)
}

func (r record) state(name string, more []string) libcontainer.State {
	outside := r.Cgroups == nil // and can't have any: who enters it stays where he is
	state := libcontainer.State{CgroupPaths: r.Cgroups}
	if outside {
		state.CgroupPaths = map[string]string{"": filepath.Join(cgroupRoot, name)}
	}
	state.ID, state.InitProcessPid, state.InitProcessStartTime = name, r.PID, r.Started
	state.Config = configs.Config{
		Rootfs: "/",
		Namespaces: configs.Namespaces{
			{Type: configs.NEWNS}, {Type: configs.NEWPID}, {Type: configs.NEWIPC}, {Type: configs.NEWUTS},
		},
		Capabilities: capabilitySets(r.Capabilities, more), NoNewPrivileges: r.NoNewPrivileges, OomScoreAdj: r.OOMScoreAdj,
		Cgroups:         &cgroups.Cgroup{Name: name, Resources: &cgroups.Resources{}, Rootless: outside},
		RootlessCgroups: outside,
	}
	if r.Users.Private() {
		r.Users.join(&state.Config)
	}
	if r.Network {
		state.Config.Namespaces = append(state.Config.Namespaces, configs.Namespace{Type: configs.NEWNET})
	}
	return state
}
