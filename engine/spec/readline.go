package spec

import (
	"path"
	"slices"
	"strings"
)

// MaxLine is how many bytes of a pasted command line are taken.
const MaxLine = 1 << 17

// Line is a command line of "podtui run" or "podtui prepare" as somebody has written
// it down: the pod, and what else it says.
type Line struct {
	Pod  Pod
	Verb string // run or prepare

	// Beside is what is no part of the pod but of how podtui was called, in its order:
	// whoever takes the pod has to say what becomes of that.
	Beside []Beside
}

// Beside is a flag (--insecure-options), or a variable of podtui's own environment
// (PODTUI_DIR), in front of the line or exported in a line before it.
type Beside struct {
	Name  string // with its dashes
	Value string // "": a switch that is on
}

// String is it as it is written.
func (b Beside) String() string {
	if b.Value == "" && strings.HasPrefix(b.Name, "-") {
		return b.Name
	}
	return Quote([]string{b.Name + "=" + b.Value})
}

// Variable reports whether it is one of the environment.
func (b Beside) Variable() bool { return !strings.HasPrefix(b.Name, "-") }

// ReadLine reads a command line that was pasted, as people find it in manuals, in
// their shell's history and in podtui itself: of podtui or of rkt, by any path, with a
// prompt or sudo or variables in front, continued over several lines, among lines that
// are no command, such as its output. What would need a shell is refused (Unquote).
//
// Only what is wrong by form is an error, a *UsageError of one line; Check knows more.
func ReadLine(text string) (Line, error) {
	found, err := findLine(text)
	if err != nil {
		return Line{}, err
	}
	r := lineReader{line: Line{Beside: found.exported}}
	words, err := r.called(found.words)
	if err == nil {
		words, err = r.global(words)
	}
	if err == nil {
		err = r.pod(words)
	}
	if err != nil {
		return Line{}, err
	}
	return r.line, nil
}

type lineReader struct {
	line   Line
	podtui string // as it is called
}

// called reads what stands before podtui's arguments.
func (r *lineReader) called(words []string) ([]string, error) {
	leads := ""
	for i, word := range words {
		name, value, assigns := strings.Cut(word, "=")
		switch {
		case isPodtui(word):
			r.podtui = path.Base(word)
			return words[i+1:], nil
		case assigns && isVariable(name):
			r.line.Beside = append(r.line.Beside, Beside{name, value})
		case leadsTo(word):
			leads = word
		case leads == "sudo" && slices.Contains([]string{"-E", "-H", "-n", "-S", "--preserve-env", "--"}, word):
		default:
			return nil, usage("%s %s in front of podtui: paste the line from podtui on", show(leads), show(word))
		}
	}
	return nil, usage("there is no podtui in this line")
}

// global reads the flags before the command, and the command.
func (r *lineReader) global(words []string) ([]string, error) {
	p := &parser{others: r.flags()}
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		name, _, _ := strings.Cut(strings.TrimLeft(words[0], "-"), "=")
		if slices.ContainsFunc(RunFlags(), func(f RunFlag) bool { return f.Name == name }) {
			return nil, usage("%s stands after the command: %s run %s", show(words[0]), r.podtui, show(words[0]))
		}
		taken, err := p.takeFlag(words)
		if err != nil {
			return nil, err
		}
		words = words[taken:]
	}
	switch {
	case len(words) == 0:
		return nil, usage("%s alone makes no pod; paste a line of run or prepare", r.podtui)
	case !makesPod(words[0]):
		return nil, usage("%s %s makes no pod; paste a line of run or prepare", r.podtui, show(words[0]))
	}
	r.line.Verb = words[0]
	return words[1:], nil
}

func makesPod(verb string) bool { return verb == "run" || verb == "prepare" }

func (r *lineReader) pod(words []string) (err error) {
	if r.line.Pod, err = Parse(words, r.flags()...); err != nil {
		return err
	}
	if len(r.line.Pod.Apps) == 0 && r.line.Pod.ManifestFile == "" {
		return usage("%s %s names no image; write it behind the flags of the pod", r.podtui, r.line.Verb)
	}
	return nil
}

// flags keep what is beside the pod. Of one that is given twice the latter counts, as
// for podtui; those whose words add up are kept both.
func (r *lineReader) flags() []Flag {
	var flags []Flag
	keep := func(name string, isSwitch bool) {
		flags = append(flags, Flag{Name: name, Bool: isSwitch, Set: func(value string) error { return r.keep(name, value, isSwitch) }})
	}
	for _, name := range []string{"batch", "linear", "insecure-skip-verify", "trust-keys-from-https", "debug"} {
		keep(name, true)
	}
	for _, name := range []string{"dir", "config-dir", "local-config", "insecure-options", "output"} {
		keep(name, false)
	}
	for _, f := range RunFlags() {
		if f.Front {
			keep(f.Name, f.Value == "")
		}
	}
	for _, name := range []string{"help", "h"} {
		flags = append(flags, Flag{Name: name, Bool: true, Set: func(string) error { return errHelp }})
	}
	return flags
}

var errHelp = usage("it shows help, and runs nothing; paste the line without it")

func (r *lineReader) keep(name, value string, isSwitch bool) error {
	name = "--" + name
	if name != "--insecure-options" {
		r.line.Beside = slices.DeleteFunc(r.line.Beside, func(b Beside) bool { return b.Name == name })
	}
	if isSwitch {
		on, err := parseBool(name, value)
		if err != nil || !on {
			return err
		}
		value = ""
	}
	r.line.Beside = append(r.line.Beside, Beside{name, value})
	return nil
}
