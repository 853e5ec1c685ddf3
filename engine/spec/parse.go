package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Flag is a flag that belongs to podtui as a whole (--batch, --dir …), which
// Parse accepts anywhere but among an app's arguments. It comes before a flag
// of the same name in RunFlags.
type Flag struct {
	Name string             // without dashes; a single letter is written with one dash
	Bool bool               // a switch: Set gets "true", or what follows "="
	Set  func(string) error // what it returns becomes a *UsageError; nil: accepted and dropped
}

// UsageError is a command line that is wrong by form alone (exit status 2).
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

func usage(format string, args ...any) error {
	return &UsageError{Message: fmt.Sprintf(format, args...)}
}

// Parse reads what follows "run" on a command line:
//
//	[pod flags] IMAGE [flags] [-- ARGS… [---]] [IMAGE …]
//
// Flags of the pod and others stand anywhere but among arguments; flags of an
// app follow the image that they change. A flag's value is written --flag=VALUE
// or --flag VALUE. The arguments of an app go up to "---" or the end.
//
// The error is a *UsageError. A pod without error may still have problems that Check
// tells, such as having no app.
func Parse(args []string, others ...Flag) (Pod, error) {
	p := newParser(others)
	for len(args) > 0 {
		taken, err := p.take(args)
		if err != nil {
			return Pod{}, err
		}
		args = args[taken:]
	}
	if p.pod.ManifestFile != "" && len(p.pod.Apps) > 0 {
		return Pod{}, usage("--pod-manifest=%s says which images run; %s can't stand beside it", show(p.pod.ManifestFile), show(p.pod.Apps[0].Image))
	}
	return p.pod, nil
}

type parser struct {
	pod    Pod
	flags  []RunFlag
	others []Flag
	closed bool // the last app has had its arguments
}

func newParser(others []Flag) *parser {
	return &parser{flags: RunFlags(), others: others}
}

// take reads the first thing in args and tells how many elements that was.
func (p *parser) take(args []string) (int, error) {
	switch first := args[0]; {
	case first == "--":
		return p.takeArguments(args)
	case first == "---":
		return 0, usage(`"---" ends the arguments of an app, and none have begun; write IMAGE -- ARGS… ---`)
	case len(first) > 1 && first[0] == '-':
		return p.takeFlag(args)
	default:
		p.pod.Apps = append(p.pod.Apps, App{Image: first})
		p.closed = false
		return 1, nil
	}
}

// takeArguments reads "-- ARGS… ---". As in rkt, an app has them once.
func (p *parser) takeArguments(args []string) (int, error) {
	app := p.app()
	switch {
	case app == nil:
		return 0, usage(`"--" begins the arguments of an app, and no image stands before it`)
	case p.closed:
		return 0, usage(`image %s has its arguments already; an image comes after "---", not another "--"`, show(app.Image))
	}
	p.closed = true
	args = args[1:]
	n := slices.Index(args, "---")
	if n < 0 {
		app.Args = collect(args)
		return 1 + len(args), nil
	}
	app.Args = collect(args[:n])
	return n + 2, nil
}

// collect copies, and has one value for none: nil.
func collect(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	return slices.Clone(args)
}

// app is the app that flags change now, or nil before the first image.
func (p *parser) app() *App {
	if len(p.pod.Apps) == 0 {
		return nil
	}
	return &p.pod.Apps[len(p.pod.Apps)-1]
}

func (p *parser) takeFlag(args []string) (int, error) {
	name, value, given := strings.Cut(strings.TrimPrefix(args[0], "-"), "=")
	long, isLong := strings.CutPrefix(name, "-")
	if isLong {
		name = long
	}
	if isLong == (len(name) != 1) {
		for _, f := range p.others {
			if f.Name == name {
				return p.takeOther(f, value, given, args)
			}
		}
	}
	for _, f := range p.flags {
		if isLong && f.Name == name {
			return p.takeRun(f, value, given, args)
		}
	}
	return 0, p.unknown(args[0], name)
}

func (p *parser) takeOther(f Flag, value string, given bool, args []string) (int, error) {
	used := 1
	switch {
	case !given && f.Bool:
		value = "true"
	case !given:
		var err error
		if value, err = following(args, "--"+f.Name+"=VALUE"); err != nil {
			return 0, err
		}
		used = 2
	}
	if f.Set == nil {
		return used, nil
	}
	if err := f.Set(value); err != nil {
		return 0, usage("--%s: %v", f.Name, err)
	}
	return used, nil
}

func (p *parser) takeRun(f RunFlag, value string, given bool, args []string) (int, error) {
	used := 1
	if f.Scope == AppScope && p.app() == nil {
		return 0, p.tooEarly(f)
	}
	switch {
	case !given && f.needsValue():
		var err error
		if value, err = following(args, f.usage()); err != nil {
			return 0, err
		}
		used = 2
	case !given:
		value = "true"
	}
	return used, p.set(f, value)
}

// following is the value of a flag that has none of its own. Anything may be
// one but the two words that are never a value by mistake.
func following(args []string, form string) (string, error) {
	if len(args) < 2 || args[1] == "--" || args[1] == "---" {
		return "", usage("%s has no value; write %s", args[0], form)
	}
	return args[1], nil
}

func (p *parser) set(f RunFlag, value string) (err error) {
	switch {
	case !f.Front:
		return f.set(p, value)
	case f.Value == "":
		_, err = parseBool("--"+f.Name, value)
	}
	return err
}

func (p *parser) tooEarly(f RunFlag) error {
	if p.pod.ManifestFile != "" {
		return usage("--%s changes an image of the command line; with --pod-manifest=%s the manifest says it", f.Name, show(p.pod.ManifestFile))
	}
	if f.Name == "environment" {
		return usage("--environment follows the image that it changes; --set-env is for all apps")
	}
	return usage("--%s follows the image that it changes; no image stands before it", f.Name)
}

func (p *parser) unknown(arg, name string) error {
	const toApp = `what is meant for the app goes after "--"`
	flag, _, _ := strings.Cut(arg, "=")
	name = strings.TrimLeft(name, "-")
	if instead := notHere(flag); instead != "" {
		if p.app() != nil { // it may as well be the app's
			instead += "; " + toApp
		}
		return usage("podtui has no %s as rkt had; %s", show(flag), instead)
	}
	guess := p.elsewhere(flag)
	switch {
	case guess != "" && p.app() != nil: // it may as well be the app's
		return usage("unknown flag %s; perhaps --%s is meant; %s", flag, guess, toApp)
	case guess == "" && len(name) > 1:
		guess = Nearest(name, p.names())
	}
	if guess != "" {
		return usage("unknown flag %s; perhaps --%s is meant", show(flag), guess)
	}
	return usage("unknown flag %s; %s", show(flag), toApp)
}

// names are the flags that a mistyped one may mean: a single letter is none.
func (p *parser) names() []string {
	var known []string
	for _, f := range p.flags {
		known = append(known, f.Name)
	}
	for _, f := range p.others {
		if len(f.Name) > 1 {
			known = append(known, f.Name)
		}
	}
	return known
}

func parseBool(what, value string) (bool, error) {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return false, usage("%s=%s: write true or false", what, show(value))
	}
	return b, nil
}

// show is a value as a message repeats it: on one line, without anything that
// a terminal would obey, and not without end.
func show(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	if s != "" && !strings.ContainsAny(s, " \"'`") && isPrintable(s) {
		return s
	}
	return strconv.Quote(s)
}
