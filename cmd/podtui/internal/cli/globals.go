package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/podtui/podtui/engine/spec"
)

// globals are the flags of podtui as a whole, which stand before the command
// and after it.
type globals struct {
	batch     bool
	linear    bool
	dir       string
	configDir string
	skip      bool
	insecure  insecure
	trustKeys bool
	debug     bool
	format    string // of batch's output: text or json
	help      bool

	decided bool // what the apps may do was decided as the pod was made
}

const (
	defaultDir       = "/var/lib/podtui"
	defaultConfigDir = "/etc/podtui"
)

func defaults() globals {
	return globals{
		dir:       environment("PODTUI_DIR", defaultDir),
		configDir: environment("PODTUI_CONFIG_DIR", defaultConfigDir),
		format:    "text",
	}
}

func environment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// globalFlag is one of them, as people see it and for both parsers.
type globalFlag struct {
	name  string
	value string // in capitals; "": a switch
	help  string
	set   func(string) error
}

func (g *globals) flags() []globalFlag {
	return []globalFlag{
		{"batch", "", "no screens: print, wait, and exit with the pod's status", boolean(&g.batch)},
		{"linear", "", "no screens either, but all they do: what changes is said, line by line, and lines are read (PODTUI_LINEAR=1)", boolean(&g.linear)},
		{"dir", "PATH", "where images and pods are kept (PODTUI_DIR, " + defaultDir + ")", filled("--dir", &g.dir)},
		{"config-dir", "PATH", "where keys, credentials and networks are (PODTUI_CONFIG_DIR, " + defaultConfigDir + ")", filled("--config-dir", &g.configDir)},
		{"local-config", "PATH", "the same as --config-dir", filled("--local-config", &g.configDir)},
		{"insecure-skip-verify", "", "run images that nobody vouches for, and take any server's TLS certificate", boolean(&g.skip)},
		{"insecure-options", "WORDS", "what not to be strict about: " + insecureHelp, g.insecure.set},
		{"trust-keys-from-https", "", "trust, for an image's name, the key that its site names and that signed it", boolean(&g.trustKeys)},
		{"debug", "", "tell every step", boolean(&g.debug)},
		{"output", "text|json", "how --batch tells what happens", oneOf(&g.format, "text", "json")},
	}
}

func boolean(to *bool) func(string) error {
	return func(s string) error {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", s)
		}
		*to = b
		return nil
	}
}

func filled(flag string, to *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return fmt.Errorf("an empty value; write %s=PATH", flag)
		}
		*to = s
		return nil
	}
}

func oneOf(to *string, words ...string) func(string) error {
	return func(s string) error {
		for _, word := range words {
			if s == word {
				*to = s
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %s", s, orList(words))
	}
}

// take reads the flags before the command. What is left begins with it.
func (g *globals) take(args []string) ([]string, error) {
	set := g.flagSet()
	set.SetInterspersed(false)
	version := set.Bool("version", false, "")
	_ = set.MarkHidden("version")
	err := set.Parse(args)
	switch {
	case err == nil && *version:
		return []string{"version"}, nil
	case errors.Is(err, pflag.ErrHelp):
		return []string{"help"}, nil
	case err != nil:
		return nil, tooEarly(err, flagError(err, set))
	}
	return set.Args(), nil
}

// flagSet is the flags for cobra, and for what stands before the command.
func (g *globals) flagSet() *pflag.FlagSet {
	set := pflag.NewFlagSet("podtui", pflag.ContinueOnError)
	set.SortFlags = false
	set.Usage = func() {}
	for _, f := range g.flags() {
		flag := set.VarPF(flagValue{f}, f.name, "", f.help)
		if f.value == "" {
			flag.NoOptDefVal = "true"
		}
	}
	return set
}

// flagValue is a globalFlag as pflag wants it.
type flagValue struct{ globalFlag }

func (v flagValue) String() string     { return "" }
func (v flagValue) Set(s string) error { return v.set(s) }

// Type is "bool" for a switch, which pflag then shows as one.
func (v flagValue) Type() string {
	if v.globalFlag.value == "" {
		return "bool"
	}
	return v.globalFlag.value
}

// specFlags is the flags for what follows "run".
func (g *globals) specFlags() []spec.Flag {
	flags := []spec.Flag{
		{Name: "help", Bool: true, Set: boolean(&g.help)},
		{Name: "h", Bool: true, Set: boolean(&g.help)},
	}
	for _, f := range g.flags() {
		flags = append(flags, spec.Flag{Name: f.name, Bool: f.value == "", Set: f.set})
	}
	return flags
}

// check refuses, once all are read, what can't be honoured.
func (g *globals) check() error {
	if g.format == "json" && !g.batch {
		return usage("--output=json goes with --batch")
	}
	if g.linear && g.batch {
		return usage("--linear is for people, and --batch for none: only one of them can be")
	}
	return nil
}

func (g *globals) skipVerify() bool { return g.skip || g.insecure.image }
func (g *globals) json() bool       { return g.batch && g.format == "json" }
