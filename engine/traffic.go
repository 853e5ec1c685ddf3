package engine

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
)

// Traffic is what has gone through one of a pod's interfaces since its start.
type Traffic struct {
	Interface string // in the pod: eth0
	Time      time.Time
	Received  int64 // bytes
	Sent      int64
}

// PodTraffic is what has gone through a running pod's interfaces, in the order of its
// status. A pod on the host's network has none of its own, and one that has just ended
// none any more.
func (e *Engine) PodTraffic(word string) ([]Traffic, error) {
	dir, err := e.find(word)
	if err != nil {
		return nil, err
	}
	status, err := dir.Status()
	if err != nil || status.State != poddir.Running || len(status.Interfaces) == 0 {
		return nil, err
	}
	for _, app := range status.Apps { // each is in the pod's network
		if app.PID == 0 || runs(app) != nil {
			continue
		}
		counted, err := deviceBytes(app.PID, dir.UUID)
		if err != nil {
			continue // it has ended since
		}
		now := time.Now()
		var all []Traffic
		for _, i := range status.Interfaces {
			if n := slices.IndexFunc(counted, func(t Traffic) bool { return t.Interface == i.Name }); n >= 0 {
				all = append(all, Traffic{i.Name, now, counted[n].Received, counted[n].Sent})
			}
		}
		return all, nil
	}
	return nil, nil
}

// maxDevices is what is read of a process's network devices: whoever is root in a pod
// can make many.
const maxDevices = 64 << 10

// deviceBytes reads what has gone through the network devices of a process of a pod.
// The process is held on to: its number may be another's by now.
func deviceBytes(pid int, uuid string) ([]Traffic, error) {
	process, err := os.OpenRoot(filepath.Join("/proc", strconv.Itoa(pid)))
	if err != nil {
		return nil, err
	}
	defer process.Close()
	groups, err := readSome(process, "cgroup")
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(groups, []byte(uuid)) {
		return nil, fmt.Errorf("process %d: %w: it is not the pod's any more", pid, unix.ESRCH)
	}
	devices, err := readSome(process, "net/dev")
	return parseDevices(devices), err
}

func readSome(process *os.Root, name string) ([]byte, error) {
	file, err := process.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxDevices))
}

// parseDevices reads /proc/PID/net/dev: two lines of headings, then for each device
// its name, eight numbers of what was received, and eight of what was sent, of which
// bytes come first. A line that is cut, or something else, is left out.
func parseDevices(text []byte) []Traffic {
	const received, sent, numbers = 0, 8, 16
	var all []Traffic
	for line := range bytes.Lines(text) {
		name, counts, ok := bytes.Cut(line, []byte(":"))
		fields := bytes.Fields(counts)
		if !ok || len(fields) < numbers || !bytes.HasSuffix(line, []byte("\n")) {
			continue
		}
		in, err := strconv.ParseInt(string(fields[received]), 10, 64)
		out, err2 := strconv.ParseInt(string(fields[sent]), 10, 64)
		if err != nil || err2 != nil || in < 0 || out < 0 {
			continue
		}
		all = append(all, Traffic{Interface: string(bytes.TrimSpace(name)), Received: in, Sent: out})
	}
	return all
}
