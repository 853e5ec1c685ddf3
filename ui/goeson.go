package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// touch notes that a pod was started, entered or looked at from here.
func (r *root) touch(uuid string) {
	if uuid != "" && !slices.Contains(r.touched, uuid) {
		r.touched = append(r.touched, uuid)
	}
}

// goesOn tells which of some pods still run, a line each, and how to come back to
// them or end them; of many it tells the last.
func goesOn(e Engine, command, touched []string) string {
	const most = 4
	var lines []string
	more := 0
	for _, uuid := range slices.Backward(touched) {
		p, err := e.Pod(uuid)
		switch {
		case err != nil || p.State != poddir.Running:
		case len(lines) == most:
			more++
		default:
			lines = append(lines, stillRuns(p, command))
		}
	}
	slices.Reverse(lines)
	if more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more: %s\n", text.Number(more), called(command, "list")))
	}
	return strings.Join(lines, "")
}

func stillRuns(p poddir.Status, command []string) string {
	name := stages.PodName(p)
	return fmt.Sprintf("pod %s still runs: %s / %s\n", text.Escape(strings.TrimPrefix(stages.PodLabel(p), "pod ")),
		called(command, "logs", name), called(command, "stop", name))
}

// called is a command line of podtui as it was called itself.
func called(command []string, words ...string) string {
	if len(command) == 0 {
		command = []string{"podtui"}
	}
	return spec.Quote(append(slices.Clone(command), words...))
}
