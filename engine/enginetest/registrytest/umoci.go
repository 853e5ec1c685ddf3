package registrytest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// UmociLayout is an OCI layout folder whose image umoci made: the root of
// BusyboxLayout in a layer, and a second that changes a file and deletes one,
// with umoci's own whiteouts and its own config.
func UmociLayout(tb testing.TB) string {
	tb.Helper()
	need(tb, "umoci")
	busybox := readBusybox(tb)
	return layout(tb, "umoci", version+busybox, func(dir string) error {
		bundle := filepath.Join(filepath.Dir(dir), "bundle")
		root := filepath.Join(bundle, "rootfs")
		image := dir + ":latest"
		return steps(
			func() error { return umoci("init", "--layout", dir) },
			func() error { return umoci("new", "--image", image) },
			func() error { return umoci("unpack", "--image", image, bundle) },
			func() error { return populate(root, base(busybox)) },
			func() error { return os.WriteFile(filepath.Join(root, "etc/gone"), []byte("soon\n"), 0o644) },
			func() error { return umoci("repack", "--refresh-bundle", "--image", image, bundle) },
			func() error { return os.Remove(filepath.Join(root, "etc/gone")) },
			func() error { return os.WriteFile(filepath.Join(root, "etc/umoci"), []byte("made by umoci\n"), 0o600) },
			func() error { return umoci("repack", "--image", image, bundle) },
			func() error {
				return umoci("config", "--image", image, "--config.entrypoint", "/bin/sh", "--config.entrypoint", "-c",
					"--config.cmd", "id -u; cat /etc/umoci; ls /etc", "--config.user", "0:50", "--config.workingdir", "/srv",
					"--config.env", "PATH=/bin", "--config.volume", "/srv/data", "--config.exposedports", "80/tcp")
			},
		)
	})
}

// steps does one after the other, until one can't be done.
func steps(all ...func() error) error {
	for _, step := range all {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func umoci(args ...string) error {
	if os.Geteuid() != 0 && (args[0] == "unpack") {
		args = append([]string{"unpack", "--rootless"}, args[1:]...)
	}
	out, err := exec.Command("umoci", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("umoci %s: %w: %s", args[0], err, out)
	}
	return nil
}

// populate makes entries of ours below a folder of ours.
func populate(root string, entries []Entry) error {
	for _, e := range entries {
		path := filepath.Join(root, e.Name)
		var err error
		switch {
		case strings.HasSuffix(e.Name, "/"):
			err = os.MkdirAll(path, 0o755)
		case e.Symlink != "":
			err = os.Symlink(e.Symlink, path)
		default:
			err = os.WriteFile(path, []byte(e.Body), 0o644)
		}
		if err == nil && e.Mode != 0 {
			err = os.Chmod(path, os.FileMode(e.Mode&0o777)|sticky(e.Mode))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sticky(mode int64) os.FileMode {
	if mode&0o1000 != 0 {
		return os.ModeSticky
	}
	return 0
}
