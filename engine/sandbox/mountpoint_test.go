package sandbox

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// inOwnMounts runs something on a thread that has a mount namespace of its own,
// and ends with it.
func inOwnMounts(t *testing.T, do func() error) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounts are root's to make")
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good
		err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS)
		if err == nil {
			err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
		}
		if err == nil {
			err = do()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// Somebody exchanges a mount point in a volume with a link, all the time. A mount
// is inside the volume then, or is refused; nothing outside is ever mounted on.
func TestMountPointThatIsSwappedForALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, shared, mine := dir+"/root", dir+"/shared", dir+"/mine"
	for _, path := range []string{root + "/etc", shared + "/target", mine} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{os.Symlink("/etc", shared+"/link"), os.WriteFile(mine+"/marker", nil, 0o644)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var looking sync.Mutex // nothing is swapped meanwhile
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			looking.Lock()
			err := unix.Renameat2(unix.AT_FDCWD, shared+"/target", unix.AT_FDCWD, shared+"/link", unix.RENAME_EXCHANGE)
			looking.Unlock()
			if err != nil {
				stopped <- err
				return
			}
		}
	}()
	mounted, refused := 0, 0
	inOwnMounts(t, func() error {
		if err := unix.Mount("tmpfs", root, "tmpfs", 0, ""); err != nil {
			return err
		}
		if err := os.Mkdir(root+"/etc", 0o755); err != nil {
			return err
		}
		for n := 0; n < 20_000 && (n < 500 || mounted < 20 || refused < 20); n++ {
			tree, err := OpenTree(root, Users{})
			if err != nil {
				return err
			}
			if n == 0 {
				_, _, err = tree.Mount(Mount{Source: shared, Target: "/shared", Volume: "shared", Hosts: true})
			}
			if err == nil {
				_, _, err = tree.Mount(Mount{Source: mine, Target: "/shared/target", Volume: "mine", ReadOnly: true, Recursive: true})
			}
			tree.Close()
			looking.Lock()
			marked, _ := filepath.Glob(root + "/shared/*/marker")
			outside, _ := filepath.Glob(root + "/etc/*")
			for _, marker := range marked {
				if unix.Access(marker, unix.W_OK) != unix.EROFS {
					t.Errorf("%s can be written", marker)
				}
				if err := unix.Unmount(filepath.Dir(marker), unix.UMOUNT_NOFOLLOW); err != nil {
					t.Error(err)
				}
			}
			looking.Unlock()
			switch {
			case len(outside) > 0:
				t.Errorf("mounted outside: %v", outside)
				return nil
			case err == nil && len(marked) == 1:
				mounted++
			case err != nil && len(marked) == 0 && strings.Contains(err.Error(), "is a symbolic link in"):
				refused++
			default:
				t.Errorf("%v, and %v is marked", err, marked)
				return nil
			}
		}
		return nil
	})
	close(stop)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if mounted == 0 || refused == 0 {
		t.Errorf("mounted %d times, refused %d times: nobody was raced", mounted, refused)
	}
	t.Logf("mounted %d times, refused %d times", mounted, refused)
}

// moved is a root with a volume of the pod's own, in which the host's is mounted, and
// what does to it what an app does that has the volume too: it moves the mount point
// that is none to it, and the mount goes along.
type moved struct {
	tree         *Tree
	host, volume string
}

func inMoved(t *testing.T, users Users, do func(m moved) error) {
	t.Helper()
	dir := t.TempDir()
	m := moved{host: dir + "/host", volume: dir + "/volume"}
	for _, path := range []string{dir + "/root", m.host, m.volume + "/h"} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	inOwnMounts(t, func() (err error) {
		if err := unix.Mount("tmpfs", dir+"/root", "tmpfs", 0, ""); err != nil {
			return err
		}
		if m.tree, err = OpenTree(dir+"/root", users); err != nil {
			return err
		}
		defer m.tree.Close()
		for _, mount := range []Mount{{Source: m.volume, Target: "/v", Volume: "v"}, {Source: m.host, Target: "/v/h", Volume: "h", Hosts: true, Recursive: true}} {
			if _, _, err := m.tree.Mount(mount); err != nil {
				return err
			}
		}
		return do(m)
	})
}

// move moves the host's mount to another name of the volume.
func (m moved) move(name string) error {
	done := make(chan error)
	go func() { done <- unix.Rename(m.volume+"/h", m.volume+"/"+name) }() // in the mount namespace of all others
	return <-done
}

// A folder that is made in a volume is given to the pod's root, but never one of the
// host's that comes into its place meanwhile.
func TestWhatComesIntoThePlaceOfWhatWasMadeStaysTheHosts(t *testing.T) {
	t.Parallel()
	inMoved(t, Users{First: 200_000, Count: 65_536}, func(m moved) error {
		p, err := m.tree.find(Mount{Target: "/v"}, true)
		if err != nil {
			return err
		}
		defer p.close()
		if err := unix.Mkdirat(p.fd(), "w", 0o755); err != nil {
			return err
		}
		if err := m.move("w"); err != nil {
			return err
		}
		if err := p.adopt("w", false); err == nil || !strings.Contains(err.Error(), "moved there meanwhile") {
			t.Errorf("adopted: %v", err)
		}
		var st unix.Stat_t
		if err := unix.Stat(m.host, &st); err != nil || st.Uid != 0 {
			t.Errorf("the host's folder belongs to %d (%v)", st.Uid, err)
		}
		return nil
	})
}

// Nothing is made on the host, whatever path leads to it now.
func TestNothingIsMadeInAFolderOfTheHostThatWasMoved(t *testing.T) {
	t.Parallel()
	inMoved(t, Users{}, func(m moved) error {
		if err := m.move("w"); err != nil {
			return err
		}
		_, _, err := m.tree.Mount(Mount{Source: m.volume, Target: "/v/w/sub"})
		if want := `/v/w/sub does not exist in volume "h", and nothing is made on the host`; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if made, err := os.ReadDir(m.host); err != nil || len(made) > 0 {
			t.Errorf("the host has %v (%v)", made, err)
		}
		if _, _, err = m.tree.Mount(Mount{Source: m.volume, Target: "/v/h/sub"}); err != nil {
			t.Error("in what is the pod's: ", err)
		}
		return nil
	})
}
