package network

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/podtui/podtui/engine/poddir"
)

// A pod whose supervisor was killed keeps, until somebody cleans up after it, what
// others now ask for: rules of plugins that lead a port away, and addresses. So a start
// takes down first what it would find in its way, as gc does.

// takeDownLost takes down the networks of those of some pods that nobody owns any more.
// It tells how many, and what went wrong.
func takeDownLost(ctx context.Context, pods string, uuids []string) (taken int, err error) {
	var errs []error
	for _, id := range uuids {
		dir := poddir.Open(pods, id)
		if _, err := os.Lstat(filepath.Join(dir.Path, markerFile)); err != nil || dir.Lock() != nil {
			continue // it has nothing, or somebody who sees to it
		}
		err := TakeDown(ctx, dir)
		dir.Unlock()
		if err == nil {
			taken++
		} else if !errors.Is(err, poddir.ErrNotFound) {
			errs = append(errs, fmt.Errorf("pod %s, whose supervisor was killed, keeps its network until podtui gc takes it: %w", id, err))
		}
	}
	return taken, inOneLine(errs...)
}

// inNetworksOfCNI are the pods that plugins have made something for, as is written down
// of them. Those that a plugin has failed to remove already are left to gc: no start
// waits for it again.
func inNetworksOfCNI(pods string) (uuids []string) {
	written := func(folder string) (uuids []string) {
		entries, _ := os.ReadDir(filepath.Join(filepath.Dir(pods), "networks", "cni", folder))
		for _, entry := range entries {
			if id, is := ofPod(entry.Name()); is && !slices.Contains(uuids, id) {
				uuids = append(uuids, id)
			}
		}
		return uuids
	}
	failed := written("failed")
	for _, id := range slices.Concat(written("results"), written("noted")) {
		if !slices.Contains(failed, id) && !slices.Contains(uuids, id) {
			uuids = append(uuids, id)
		}
	}
	return uuids
}

// ofPod reads the name of a file that is written about a pod in a network, kept.
func ofPod(name string) (id string, is bool) {
	name = name[:max(strings.LastIndexByte(name, '-'), 0)]
	id = name[max(len(name)-len(uuid.Nil.String()), 0):]
	return id, uuid.Validate(id) == nil
}
