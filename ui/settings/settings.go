// Package settings reads CONFIG/tui.conf: how the TUI looks and which keys it has.
//
// The file is read once, before the first screen is drawn, so what is strange about
// it costs nobody the screen: each mistake is told by its line and the rest counts.
// What a line means is decided elsewhere: keys in keymap, themes in ui/theme.
package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/theme"
)

// Name is the file's in the folder of the configuration.
const Name = "tui.conf"

// most is how large a file may be: every line there can be, ten times over.
const most = 64 << 10

// Settings are what the file says.
type Settings struct {
	Path   string // of the file, there or not; "": nobody said where
	Theme  string // "": none is chosen
	Mouse  bool
	Linear bool
	Keys   *keymap.Map

	Mistakes []string // FILE:LINE: what is wrong
}

// Read reads the settings of a folder. No file is no settings.
func Read(folder string) Settings {
	s := Settings{Keys: keymap.Default()}
	if folder == "" {
		return s
	}
	s.Path = filepath.Join(folder, Name)
	content, err := read(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		s.Mistakes = []string{fmt.Sprintf("%s: %v; nothing of it counts", s.Path, cause(err))}
	default:
		s.parse(content)
	}
	return s
}

// read reads a file of the size that settings have. It waits for nobody: a pipe
// would hold up the screen.
func read(path string) (string, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, errors.New("it is no regular file"))
	}
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(content) > most {
		err = fmt.Errorf("it is larger than %d kB", most>>10)
	}
	return string(content), err
}

// cause leaves out the path, which is said already.
func cause(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}

// parser is a file that is being read.
type parser struct {
	settings *Settings
	said     map[string]int // the line of a setting
	keys     []keymap.Change
	mistakes []keymap.Mistake
}

func (s *Settings) parse(content string) {
	p := parser{settings: s, said: map[string]int{}}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(content, "\ufeff")) {
		number++
		if err := p.line(number, line); err != nil {
			p.mistakes = append(p.mistakes, keymap.Mistake{Line: number, Text: err.Error()})
		}
	}
	keys, wrong := s.Keys.With(p.keys)
	s.Keys = keys
	p.mistakes = append(p.mistakes, wrong...)
	slices.SortStableFunc(p.mistakes, func(a, b keymap.Mistake) int { return a.Line - b.Line })
	for _, m := range p.mistakes {
		s.Mistakes = append(s.Mistakes, fmt.Sprintf("%s:%d: %s", s.Path, m.Line, m.Text))
	}
}

// line takes one line: NAME = VALUE, and what comes after a # is for people.
func (p *parser) line(number int, line string) error {
	if !utf8.ValidString(line) {
		return errors.New("it is no UTF-8")
	}
	line = strings.TrimSpace(uncommented(line))
	if line == "" {
		return nil
	}
	name, value, ok := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		return fmt.Errorf("%q: write NAME = VALUE", line)
	}
	if words := strings.Fields(name); len(words) == 2 && words[0] == "key" {
		p.keys = append(p.keys, keymap.Change{Line: number, Action: words[1], Keys: value})
		return nil
	}
	if before := p.said[name]; before > 0 {
		return fmt.Errorf("%s: line %d says it already", name, before)
	}
	p.said[name] = number
	return p.set(name, value)
}

// uncommented is a line without its comment. A # in the middle of a word is none.
func uncommented(line string) string {
	for i, r := range line {
		if r == '#' && (i == 0 || strings.ContainsRune(" \t", rune(line[i-1]))) {
			return line[:i]
		}
	}
	return line
}

func (p *parser) set(name, value string) (err error) {
	s := p.settings
	switch name {
	case "theme":
		if !theme.Known(value) {
			return fmt.Errorf("theme: %q is none; there are %s", value, strings.Join(theme.Names(), ", "))
		}
		s.Theme = value
	case "mouse":
		s.Mouse, err = onOrOff(name, value)
	case "linear":
		s.Linear, err = onOrOff(name, value)
	default:
		return p.unknown(name)
	}
	return err
}

func onOrOff(name, value string) (bool, error) {
	if value != "on" && value != "off" {
		return false, fmt.Errorf("%s: %q; write on or off", name, value)
	}
	return value == "on", nil
}

func (p *parser) unknown(name string) error {
	isAction := func(b keymap.Binding) bool { return string(b.Action) == name }
	if slices.ContainsFunc(p.settings.Keys.Bindings(), isAction) {
		return fmt.Errorf("unknown setting %q; write key %s = KEY", name, name)
	}
	if guess := spec.Nearest(name, []string{"theme", "mouse", "linear"}); guess != "" {
		return fmt.Errorf("unknown setting %q; perhaps %s is meant", name, guess)
	}
	return fmt.Errorf("unknown setting %q; there are theme, mouse, linear and key ACTION", name)
}
