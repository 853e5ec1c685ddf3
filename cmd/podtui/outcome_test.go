package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// ran is what a command did.
type ran struct {
	stdout, stderr string
	status         int
}

// Shell runs a command line in a shell of its own, with no terminal.
func (tm *terminal) Shell(line string) ran {
	tm.t.Helper()
	command := exec.Command("/bin/sh", "-c", line)
	var stdout, stderr strings.Builder
	command.Dir, command.Env, command.Stdout, command.Stderr = tm.home, tm.environ(), &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tm.t.Fatal(err)
	}
	return ran{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

// Pods lists the pods, the newest first.
func (tm *terminal) Pods() []poddir.Status {
	tm.t.Helper()
	pods, err := tm.host.Pods()
	if err != nil || len(pods) == 0 {
		tm.t.Fatalf("pods: %v, %v", pods, err)
	}
	return pods
}

// story is what a pod's folder tells of it, without times and the pod's UUID.
func (tm *terminal) story(uuid string) []string {
	tm.t.Helper()
	file, err := os.Open(filepath.Join(tm.host.Dir, "pods", uuid, "events"))
	if err != nil {
		tm.t.Fatal(err)
	}
	defer file.Close()
	var story []string
	for decoder := json.NewDecoder(file); ; {
		var e event.Event
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) && len(story) > 0 {
			return story
		}
		if err != nil {
			tm.t.Fatal(err)
		}
		e.Time, e.Pod = time.Time{}, ""
		line, _ := json.Marshal(e)
		story = append(story, strings.ReplaceAll(string(line), uuid, "UUID"))
	}
}

// Written is the command line that is shown whole, without what its flags mean.
func (tm *terminal) Written() string {
	tm.t.Helper()
	var rows []string
	for row := range strings.Lines(tm.Screen()) {
		row = strings.TrimRight(row, " \n")
		switch {
		case strings.HasPrefix(row, " podtui --"):
			rows = []string{row}
		case len(rows) > 0 && row == "":
			return strings.Join(rows, "\n")
		case len(rows) > 0:
			rows = append(rows, row)
		}
	}
	tm.t.Fatalf("no command line:\n%s", tm.Screen())
	return ""
}
