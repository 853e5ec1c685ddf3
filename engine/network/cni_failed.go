package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mostFailures is how often plugins are called to remove a pod. It is tried again
// whenever somebody cleans up, but a pod is not kept for ever because of a plugin that
// will never do it.
const mostFailures = 5

// kept is a file that is about the pod in this network; libcni calls its own so.
func (a *attachment) kept(folder string) string {
	return filepath.Join(a.cache, folder, fmt.Sprintf("%s-%s-%s", a.network.Name, a.pod.ContainerID, a.pod.IfName))
}

// failures is how often it has failed: as many bytes has a file.
func (a *attachment) failures() int64 {
	info, err := os.Stat(a.kept("failed"))
	if err != nil {
		return 0
	}
	return info.Size()
}

// failed counts a failure.
func (a *attachment) failed(why error) error {
	if errors.Is(why, context.Canceled) {
		return why // it isn't the plugins' fault
	}
	path := a.kept("failed")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return inOneLine(why, err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return inOneLine(why, err)
	}
	_, err = file.WriteString("-")
	err = errors.Join(err, file.Close())
	if a.failures() >= mostFailures {
		err = inOneLine(err, fmt.Errorf("network %q: given up after %d times: what its plugins keep of pod %s stays", a.network.Name, mostFailures, a.pod.ContainerID))
	}
	return inOneLine(why, err)
}

// isNoNews reports whether a plugin fails to remove the pod for the very reason for
// which it did not add it, such as an argument that it can't read: it has said so before
// it did anything, and would say it for ever.
func (p *plugins) isNoNews(command string, failed *pluginError) bool {
	why := []byte(failed.Error())
	if command == "DEL" {
		refused, err := os.ReadFile(p.refused)
		return err == nil && bytes.Equal(refused, why)
	}
	if err := os.MkdirAll(filepath.Dir(p.refused), 0o700); err == nil {
		_ = os.WriteFile(p.refused, why, 0o600) // without it, it is told again
	}
	return false
}

// forget removes what is written down of a pod that is no more in the network.
func (a *attachment) forget() error {
	for _, folder := range []string{"results", "noted", "refused", "failed"} {
		if err := os.Remove(a.kept(folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
