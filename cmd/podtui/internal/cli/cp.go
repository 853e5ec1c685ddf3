package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) cpCommand() *cobra.Command {
	var archive bool
	c := &cobra.Command{
		Use: "cp SOURCE DEST", Short: "copy files and folders out of a pod, or into a running one",
		Long: "Copy a file or folder out of an app's root, or into that of a running app, as \"cp -a\" does.\n" +
			"One of the two is POD:[APP:]PATH, the other a path of the host; a path with a colon starts\n" +
			"with / or ./. A folder that is there is copied into; \"FOLDER/.\" means what is in it. Links\n" +
			"are copied as links, and none leads out of the root. What comes out belongs to who runs\n" +
			"podtui and has no setuid bits, what goes in belongs to the app's user. Devices, fifos and\n" +
			"sockets are left out, and named.",
		Args:              exactly(2),
		ValidArgsFunction: p.completeCopy,
		RunE: func(c *cobra.Command, args []string) error {
			return p.copy(c.Context(), args[0], args[1], archive)
		},
	}
	c.Flags().BoolVar(&archive, "archive", false, "out of a pod: keep owners, setuid bits and attributes")
	return c
}

func (p *program) copy(ctx context.Context, source, dest string, archive bool) error {
	from, out, err := podPath(source)
	if err != nil {
		return err
	}
	to, in, err := podPath(dest)
	if err != nil {
		return err
	}
	switch {
	case out && in:
		return usage("cp: from pod to pod takes two steps, with a folder of the host between them")
	case !out && !in:
		return usage("cp: neither %s nor %s is in a pod; write POD:[APP:]PATH for one that is", source, dest)
	case in && archive:
		return usage("cp: --archive is for what comes out of a pod; what goes in belongs to the app's user")
	case source == "-" || dest == "-":
		return usage("cp: - is no path; a file of that name is ./-")
	}
	e, err := p.lookAt(from.Pod + to.Pod)
	if err != nil {
		return err
	}
	defer e.Close()
	left := &leftOut{program: p}
	defer left.close()
	o := engine.CopyOptions{Archive: archive, Skipped: left.tell}
	return batch.Interruptible(ctx, func(ctx context.Context) error {
		if out {
			return e.CopyFromPod(ctx, from, dest, o)
		}
		return e.CopyToPod(ctx, source, to, o)
	})
}

// podPath reads POD:[APP:]PATH, and reports false for a path of the host.
func podPath(word string) (at engine.PodPath, ok bool, err error) {
	pod, rest, ok := strings.Cut(word, ":")
	if !ok || strings.HasPrefix(word, "/") || strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../") {
		return engine.PodPath{}, false, nil
	}
	at = engine.PodPath{Pod: pod, Path: rest}
	if app, path, named := strings.Cut(rest, ":"); named && !strings.Contains(app, "/") {
		at.App, at.Path = app, path
	}
	if at.Pod == "" || at.Path == "" {
		return at, true, usage("cp: %q is not POD:[APP:]PATH; a path of the host with a colon starts with / or ./", word)
	}
	return at, true, nil
}

// maxLeftOut is how many of the files that are left out are named.
const maxLeftOut = 20

// leftOut names what is not copied or exported: not all of it, since an app can
// make any number.
type leftOut struct {
	program *program
	n       int
}

func (l *leftOut) tell(path, why string) {
	if l.n++; l.n <= maxLeftOut {
		l.program.output().Say("left out: " + path + ": " + why)
	}
}

func (l *leftOut) close() {
	if more := l.n - maxLeftOut; more > 0 {
		l.program.output().Say(fmt.Sprintf("left out: %d more", more))
	}
}

// completeCopy completes the pod of a path, whose apps and files follow it, and
// paths of the host.
func (p *program) completeCopy(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 1 || strings.ContainsAny(word, ":/") || len(args) == 1 && strings.Contains(args[0], ":") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	states := []poddir.State{poddir.Running}
	if len(args) == 0 {
		states = append(states, poddir.Exited, poddir.Failed)
	}
	pods, _ := p.completePodsIn(-1, states...)(c, nil, word)
	for i, pod := range pods {
		name, about, _ := strings.Cut(pod, "\t")
		pods[i] = cobra.CompletionWithDesc(name+":", about)
	}
	return pods, cobra.ShellCompDirectiveNoSpace
}
