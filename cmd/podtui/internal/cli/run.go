package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/cmd/podtui/internal/demo"
	"github.com/podtui/podtui/cmd/podtui/internal/podprogram"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// front is how a pod is run from here: the flags of "run" that are no part of
// the pod.
type front struct {
	detach bool
	dryRun bool
	save   uuidSave
	around *spec.Surroundings // of the pod, once somebody has looked
}

func (f *front) flags() []spec.Flag {
	return []spec.Flag{
		{Name: "detach", Bool: true, Set: boolean(&f.detach)},
		{Name: "dry-run", Bool: true, Set: boolean(&f.dryRun)},
		{Name: "uuid-file-save", Set: f.save.set},
	}
}

// onScreen refuses what the screens, where people run the pod themselves, have no
// use for.
func (f *front) onScreen() error {
	switch {
	case f.detach:
		return usage("--detach goes with --batch")
	case f.save.path != "":
		return usage("--uuid-file-save goes with --batch")
	}
	return nil
}

// runPod is "podtui run": on a terminal it shows the pod, in batch it runs it.
func (p *program) runPod(ctx context.Context, args []string) error {
	var f front
	pod, err := p.parsePod(args, f.flags())
	if p.globals.help {
		return p.runHelp()
	}
	if err == nil && !p.globals.batch && !f.dryRun {
		err = f.onScreen()
	}
	switch {
	case err != nil:
		return cannotRun(err)
	case f.dryRun:
		return p.planPod(ctx, pod, f)
	case !p.globals.batch:
		return p.compose(ctx, pod)
	}
	return p.runBatch(ctx, pod, f)
}

// parsePod reads what follows "run" or "prepare", and the pod's manifest if it has
// one.
func (p *program) parsePod(args []string, front []spec.Flag) (spec.Pod, error) {
	pod, err := spec.Parse(args, append(p.globals.specFlags(), front...)...)
	if err == nil {
		err = p.globals.check()
	}
	if err != nil || pod.ManifestFile == "" || p.globals.help {
		return pod, err
	}
	return withManifest(pod)
}

// runBatch runs a pod to its end, or until its apps run.
func (p *program) runBatch(ctx context.Context, pod spec.Pod, f front) error {
	e, err := p.openFor(ctx, pod, &f)
	if err != nil {
		return err
	}
	defer e.Close()
	return p.runOn(ctx, e, pod, f)
}

// openFor opens the engine to make a pod, once all is checked that can be before
// anything is made. A dry run makes no data folder either: without one there is no
// engine.
func (p *program) openFor(ctx context.Context, pod spec.Pod, f *front) (*engine.Engine, error) {
	if problems := pod.Check(); len(problems) > 0 {
		return nil, &statusError{statusUsage, &engine.InvalidError{Problems: problems}}
	}
	if err := f.save.check(); err != nil {
		return nil, cannotRun(err)
	}
	if os.Geteuid() != 0 {
		return nil, cannotRun(errNotRoot)
	}
	if err := p.lookAround(ctx, pod, f); err != nil {
		return nil, &statusError{engine.ExitStatus(err), err}
	}
	if !f.dryRun {
		return p.openToRun()
	}
	e, err := p.look(nil)
	if err != nil {
		err = cannotRun(err)
	}
	return e, err
}

func (p *program) lookAround(ctx context.Context, pod spec.Pod, f *front) error {
	return batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		f.around, err = engine.LookAround(ctx, pod, p.options(), func(e event.Event) {
			if ctx.Err() == nil { // else the reason is another
				p.output().Event(e)
			}
		})
		return err
	})
}

func (p *program) openToRun() (*engine.Engine, error) {
	if os.Geteuid() != 0 {
		return nil, cannotRun(errNotRoot)
	}
	e, err := p.open()
	if err != nil {
		return nil, cannotRun(err)
	}
	return e, nil
}

func (p *program) runOn(ctx context.Context, e *engine.Engine, pod spec.Pod, f front) error {
	return p.runBy(ctx, pod, f, func(ctx context.Context, o engine.RunOptions, sink event.Sink) (*engine.Running, error) {
		o.Around = f.around
		return e.Run(ctx, pod, o, sink)
	})
}

// runBy runs a pod in the way that start does.
func (p *program) runBy(ctx context.Context, pod spec.Pod, f front, start batch.Start) error {
	starting := func(ctx context.Context, o engine.RunOptions, sink event.Sink) (*engine.Running, error) {
		running, err := start(ctx, o, sink)
		if err != nil {
			f.save.undo()
		}
		return running, err
	}
	status, err := batch.Run(ctx, starting, f.of(pod), p.runOptions(), p.output())
	if status == 0 && err == nil {
		return nil
	}
	return &statusError{status, err}
}

// of is the pod as batch has to know it.
func (f *front) of(pod spec.Pod) batch.Pod {
	return batch.Pod{
		Apps: len(pod.Apps), GoesOn: pod.OnFailure == spec.ContinueOthers,
		Interactive: pod.Interactive, Detach: f.detach, Saved: f.save.saver(),
	}
}

func (p *program) runOptions() engine.RunOptions {
	return engine.RunOptions{SkipVerify: p.globals.skipVerify(), Relax: p.globals.insecure.relax}
}

var errNotRoot = errors.New("running pods needs root: namespaces, mounts and cgroups are root's to make")

// open opens the engine that the flags ask for.
func (p *program) open() (*engine.Engine, error) { return engine.Open(p.options()) }

func (p *program) options() engine.Options {
	return engine.Options{
		Dir: p.globals.dir, ConfigDir: p.globals.configDir, Insecure: p.globals.laxness(),
		TrustKeysFromHTTPS: p.globals.trustKeys, Pinned: demo.Pinned(), Program: podprogram.Path, Environ: os.Environ(),
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
