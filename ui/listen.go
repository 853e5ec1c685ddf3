package ui

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/theme"
)

// NewLinear returns the root in linear mode as a Bubble Tea model, for whoever brings
// lines of his own: tests. Each is a Line; what is said goes to out.
func NewLinear(ctx context.Context, e Engine, o Options, out io.Writer) tea.Model {
	r := newRoot(ctx, e, o, theme.New(theme.Plain))
	return spokenBy(r, r, out)
}

// converse makes a program that says what a root has to say, and reads lines for it.
// Bubble Tea is kept from the terminal: it draws nothing, and reads nothing.
func converse(ctx context.Context, guard *guarded, interrupts <-chan os.Signal) *tea.Program {
	talk := spokenBy(guard.root, guard, os.Stdout)
	talk.lines = linesOf(os.Stdin)
	program := tea.NewProgram(talk,
		tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithoutRenderer(),
		tea.WithInput(nil), tea.WithOutput(io.Discard), tea.WithWindowSize(picturedWidth, picturedHeight),
	)
	go talk.lines.read(ctx, program.Send)
	go func() {
		for {
			select {
			case <-interrupts:
				program.Send(Stroke("ctrl+c"))
			case <-ctx.Done():
				return
			}
		}
	}()
	return program
}

// lines reads lines for the loop, one at a time: what is typed behind one that hands
// the terminal over is for whoever has it then.
type lines struct {
	from  *os.File
	wants chan struct{} // a token for each line
	typed bool          // by somebody at a terminal

	waits bool      // nobody was given the token yet
	since time.Time // when the line before was taken
	turn  int       // counts what happened; the loop's, as what stands above
	ended bool
	held  bool // the script waits
}

// waited comes when a script has waited for as long as it wanted to.
type waited struct{}

// hold lets no line be read for a while, if they are a script's.
func (l *lines) hold(d time.Duration) tea.Cmd {
	if l == nil || l.typed {
		return nil
	}
	l.held = true
	return tea.Tick(d, func(time.Time) tea.Msg { return waited{} })
}

// noMoreLines comes when there are no more.
type noMoreLines struct{ err error }

// rested comes when nothing happened for a while after a line of a script: what it led
// to has come as far as it does at once.
type rested struct{ turn int }

// rest and patience are how long nothing has to happen before the next line of a script
// is read, and how long that is waited for.
const (
	quiet    = 80 * time.Millisecond
	patience = 2 * time.Second
)

func linesOf(from *os.File) *lines {
	return &lines{from: from, wants: make(chan struct{}, 1), typed: term.IsTerminal(from.Fd()), waits: true}
}

// longest is how long a line may be.
const longest = 64 << 10

// read reads until there is no more. Nothing ends a read of a terminal but its end, so
// this may outlast the program's loop, and ends with the process.
func (l *lines) read(ctx context.Context, send func(tea.Msg)) {
	from := bufio.NewReaderSize(l.from, longest)
	for {
		select {
		case <-l.wants:
		case <-ctx.Done():
			return
		}
		line, err := from.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			send(noMoreLines{errors.New("a line of more than 64 kB is none")})
			return
		case len(line) > 0:
			send(Line(line))
		case err != nil:
			if errors.Is(err, io.EOF) {
				err = nil
			}
			send(noMoreLines{err})
			return
		}
	}
}

// next lets the next line be read, as soon as its time has come: of a script after a
// question that takes no answer at once.
func (l *lines) next(msg tea.Msg, now time.Time, began, asked bool) tea.Cmd {
	if l == nil {
		return nil
	}
	switch msg := msg.(type) {
	case Line:
		l.waits, l.since = true, now
	case waited:
		l.held, l.since = false, now
	case rested:
		if msg.turn != l.turn || l.held {
			return nil
		}
		l.give(began)
		return nil
	}
	if !l.waits || l.held {
		return nil
	}
	if l.typed || !l.since.IsZero() && now.Sub(l.since) > patience {
		l.give(true)
		return nil
	}
	l.turn++
	turn, wait := l.turn, quiet
	if asked {
		wait += dialog.Grace
	}
	return tea.Tick(wait, func(time.Time) tea.Msg { return rested{turn} })
}

func (l *lines) give(may bool) {
	if may && l.waits {
		l.waits = false
		l.wants <- struct{}{}
	}
}

// over reports whether there are no more lines, and nothing goes on that ends with the
// program: a script may end with a line that starts something.
func (s *spoken) over() bool {
	if s.lines == nil || !s.lines.ended {
		return false
	}
	return s.lines.typed || !s.root.coming && s.root.starting() == 0 && s.root.images.Fetching() == 0
}
