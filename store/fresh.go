package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// A registry image's layers are put into layers as soon as each is unpacked, so
// that a crash or another image finds them there, but are made durable once,
// with their image. Until then a layer is fresh: it has a file that names the
// boot of the machine in which it was unpacked. A process that is killed tears
// nothing, since what it wrote is the kernel's. But a fresh layer of another boot
// may have lost files to a power cut: unless an image has it, which is never
// durable before its layers are, it counts as not there.

// markFresh marks a layer that is about to be put into layers.
func markFresh(layer string) error {
	return os.WriteFile(filepath.Join(layer, freshFile), bootID(), 0o600)
}

// settle takes the marks off layers that are durable now.
func (s *Store) settle(layers []string) error {
	for _, layer := range layers {
		if err := os.Remove(s.path(layersDir, layer, freshFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// mayBeTorn reports whether a layer was fresh when the machine went down.
func (s *Store) mayBeTorn(layer string) (bool, error) {
	boot, err := os.ReadFile(s.path(layersDir, layer, freshFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(boot) > 0 && bytes.Equal(boot, bootID()) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	needed, _, err := s.neededLayers()
	return !needed[layer], err
}

// bootID is the kernel's name for this boot of the machine, or nothing.
var bootID = sync.OnceValue(func() []byte {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return bytes.TrimSpace(id)
})
