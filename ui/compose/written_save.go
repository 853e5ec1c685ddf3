package compose

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/google/renameio/v2"

	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/text"
)

// saving is a form that goes to a file.
type saving struct {
	form    form
	path    string
	replace bool // whoever asked knows that there is one
}

// formSaved is how that ended.
type formSaved struct {
	saving
	err error
}

// askSave asks for the file.
func (s *Screen) askSave() screen.Out {
	f := s.written.forms[s.written.at]
	if f.body == "" {
		return screen.Say(screen.Notice{Text: f.notes[0], Wrong: true})
	}
	return screen.Say(screen.Ask{Dialog: s.savePrompt(f)})
}

func (s *Screen) savePrompt(f form) *dialog.Prompt {
	name := s.draft.pod.Name
	if name == "" && len(s.draft.pod.Apps) > 0 {
		name = s.appName(0)
	}
	name = cmp.Or(name, "pod") + f.suffix
	d := &dialog.Prompt{
		Title:  "Save " + f.what + " to which file?",
		Offers: []string{"./" + name, "/tmp/" + name},
		Answer: func(typed string) tea.Msg { return saving{form: f, path: typed} },
	}
	if f.suffix == ".service" {
		d.Offers[1] = "/etc/systemd/system/" + name
	}
	if f.secret {
		d.Body = []string{"Values of variables stand in it: nobody but you will be able to read the file."}
	}
	return d
}

// mode is that of the file: a command line is a script.
func (f form) mode() os.FileMode {
	mode := os.FileMode(0o644)
	if f.secret {
		mode = 0o600
	}
	if f.words != nil {
		mode |= mode >> 2 & 0o111
	}
	return mode
}

// content is what goes into the file.
func (f form) content() string {
	if f.words == nil {
		return f.body
	}
	const width = 100
	rows := strings.Join(dialog.ShellRows(f.words, width), "\n")
	shell := "sh"
	if strings.Contains(rows, "$'") { // which not every sh knows
		shell = "bash"
	}
	return "#!/usr/bin/env " + shell + "\nexec " + rows + "\n"
}

// save writes the file, whole or not at all.
func (s *Screen) save(work saving) screen.Out {
	return screen.Do(func() tea.Msg { return formSaved{work, work.write()} })
}

func (w saving) write() error {
	if w.replace {
		return w.overwrite()
	}
	file, err := os.OpenFile(w.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, w.form.mode())
	if err != nil {
		return err
	}
	_, err = file.WriteString(w.form.content())
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(w.path) // no half of it
	}
	return err
}

// overwrite puts it in the place of what was there: whoever could read that can't read
// values of variables now.
func (w saving) overwrite() error {
	file, err := renameio.NewPendingFile(w.path, renameio.WithStaticPermissions(w.form.mode()))
	if err != nil {
		return err
	}
	defer func() { _ = file.Cleanup() }()
	if _, err := file.WriteString(w.form.content()); err != nil {
		return err
	}
	return file.CloseAtomicallyReplace()
}

func (s *Screen) takeSaved(m formSaved) screen.Out {
	whole := m.path
	if abs, err := filepath.Abs(m.path); err == nil {
		whole = abs
	}
	var at *fs.PathError
	switch {
	case m.err == nil:
		return screen.Say(screen.Notice{Text: m.form.what + " saved to " + text.Escape(whole)})
	case errors.Is(m.err, fs.ErrExist) && !m.replace:
		if info, err := os.Stat(m.path); err == nil && !info.Mode().IsRegular() {
			break
		}
		m.replace = true
		return screen.Say(screen.Ask{
			Dialog: dialog.NewConfirm(s.env.Now(), "Replace "+text.Escape(whole)+"?", "replace", m.saving, "It is there already."), Unasked: true,
			Else: screen.Notice{Text: text.Escape(whole) + " is there already; nothing was saved", Wrong: true},
		})
	case errors.As(m.err, &at):
		m.err = at.Err
	}
	return screen.Say(screen.Ask{
		Dialog: s.savePrompt(m.form).Refused(m.path, m.err.Error()), Unasked: true,
		Else: screen.Notice{Text: text.Escape(whole) + ": " + m.err.Error(), Wrong: true},
	})
}
