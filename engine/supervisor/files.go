package supervisor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/sandbox"
	"github.com/podtui/podtui/engine/spec"
)

// The files of an app that are the pod's and not the image's (contract, section 3)
// are made in the pod's folder, anew for each run, and mounted over those of the
// image. What an app writes to them is its own, and goes with its root.

// etcFolder is where they are, in every app.
const etcFolder = "/etc"

// maxEtcFile bounds what is read of the host's and an image's.
const maxEtcFile = 1 << 20

// fileMounts are these files where the app has them. A volume that lies over one
// hides it, and is not touched: its files may be the host's. An image in which
// there is no place for one gets none, and a warning.
func (s *supervisor) fileMounts(a *app) ([]sandbox.Mount, error) {
	root := s.dir.AppRoot(a.name())
	var mounts []sandbox.Mount
	for _, target := range PodFiles(s.record.Resolved, a.Effective) {
		content, err := s.podFile(target, root)
		if tooLarge := (*largeFileError)(nil); errors.As(err, &tooLarge) {
			s.warnOf(a, err)
		} else if err != nil {
			return nil, err
		}
		if err := s.makePlace(root, path.Base(target)); err != nil {
			s.warnOf(a, fmt.Errorf("it has not the pod's %s: %w", target, err))
			continue
		}
		source := filepath.Join(s.dir.App(a.name()), path.Base(target))
		write := s.writeNew
		if target == HostsFile {
			write = s.writeHosts
		}
		if err := write(source, content); err != nil {
			return nil, err
		}
		mounts = append(mounts, sandbox.Mount{Source: source, Target: target, ReadOnly: a.Isolation.ReadOnlyRoot})
	}
	return mounts, nil
}

// The files that are a pod's.
const (
	HostnameFile = etcFolder + "/hostname"
	HostsFile    = etcFolder + "/hosts"
	ResolvFile   = etcFolder + "/resolv.conf"
)

// PodFiles lists those that an app has: what a volume lies over is the volume's,
// and resolv.conf is the image's if the pod says so.
func PodFiles(pod spec.Resolved, app spec.Effective) []string {
	var list []string
	for _, file := range []string{HostnameFile, HostsFile, ResolvFile} {
		if !hidden(app, file) && (file != ResolvFile || !slices.Equal(pod.DNS.Servers, []string{"none"})) {
			list = append(list, file)
		}
	}
	return list
}

// hidden reports whether a volume lies over a path of an app.
func hidden(e spec.Effective, target string) bool {
	return slices.ContainsFunc(e.Bindings, func(b spec.Binding) bool {
		at := path.Clean("/" + b.Path)
		return target == at || strings.HasPrefix(target, at+"/")
	})
}

// podFile is what a file holds, for an app with this root. What comes with a
// largeFileError serves.
func (s *supervisor) podFile(name, root string) ([]byte, error) {
	switch name {
	case HostsFile:
		image, err := readImageFile(root, name)
		return hostsFile(image, s.hostname(), s.ownAddresses(), s.record.Resolved.HostsEntries), err
	case ResolvFile:
		return s.nameServers()
	}
	return []byte(s.hostname() + "\n"), nil
}

// largeFileError says that a file is not what its name promises.
type largeFileError struct{ path string }

func (e *largeFileError) Error() string {
	return fmt.Sprintf("%s has more than %d MiB, and is left out", e.path, maxEtcFile>>20)
}

// readImageFile reads a file of an image as the app would see it. An image without
// it, or with something else in its place, says nothing.
func readImageFile(root, name string) ([]byte, error) {
	file, err := openIn(root, name)
	if err != nil {
		return nil, nil
	}
	defer file.Close()
	return readSmall(file, name+" of the image")
}

// readHostFile reads a file of the host; one that isn't there says nothing.
func readHostFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readSmall(file, name+" of the host")
}

func readSmall(file io.Reader, name string) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(file, maxEtcFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plain(err))
	}
	if len(content) > maxEtcFile {
		return nil, &largeFileError{name}
	}
	return content, nil
}

// makePlace makes a file to mount on in the app's root, which is clean and in
// which nothing runs. An image's link goes: what it leads to would be mounted on
// or made, and may well lie where a volume hides it. So does what only looks like
// a file. A folder stays, however large it is.
func (s *supervisor) makePlace(root, name string) error {
	etc, err := s.openEtc(root)
	if err != nil {
		return fmt.Errorf("%s of the image: %w", etcFolder, plain(err))
	}
	defer etc.Close()
	var found unix.Stat_t
	err = unix.Fstatat(int(etc.Fd()), name, &found, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case err == nil && found.Mode&unix.S_IFMT == unix.S_IFREG:
		return nil
	case err == nil && found.Mode&unix.S_IFMT == unix.S_IFDIR:
		return errors.New("it is a folder in the image")
	case err == nil:
		if err := unix.Unlinkat(int(etc.Fd()), name, 0); err != nil {
			return err
		}
	case !errors.Is(err, unix.ENOENT):
		return err
	}
	fd, err := unix.Openat(int(etc.Fd()), name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// openEtc opens the app's /etc, and makes one if it has none.
func (s *supervisor) openEtc(root string) (*os.File, error) {
	top, err := os.OpenFile(root, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	etc, err := pathrs.OpenatInRoot(top, etcFolder)
	if !errors.Is(err, fs.ErrNotExist) {
		return etc, err
	}
	if etc, err = pathrs.MkdirAllHandle(top, etcFolder, 0o755); err != nil {
		return nil, err
	}
	owner := s.users.Host(0)
	if err := unix.Fchownat(int(etc.Fd()), "", owner, owner, unix.AT_EMPTY_PATH); err != nil {
		etc.Close()
		return nil, err
	}
	return etc, nil
}

// writeNew writes a file of the pod's root that everybody may read, whatever the
// umask says. An earlier run's goes: what that app has written there is no other's.
func (s *supervisor) writeNew(name string, content []byte) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	owner := s.users.Host(0)
	return errors.Join(err, file.Chown(owner, owner), file.Chmod(0o644), file.Close())
}

func (s *supervisor) warnOf(a *app, err error) {
	s.emit(event.Event{Time: time.Now(), Type: event.Warning, App: a.name(), Message: fmt.Sprintf("app %q: %v", a.name(), err)})
}
