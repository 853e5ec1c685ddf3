package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
)

// The podtui that "make build" makes carries a second program, which the tests
// have not: this is what there is of it.
func TestPodsOfTheShippedPodtuiRunItsSmallProgram(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	shipped, err := filepath.Abs("../../bin/podtui")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(shipped); err != nil && os.Getenv("CI") == "" {
		t.Skipf("there is none (make build makes one): %v", err)
	}
	podtui := func(arguments ...string) string {
		t.Helper()
		command := exec.Command(shipped, append([]string{"--dir", host.Dir, "--config-dir", host.Config, "--batch"}, arguments...)...)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("podtui %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	podtui("--insecure-skip-verify", "fetch", enginetest.BuildImage(t, "sleeper"))
	run := func() string {
		t.Helper()
		lines := strings.Split(podtui("--insecure-skip-verify", "run", "--detach", "example.com/sleeper"), "\n")
		return lines[len(lines)-1]
	}

	uuid := run()
	program := programOf(t, uuid)
	if filepath.Dir(program) != filepath.Join(host.Dir, "cache") {
		t.Errorf("the supervisor runs %s", program)
	}
	small, large := size(t, program), size(t, shipped)
	if small > large*2/3 {
		t.Errorf("the small program has %d bytes, podtui has %d", small, large)
	}
	if err := os.Remove(program); err != nil { // as another podtui does
		t.Fatal(err)
	}
	podtui("restart", "--timeout=0s", uuid)
	if again := programOf(t, uuid); again != program {
		t.Errorf("then it runs %s", again)
	}
	podtui("stop", "--force", uuid)

	if err := os.WriteFile(program, []byte("not one"), 0o600); err != nil { // or nothing can be executed there
		t.Fatal(err)
	}
	uuid = run()
	if instead := programOf(t, uuid); instead != shipped {
		t.Errorf("in its place the supervisor runs %s", instead)
	}
	podtui("stop", "--force", uuid)
}

// programOf is the executable of a pod's supervisor.
func programOf(t *testing.T, uuid string) string {
	t.Helper()
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		text, _ := os.ReadFile(line)
		if strings.HasPrefix(string(text), "podtui\x00supervisor\x00"+uuid+"\x00") {
			program, err := os.Readlink(filepath.Join(filepath.Dir(line), "exe"))
			if err == nil && !strings.HasSuffix(program, " (deleted)") { // else that of a run before, which is just ending
				return program
			}
		}
	}
	t.Fatalf("pod %s has no supervisor", uuid)
	return ""
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
