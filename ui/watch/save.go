package watch

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
	"github.com/podtui/podtui/ui/text"
)

// saveAnswer is the file that the output is to be saved to.
type saveAnswer struct {
	of   *Screen
	path string
}

// saved is how saving the output ended.
type saved struct {
	of    *Screen
	path  string
	lines int
	err   error
}

func (s *Screen) askSave() screen.Out {
	if s.uuid == "" {
		return screen.Out{}
	}
	return screen.Say(screen.Ask{Dialog: s.savePrompt()})
}

func (s *Screen) savePrompt() *dialog.Prompt {
	whose := "of all apps"
	name := stages.ShortUUID(s.uuid)
	if given := cmp.Or(s.status.Name, s.pod.Name); given != "" {
		name = strings.ReplaceAll(given, "/", "_") // of a folder that strangers made
	}
	if app := s.window().App(); app != "" {
		whose, name = "of "+app, name+"-"+app
	}
	return &dialog.Prompt{
		Title:  "Save the output " + whose + " to which file?",
		Body:   []string{"All that is kept, with times, a line each, as podtui logs --timestamps prints it."},
		Offers: []string{"./" + name + ".log", "/tmp/" + name + ".log"},
		Answer: func(typed string) tea.Msg { return saveAnswer{s, typed} },
	}
}

// save writes what is kept of what is shown to a file, which must be a new one.
func (s *Screen) save(path string) screen.Out {
	o := engine.LogOptions{App: s.window().App(), Since: s.since}
	prefixed := o.App == "" && len(s.output.Apps()) > 1
	return screen.Do(func() tea.Msg {
		lines, err := s.saveTo(path, o, prefixed)
		return saved{s, path, lines, err}
	})
}

func (s *Screen) saveTo(path string, o engine.LogOptions, prefixed bool) (lines int, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, reason(err)
	}
	out := bufio.NewWriterSize(file, 64<<10)
	err = s.engine.Logs(s.ctx, s.uuid, o, func(batch []poddir.LogLine) error {
		lines += len(batch)
		return writeLines(out, batch, prefixed)
	})
	err = errors.Join(err, out.Flush(), file.Close())
	if err != nil {
		_ = os.Remove(path) // no half of it
		return 0, reason(err)
	}
	return lines, nil
}

func writeLines(out io.Writer, batch []poddir.LogLine, prefixed bool) error {
	var b []byte
	for _, l := range batch {
		b = append(l.Time.AppendFormat(b, time.RFC3339Nano), ' ')
		if prefixed {
			b = append(append(b, l.App...), ": "...)
		}
		b = append(text.AppendEscaped(b, []byte(l.Text)), '\n')
	}
	_, err := out.Write(b)
	return err
}

// reason leaves out what the one who typed the path knows.
func reason(err error) error {
	var at *fs.PathError
	if errors.Is(err, fs.ErrExist) {
		return errors.New("it is there already; name a new file")
	}
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func (s *Screen) takeSaved(m saved) screen.Out {
	shown := text.Escape(m.path)
	if whole, err := filepath.Abs(m.path); err == nil {
		shown = text.Escape(whole)
	}
	switch {
	case errors.Is(m.err, context.Canceled):
		return screen.Out{}
	case m.err != nil:
		return screen.Say(screen.Ask{
			Dialog: s.savePrompt().Refused(m.path, m.err.Error()), Unasked: true,
			Else: screen.Notice{Text: shown + ": " + m.err.Error(), Wrong: true},
		})
	}
	return screen.Say(screen.Notice{Text: text.Count(m.lines, "line") + " saved to " + shown})
}
