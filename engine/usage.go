package engine

import (
	"time"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// Usage is what an app uses now, as its cgroup counts it. What the host does not
// count is -1.
type Usage struct {
	App         string
	Time        time.Time     // of the look
	CPU         time.Duration // processor time since its start
	Memory      int64         // bytes in use, without page cache that can go at once
	MemoryLimit int64         // 0: none
	PIDs        int64
	Read        int64 // bytes from block devices
	Written     int64
}

// PodUsage is what the running apps of a pod use, in the pod's order. A pod that
// does not run uses nothing.
func (e *Engine) PodUsage(word string) ([]Usage, error) {
	dir, err := e.find(word)
	if err != nil {
		return nil, err
	}
	status, err := dir.Status()
	if err != nil || status.State != poddir.Running {
		return nil, err
	}
	var usages []Usage
	for _, app := range status.Apps {
		if app.Started.IsZero() || runs(app) != nil {
			continue
		}
		u, err := sandbox.ReadUsage(dir.UUID, app.Name)
		if err != nil {
			return nil, err
		}
		usages = append(usages, Usage{
			App: app.Name, Time: time.Now(), CPU: u.CPU, Memory: u.Memory, MemoryLimit: u.MemoryLimit,
			PIDs: u.PIDs, Read: u.Read, Written: u.Written,
		})
	}
	return usages, nil
}
