// Package cli is podtui's command line, one file a command: it turns arguments
// into calls of the engine, and what comes back into lines and an exit status.
//
// The way to a running pod is short, because it is taken often: the words
// before the command are scanned, "run" is read by engine/spec and goes to
// cmd/podtui/internal/batch. All other commands are cobra's, whose tree is
// built only for them.
package cli

import (
	"context"
	"os"
	"sync"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
)

// program is one call of podtui.
type program struct {
	version string
	globals globals

	printing sync.Once
	printer  *batch.Output
}

// Main runs podtui with the arguments after its name, and returns its exit
// status.
func Main(version string, args []string) int {
	p := &program{version: version, globals: defaults()}
	err := p.run(context.Background(), args)
	if err == nil {
		return 0
	}
	return p.fail(err)
}

// fail says what went wrong, a line for each thing, and returns the exit status.
func (p *program) fail(err error) (status int) {
	for _, err := range apart(err) {
		f := p.asFailure(err)
		if f.message != "" {
			p.output().Fail(f.message, f.status)
		}
		status = max(status, f.status)
	}
	return status
}

// run finds the command and does it.
func (p *program) run(ctx context.Context, args []string) error {
	rest, err := p.globals.take(args)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return p.screens(ctx)
	}
	if rest[0] == "run" {
		return p.runPod(ctx, rest[1:])
	}
	return p.command(ctx, rest)
}

// output is how this call prints what happens, made when all flags are known. It
// may be asked for by whatever works on several pods at once.
func (p *program) output() *batch.Output {
	p.printing.Do(func() {
		always, server := p.globals.warnings()
		p.printer = batch.New(batch.Options{
			JSON: p.globals.json(), Debug: p.globals.debug,
			Warnings: always, ServerWarnings: server, PodWarnings: p.globals.podWarnings(),
		})
	})
	return p.printer
}

func (p *program) println(line string) error {
	_, err := os.Stdout.WriteString(line + "\n")
	return err
}
