package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/podtui/podtui/engine/spec"
)

// manCommand writes the man pages, for "make man" and for who packages podtui: they say
// what --help says, because they are made of the same.
func (p *program) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Short: "write the man pages into a folder", Args: oneArg, Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			for name, page := range p.manPages(c.Root()) {
				if err := os.WriteFile(filepath.Join(args[0], name), []byte(page), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manPages are the pages by the names of their files: one for podtui and one for each
// command.
func (p *program) manPages(root *cobra.Command) map[string]string {
	pages := map[string]string{}
	for _, c := range commandsBelow(root) {
		pages[manName(c)+".1"] = p.manPage(c)
	}
	return pages
}

// commandsBelow are a command and all that are shown below it.
func commandsBelow(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, commandsBelow(sub)...)
		}
	}
	return all
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is the page of one command.
func (p *program) manPage(c *cobra.Command) string {
	var m manual
	m.request(".TH", strings.ToUpper(manName(c)), "1", "", "podtui "+p.version, "podtui")
	m.text(".ad l\n.nh") // flags are long words, and are not hyphenated
	m.request(".SH", "NAME")
	m.text(manName(c) + " \\- " + roff(c.Short))
	m.request(".SH", "SYNOPSIS")
	m.bold(synopsis(c))
	m.request(".SH", "DESCRIPTION")
	what, end := manWords(c)
	m.lines(what)
	p.manFlags(&m, c)
	m.lines(end)
	if subs := shownBelow(c); len(subs) > 0 {
		m.request(".SH", "COMMANDS")
		for _, sub := range subs {
			m.tagged(manName(sub)+"(1)", sub.Short)
		}
	}
	if !c.HasParent() {
		m.environment()
		return m.String()
	}
	m.request(".SH", "SEE ALSO")
	m.text(roff(manName(c.Parent())) + "(1)")
	return m.String()
}

func shownBelow(c *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(c.Commands()), func(sub *cobra.Command) bool { return !sub.IsAvailableCommand() })
}

// synopsis is how a command is written.
func synopsis(c *cobra.Command) string {
	if !c.HasParent() {
		return "podtui [flags] [COMMAND …]"
	}
	return c.Parent().CommandPath() + " " + c.Use
}

// manWords are what is said of a command before its flags and after them.
func manWords(c *cobra.Command) (before, after string) {
	switch manName(c) {
	case "podtui-run":
		return runWhat, afterFlags + runEnd
	case "podtui-prepare":
		return prepareWhat, afterFlags + prepareEnd
	}
	if c.Long != "" {
		return c.Long, ""
	}
	return c.Short, ""
}

// manFlags tells of each flag: of a pod's also, which cobra doesn't know.
func (p *program) manFlags(m *manual, c *cobra.Command) {
	switch use := c.Use; use {
	case runUse, prepareUse:
		m.podFlags("FLAGS OF THE POD", use, spec.PodScope, spec.BothScope)
		m.podFlags("FLAGS OF AN APP", use, spec.AppScope)
		return
	}
	set := c.NonInheritedFlags()
	if !c.HasParent() {
		set = p.globals.flagSet()
	}
	if !set.HasAvailableFlags() {
		return
	}
	m.request(".SH", "OPTIONS")
	set.SortFlags = false
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, help := pflag.UnquoteUsage(f)
		head := "--" + f.Name
		if f.Shorthand != "" {
			head = "-" + f.Shorthand + ", " + head
		}
		if value != "" {
			head += "=" + value
		}
		m.tagged(head, help)
	})
}

func (m *manual) podFlags(title, use string, scopes ...spec.Scope) {
	m.request(".SH", title)
	for _, f := range spec.RunFlags() {
		if slices.Contains(scopes, f.Scope) && (f.Name != "detach" || use == runUse) {
			m.tagged(flagUsage(f), f.Help)
		}
	}
}

// environment tells what podtui as a whole reads.
func (m *manual) environment() {
	m.request(".SH", "ENVIRONMENT")
	m.tagged("PODTUI_DIR, PODTUI_CONFIG_DIR", "what --dir and --config-dir are where they are not given")
	m.tagged("PODTUI_LINEAR", "1: what changes on the screen is said line by line, as with --linear")
	m.tagged("PODTUI_THEME, NO_COLOR", "the theme of the screens, before that of the settings; none")
	m.request(".SH", "FILES")
	m.tagged(defaultDir, "images and pods")
	m.tagged(defaultConfigDir, "keys, credentials, networks; tui.conf has the settings of the screens")
}

// manual is a page in the language of man(7).
type manual struct{ strings.Builder }

// request writes a request with its words, each quoted.
func (m *manual) request(name string, words ...string) {
	m.WriteString(name)
	for _, w := range words {
		fmt.Fprintf(m, ` "%s"`, strings.ReplaceAll(roff(w), `"`, `\(dq`))
	}
	m.WriteByte('\n')
}

// text writes a line that is roff already.
func (m *manual) text(line string) { m.WriteString(line + "\n") }

func (m *manual) bold(words string) { m.text(`\fB` + roff(words) + `\fR`) }

// tagged writes a paragraph under a word.
func (m *manual) tagged(tag, words string) {
	m.text(".TP")
	m.bold(tag)
	m.lines(words)
}

// lines writes a text whose lines stay what they are: examples are among them.
func (m *manual) lines(words string) {
	if words == "" {
		return
	}
	for i, l := range strings.Split(words, "\n") {
		switch {
		case l == "":
			m.text(".sp")
		case i > 0:
			m.text(".br\n" + roff(l))
		default:
			m.text(roff(l))
		}
	}
}

// roff is a text as roff takes it: nothing in it is a request, and a hyphen is the one
// that is typed.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
