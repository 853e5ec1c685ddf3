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
	"golang.org/x/sys/unix"

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
	whole string // path
	other bool   // what is there is no file
	err   error
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
	return screen.Do(func() tea.Msg { return work.done() })
}

// done does the work, and finds out what the answer to it needs to know of the disk.
func (w saving) done() formSaved {
	m := formSaved{saving: w, whole: w.path, err: w.write()}
	if abs, err := filepath.Abs(w.path); err == nil {
		m.whole = abs
	}
	if errors.Is(m.err, fs.ErrExist) {
		info, err := os.Stat(w.path)
		m.other = err == nil && !info.Mode().IsRegular()
	}
	return m
}

func (w saving) write() error {
	if w.replace {
		return w.overwrite()
	}
	if _, err := os.Lstat(w.path); err == nil {
		return &fs.PathError{Op: "save", Path: w.path, Err: fs.ErrExist}
	}
	return w.create()
}

// create makes a file that is not there. It has its name once it is whole: a half of a
// script could be run.
func (w saving) create() error {
	file, err := renameio.NewPendingFile(w.path, renameio.WithPermissions(w.form.mode()), renameio.WithTempDir(filepath.Dir(w.path)))
	if err != nil {
		return err
	}
	defer func() { _ = file.Cleanup() }() // of its other name, if it still has that
	if _, err := file.WriteString(w.form.content()); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	err = unix.Renameat2(unix.AT_FDCWD, file.Name(), unix.AT_FDCWD, w.path, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // not every file system can
		err = unix.Link(file.Name(), w.path)
	}
	if err != nil {
		return &fs.PathError{Op: "save", Path: w.path, Err: err}
	}
	return nil
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
	var at *fs.PathError
	switch {
	case m.err == nil:
		return screen.Say(screen.Notice{Text: m.form.what + " saved to " + text.Escape(m.whole)})
	case errors.Is(m.err, fs.ErrExist) && !m.replace && !m.other:
		m.replace = true
		return screen.Say(screen.Ask{
			Dialog: dialog.NewConfirm(s.env.Now(), "Replace "+text.Escape(m.whole)+"?", "replace", m.saving, "It is there already."), Unasked: true,
			Else: screen.Notice{Text: text.Escape(m.whole) + " is there already; nothing was saved", Wrong: true},
		})
	case errors.As(m.err, &at):
		m.err = at.Err
	}
	return screen.Say(screen.Ask{
		Dialog: s.savePrompt(m.form).Refused(m.path, m.err.Error()), Unasked: true,
		Else: screen.Notice{Text: text.Escape(m.whole) + ": " + m.err.Error(), Wrong: true},
	})
}
