package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/cmd/podtui/internal/demo"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

// runPod is "podtui run": on a terminal it shows the pod, in batch it runs it.
func (p *program) runPod(ctx context.Context, args []string) error {
	pod, err := spec.Parse(args, p.globals.specFlags()...)
	if p.globals.help {
		return p.runHelp()
	}
	if err == nil {
		err = p.globals.check()
	}
	if err != nil {
		return cannotRun(err)
	}
	if !p.globals.batch {
		return p.compose(ctx, pod)
	}
	return p.runBatch(ctx, pod)
}

// runBatch runs a pod to its end.
func (p *program) runBatch(ctx context.Context, pod spec.Pod) error {
	if problems := pod.Check(); len(problems) > 0 { // before anything is made
		return &statusError{statusUsage, &engine.InvalidError{Problems: problems}}
	}
	if os.Geteuid() != 0 {
		return cannotRun(errNotRoot)
	}
	e, err := p.open()
	if err != nil {
		return cannotRun(err)
	}
	defer e.Close()
	return p.runOn(ctx, e, pod)
}

func (p *program) runOn(ctx context.Context, e *engine.Engine, pod spec.Pod) error {
	status, err := batch.Run(ctx, e, pod, p.globals.skipVerify(), p.output())
	if status == 0 && err == nil {
		return nil
	}
	return &statusError{status, err}
}

var errNotRoot = errors.New("running pods needs root: namespaces, mounts and cgroups are root's to make")

// open opens the engine that the flags ask for.
func (p *program) open() (*engine.Engine, error) { return engine.Open(p.options()) }

func (p *program) options() engine.Options {
	return engine.Options{
		Dir: p.globals.dir, ConfigDir: p.globals.configDir, Insecure: p.globals.laxness(),
		TrustKeysFromHTTPS: p.globals.trustKeys, Pinned: demo.Pinned(), Environ: os.Environ(),
	}
}

// look is open for commands that only read, which make no data folder. Where
// there is none, there is no engine, and the error is missing.
func (p *program) look(missing error) (*engine.Engine, error) {
	if _, err := os.Stat(p.globals.dir); errors.Is(err, fs.ErrNotExist) {
		return nil, missing
	}
	return p.open()
}
