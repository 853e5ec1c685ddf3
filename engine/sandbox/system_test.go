package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seen lists what is mounted below the root, and what an app finds there.
const seen = `while read id parent device in at options rest; do case $at in /|/etc/*) ;; *) echo "$at ${options%%,*}";; esac; done < /proc/self/mountinfo
busybox ls /proc/acpi /sys/firmware /dev/shm /dev/mqueue | busybox grep -v :; cat /proc/keys; busybox touch /dev/shm/mine; echo >/dev/null; echo end`

// Handlers of an app are made in its root, where its file systems were: each has its own,
// once.
func TestEachProcessOfARootHasItsOwnFileSystems(t *testing.T) {
	if !onHosts(t, "as it is", "without cgroups") {
		return
	}
	p := newTestPod(t)
	first := p.start(seen)
	said := first.waitFor("end")
	first.end()
	again := p.start(seen)
	if repeated := again.waitFor("end"); repeated != said {
		t.Errorf("a second one sees\n%s, not\n%s", repeated, said)
	}
	again.end()
	for _, want := range []string{"/dev rw\n", "/dev/pts rw\n", "/dev/shm rw\n", "/dev/mqueue rw\n", "/proc rw\n", "/proc/sys ro\n", "/proc/keys rw\n", "/sys ro\n"} {
		if strings.Count("\n"+said, "\n"+want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, said)
		}
	}
	unmasked := p.start(seen, func(a *App) { a.Isolation.Unmasked = true })
	if bare := unmasked.waitFor("end"); strings.Contains(bare, "/proc/") {
		t.Errorf("without masks: %s", bare)
	}
	unmasked.end()
	if left, _ := os.ReadDir(filepath.Join(p.dir, "root", "dev")); len(left) > 0 {
		t.Errorf("of the last there is still %v", left)
	}
}

func TestFileSystemsNeedOrdinaryFolders(t *testing.T) {
	if !onHosts(t, "as it is") {
		return
	}
	for name, refused := range map[string]bool{"dev": false, "proc": true, "sys": true} {
		t.Run(name, func(t *testing.T) {
			p := newTestPod(t)
			if err := os.Symlink("tmp", filepath.Join(p.dir, "root", name)); err != nil {
				t.Fatal(err)
			}
			app := App{Name: "app", Root: filepath.Join(p.dir, "root"), Dir: "/", Argv: []string{"/bin/sh", "-c", "[ -c /tmp/null ]"}, Env: []string{"PATH=/bin"}}
			process, err := p.Create(app)
			if refused {
				if err == nil || !strings.Contains(err.Error(), "/"+name) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := process.Exec(); err != nil {
				t.Error(err)
			}
			if ending, err := process.Wait(); err != nil || ending.Status != 0 {
				t.Errorf("%+v, %v", ending, err)
			}
			if err := process.Remove(); err != nil {
				t.Error(err)
			}
		})
	}
}
