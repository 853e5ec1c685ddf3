package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"github.com/podtui/podtui/ui/blackbox"
	"github.com/podtui/podtui/ui/settings"
	"github.com/podtui/podtui/ui/theme"
)

// checkTerminal says in words why the screen can't be shown here. Who asks for lines
// gets them through pipes as well, for scripts; in a file nobody would read them.
func checkTerminal(linear bool) error {
	switch {
	case linear && !isFile(os.Stdout):
		return nil
	case !term.IsTerminal(os.Stdout.Fd()):
		return errors.New("standard output is not a terminal; use --batch")
	case !term.IsTerminal(os.Stdin.Fd()):
		return errors.New("standard input is not a terminal; use --batch")
	}
	return nil
}

// speaks reports whether lines are what there is on this terminal: because somebody
// wants them, or because it can't do more.
func speaks(s settings.Settings) bool {
	switch os.Getenv("TERM") {
	case "", "dumb":
		return true
	}
	return s.Linear || os.Getenv("PODTUI_LINEAR") == "1"
}

func isFile(f *os.File) bool {
	info, err := f.Stat()
	return err != nil || info.Mode().IsRegular()
}

// run shows the root on the terminal.
func run(ctx context.Context, e Engine, o Options) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends imports, starts and what screens read

	o.Settings = settings.Read(o.ConfigDir)
	o.Linear = o.Linear || speaks(o.Settings)
	interrupts := make(chan os.Signal, 1)
	signals, ended, stop := listen(ctx, o.Linear, interrupts)
	defer stop()

	colours, err := theme.Choose(os.Getenv, o.Settings.Theme)
	if err != nil {
		o.Settings.Mistakes = append([]string{err.Error()}, o.Settings.Mistakes...)
	}
	root := newRoot(ctx, e, o, colours)
	root.signals, root.visits = signals, ended
	guard := &guarded{root: root, box: &blackbox.Box{Version: o.Version}, provoke: provokedBy(os.Getenv("PODTUI_PANIC"))}
	root.box = guard.box
	program := tea.NewProgram(guard,
		tea.WithContext(ctx),
		tea.WithoutSignalHandler(),
		tea.WithFPS(120),
		tea.WithEnvironment(withoutQueries(withColours(os.Environ()))),
	)
	if o.Linear {
		program = converse(ctx, guard, interrupts)
	}
	guard.quit = program.Quit
	// A quit, as by the key, and not the context: whose end leaves the reader of
	// keys running while what it reads is closed.
	unhook := context.AfterFunc(ended, program.Quit)
	defer unhook()
	_, err = program.Run()
	var lost error
	if c := guard.box.Crash(); c != nil {
		root.keepCrashed(c.Where)
	} else {
		lost = root.keepLast()
	}
	fmt.Print(guard.safely(root.leftOff), guard.safely(func() string { return goesOn(e, o.Command, root.touched) })) // the terminal is the shell's again
	crash := guard.ended(o.Reports)
	switch {
	case crash != nil:
		return crash
	case ctx.Err() == nil && ended.Err() != nil, errors.Is(err, context.Canceled):
		if lost != nil {
			fmt.Fprintf(os.Stderr, "podtui: %v\n", lost)
		}
		return nil // by a signal: it was asked to end, and did
	case errors.Is(err, tea.ErrProgramPanic):
		return errors.New("the screen crashed; pods that run go on")
	}
	return cmp.Or(err, lost)
}

// withColours takes NO_COLOR away, which says which theme is the first: Bubble Tea
// would take the colours from every other as well.
func withColours(environ []string) []string {
	return slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, "NO_COLOR=") })
}

// withoutQueries makes Bubble Tea ask the terminal nothing before the first
// frame, as it does not over ssh either. What is worth asking is asked later.
func withoutQueries(environ []string) []string {
	for _, v := range environ {
		if len(v) > 8 && v[:8] == "SSH_TTY=" {
			return environ
		}
	}
	return append(append([]string{}, environ...), "SSH_TTY=unasked")
}
