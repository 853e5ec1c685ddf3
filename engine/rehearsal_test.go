package engine_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// withPrograms is the busybox image with files that can't be executed, and where they
// would be looked for.
func withPrograms(t *testing.T) string {
	t.Helper()
	enginetest.BuildImage(t, "busybox") // or skip
	r, err := enginetest.Recipe("busybox")
	if err != nil {
		t.Fatal(err)
	}
	file := func(path string, mode os.FileMode, uid int, content string) {
		r.Files = append(r.Files, recipe.File{Kind: recipe.Regular, Path: path, Mode: int64(mode), UID: uid, Content: []byte(content)})
	}
	file("/a-file", 0o644, 0, "of the image\n")
	file("/opt/text", 0o755, 0, "echo never\n")
	file("/opt/empty", 0o755, 0, "")
	file("/opt/script", 0o755, 0, "#!/bin/sh\nexit 0\n")
	file("/opt/no-shell", 0o755, 0, "#! /no/shell -e\nexit 0\n")
	file("/opt/no-loader", 0o755, 0, elf(62, "/lib/no-loader.so"))
	file("/opt/data", 0o644, 0, "#!/bin/sh\nexit 0\n")
	file("/opt/roots", 0o700, 0, "#!/bin/sh\nexit 0\n")
	file("/opt/workers", 0o500, 1000, "#!/bin/sh\nexit 0\n")
	r.Files = append(r.Files,
		recipe.File{Kind: recipe.Directory, Path: "/closed", Mode: 0o700},
		recipe.File{Kind: recipe.Symlink, Path: "/opt/true", Target: "/bin/true"},
		recipe.File{Kind: recipe.Symlink, Path: "/opt/nowhere", Target: "/bin/nope"},
		recipe.File{Kind: recipe.Symlink, Path: "/to-dev", Target: "/dev"},
	)
	file("/closed/script", 0o755, 0, "#!/bin/sh\nexit 0\n")
	var aci bytes.Buffer
	if _, err := enginetest.BuildACI(&aci, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "programs.aci")
	write(t, path, aci.String())
	return path
}

// elf is the head of a program with an interpreter, and nothing to execute.
func elf(machine byte, interpreter string) string {
	head := make([]byte, 120)
	copy(head, "\x7fELF\x02\x01\x01")
	head[16], head[18], head[20] = 2, machine, 1
	head[32], head[52], head[54], head[56] = 64, 64, 56, 1 // its one part, behind the header
	head[64], head[68], head[72] = 3, 4, 120
	head[96], head[104] = byte(len(interpreter)+1), byte(len(interpreter)+1)
	return string(head) + interpreter + "\x00"
}

// A dry run and a run find the same: status and line, and so they do where nothing is
// wrong.
func TestADryRunFindsWhatARunFinds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("some 40 pods")
	}
	h := enginetest.NewHost(t)
	image := h.Fetched(withPrograms(t)).ID
	folder, outer := t.TempDir(), t.TempDir()
	write(t, outer+"/file", "mine\n")
	write(t, outer+"/program", "#!/bin/sh\nexit 0\n")
	for _, err := range []error{os.Symlink("/etc", outer+"/link"), os.Chmod(outer+"/program", 0o755), unix.Mkfifo(folder+"/fifo", 0o644)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	pod := func(app spec.App, mounts ...string) spec.Pod {
		app.Image, app.Name = image, "app"
		if app.Exec == "" {
			app.Exec = "/bin/true"
		}
		p := spec.Pod{Apps: []spec.App{app}, Volumes: []spec.Volume{
			{Name: "folder", Kind: spec.HostVolume, Source: folder}, {Name: "outer", Kind: spec.HostVolume, Source: outer},
			{Name: "file", Kind: spec.HostVolume, Source: outer + "/file"}, {Name: "program", Kind: spec.HostVolume, Source: outer + "/program"},
			{Name: "fifo", Kind: spec.HostVolume, Source: folder + "/fifo"}, {Name: "empty", Kind: spec.EmptyVolume},
			{Name: "memory", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium, Size: "1Mi"},
		}}
		for _, m := range mounts {
			volume, target, _ := strings.Cut(m, "=")
			p.Mounts = append(p.Mounts, spec.Mount{Volume: volume, Path: target})
		}
		return p
	}
	none := spec.App{}
	exec := func(path string) spec.App { return spec.App{Exec: path} }
	as := func(user, path string) spec.App { return spec.App{Exec: path, User: user} }
	in := func(user, folder string) spec.App { return spec.App{User: user, WorkingDir: folder} }
	private := func(p spec.Pod) spec.Pod { p.PrivateUsers = true; return p }
	two := pod(exec("/opt/text"))
	two.Apps = append(two.Apps, spec.App{Image: image, Name: "other", Exec: "/nope"})
	for name, c := range map[string]struct {
		pod    spec.Pod
		status int
	}{
		"nothing wrong":                         {pod(none, "outer=/outer", "empty=/e/m/p", "memory=/tmp", "fifo=/dev/log", "folder=/dev/shm"), 0},
		"nothing wrong, with users of its own":  {private(pod(as("worker", "/opt/workers"), "outer=/outer", "empty=/e/m/p", "memory=/tmp")), 0},
		"a file over a folder":                  {pod(none, "file=/tmp"), 125},
		"a fifo over a folder":                  {pod(none, "fifo=/tmp"), 125},
		"a folder over a file":                  {pod(none, "folder=/a-file"), 0},
		"below a file":                          {pod(none, "folder=/a-file/x"), 125},
		"a missing target in a host's folder":   {pod(none, "outer=/outer", "folder=/outer/deep/er"), 125},
		"a missing target in a pod's folder":    {pod(none, "empty=/outer", "folder=/outer/deep/er"), 0},
		"a folder over a file of a volume":      {pod(none, "outer=/outer", "folder=/outer/file"), 125},
		"a link in a volume":                    {pod(none, "outer=/outer", "folder=/outer/link"), 125},
		"a target in /sys":                      {pod(none, "folder=/sys/nope"), 125},
		"a file over a folder of /sys":          {pod(none, "file=/sys/fs"), 125},
		"a device":                              {pod(none, "file=/to-dev/null"), 125},
		"a volume in one in /dev":               {pod(none, "outer=/dev/x", "folder=/dev/x/y"), 125},
		"no such program":                       {pod(exec("/nope")), 127},
		"no such program in PATH":               {pod(exec("nope")), 127},
		"a program in PATH":                     {pod(exec("true")), 0},
		"a link to a program":                   {pod(exec("/opt/true")), 0},
		"a link to nowhere":                     {pod(exec("/opt/nowhere")), 127},
		"a program below a file":                {pod(exec("/a-file/x")), 127},
		"a folder":                              {pod(exec("/opt")), 126},
		"what may not be executed":              {pod(exec("/opt/data")), 126},
		"what its user may not execute":         {pod(as("worker", "/opt/roots")), 126},
		"what its user may not reach":           {pod(as("worker", "/closed/script")), 126},
		"what root may execute":                 {pod(exec("/closed/script")), 0},
		"what is a user's, by root":             {pod(exec("/opt/workers")), 0},
		"what is a user's, by root without all": {pod(spec.App{Exec: "/opt/workers", CapsRemove: []string{"all"}}), 126},
		"no program":                            {pod(exec("/opt/text")), 126},
		"an empty file":                         {pod(exec("/opt/empty")), 126},
		"no interpreter":                        {pod(exec("/opt/no-shell")), 126},
		"no loader":                             {pod(exec("/opt/no-loader")), 126},
		"a program of a volume":                 {pod(exec("/outer/program"), "outer=/outer"), 0},
		"a program that is a volume":            {pod(exec("/opt/p"), "program=/opt/p"), 0},
		"a file of a volume":                    {pod(exec("/outer/file"), "outer=/outer"), 126},
		"a program that a volume hides":         {pod(exec("/opt/script"), "empty=/opt"), 127},
		"no working folder":                     {pod(in("", "/nope")), 125},
		"a working folder that is made":         {pod(in("", "/e/m"), "empty=/e/m/p"), 0},
		"a file for a working folder":           {pod(in("", "/a-file")), 125},
		"a working folder that is closed":       {pod(in("worker", "/closed")), 125},
		"no such user":                          {pod(as("nobody-here", "/bin/true")), 125},
		"a user that the pod hasn't":            {private(pod(as("70000", "/bin/true"))), 125},
		"wrong in another way later":            {two, 127},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := h.Plan(t.Context(), c.pod, engine.RunOptions{SkipVerify: true}, func(event.Event) {})
			ran := h.Run(c.pod)
			if engine.ExitStatus(err) != c.status || ran.Exit != c.status || (err == nil) != (ran.Err == nil) || err != nil && err.Error() != ran.Err.Error() {
				t.Errorf("want %d\nplan %d: %v\nrun  %d: %v %s", c.status, engine.ExitStatus(err), err, ran.Exit, ran.Err, ran.Stderr)
			}
		})
	}
}
