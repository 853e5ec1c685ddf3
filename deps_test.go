// Package podtui_test holds the picture of the architecture true: it reads what
// each package imports and draws the arrows that should not be there. Tests
// themselves may import what they like.
package podtui_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/podtui/podtui"

// picture says who may import whom, the most particular line first. "x/…" is
// whatever is below x, and not x itself. A package that no line is about has yet
// to be drawn, here and in docs/architecture.md.
const picture = `
cmd/podtui            → cmd/podtui/internal/… ui keymap engine DATA
cmd/podtui/internal/demo/generate → engine/enginetest/recipe
cmd/podtui/internal/podprogram/program → engine/supervisor
cmd/podtui/internal/… → cmd/podtui/internal/… ui ui/… keymap engine DATA
ui                    → ui/… keymap engine DATA
ui/uitest             → ui ui/… keymap engine engine/…
ui/uitest/…           → ui ui/… keymap engine engine/…
ui/drafts             → engine/spec engine/crash
ui/graph              →
ui/secrets            → engine/spec
ui/…                  → PARTS
keymap                → engine/spec
engine                → engine/… store
engine/spec           →
engine/spec/export    → engine/spec engine/imageref
engine/imageref       →
engine/event          →
engine/trust          → DATA store engine/trust/…
engine/trust/refusal  →
engine/trust/openpgp  → engine/trust/refusal
engine/fetch          → DATA store store/union engine/trust engine/trust/… engine/fetch/…
engine/fetch/transfer →
engine/fetch/credential →
engine/fetch/oci      →
engine/fetch/discovery → engine/imageref engine/fetch/transfer
engine/fetch/archive  → engine/fetch/oci
engine/fetch/registry → engine/imageref engine/fetch/transfer engine/fetch/credential engine/fetch/oci
engine/crash          →
engine/podroot        → engine/poddir engine/sandbox engine/podroot/…
engine/podroot/…      →
engine/poddir         → DATA engine/crash
engine/sandbox        → DATA
engine/network        → DATA engine/crash
engine/network/nettest →
engine/mds            → DATA store/imagemanifest
engine/supervisor     → DATA engine/crash engine/podroot/… engine/sandbox engine/network engine/mds store/imagefile store/rootcopy
engine/enginetest     → engine engine/…
engine/enginetest/…   → engine/enginetest/…
store                 → store/… engine/imageref
store/…               → store/…
`

// words are the lists that the picture has a short name for: the vocabulary of
// the engine, which everybody above it speaks, and what screens are made of.
// No screen is among the latter: screens don't know each other.
var words = map[string]string{
	"DATA": "engine/spec engine/imageref engine/event engine/poddir engine/trust/refusal",
	"PARTS": "keymap engine engine/spec engine/spec/export engine/imageref engine/event engine/poddir engine/trust/refusal " +
		"ui/dialog ui/drafts ui/draw ui/feed ui/field ui/graph ui/keycard ui/match ui/screen ui/secrets ui/stages ui/table ui/text ui/theme ui/console ui/logview",
}

// debts are arrows that the picture hasn't but the code still has, with what pays
// them off. The test fails when one is paid and still listed.
var debts = []struct{ who, whom, payment string }{}

// onlyFor are packages of others that only some of ours may import, or none.
var onlyFor = []struct{ what, who, why string }{
	{"github.com/charmbracelet/glamour", "", "it costs 16 ms of every start"},
	{"charm.land/glamour", "", "it costs 16 ms of every start"},
	{"github.com/charmbracelet/fang", "", "its help waits 4 s for a silent terminal"},
	{"charm.land/fang", "", "its help waits 4 s for a silent terminal"},
	{"charm.land/lipgloss/v2/compat", "", "it asks the terminal a question in every process that links it"},
	{"github.com/charmbracelet/bubbletea", "", "version 1 asks the terminal a question in every process that links it"},
	{"github.com/charmbracelet/bubbles", "", "version 1; the second is charm.land/bubbles/v2"},
	{"github.com/charmbracelet/lipgloss", "", "version 1; the second is charm.land/lipgloss/v2"},
	{"golang.org/x/crypto/openpgp", "", "it is frozen, and accepts SHA-1 and DSA"},
	{"github.com/ProtonMail/go-crypto", "engine/trust/openpgp", "keys and signatures are read in one place"},
	{"charm.land", "cmd/… ui ui/… keymap", "the engine knows no screen"},
	{"github.com/spf13/cobra", "cmd/…", "only the command line has commands"},
	{"github.com/opencontainers/runc", "engine/sandbox engine/supervisor", "libcontainer stays behind the sandbox"},
	{"github.com/opencontainers/cgroups", "engine/sandbox engine/supervisor", "cgroups stay behind the sandbox"},
	{"github.com/google/nftables", "engine/network", "rules of the host's firewall are made in one place"},
	{"k8s.io", "", "tests alone hold manifests against Kubernetes' own types"},
	{"sigs.k8s.io", "", "it sorts a manifest's keys, and compiles expressions at every start"},
	{"testing", "ui/uitest ui/uitest/… engine/enginetest engine/enginetest/… engine/network/nettest store/storetest", "podtui is not linked with its tests"},
}

type source struct {
	folder  string // of its package, from the top of the module
	imports []string
	syntax  *ast.File
}

// sources parses every Go file of the module that is not a test.
func sources(t *testing.T) (list []source, files *token.FileSet) {
	t.Helper()
	files = token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && name != "." && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		s := source{folder: path.Dir(filepath.ToSlash(name)), syntax: syntax}
		for _, spec := range syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, imported)
		}
		list = append(list, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, files
}

// matches tells whether a folder is what one pattern of the picture means.
func matches(pattern, folder string) bool {
	if below, ok := strings.CutSuffix(pattern, "…"); ok {
		return strings.HasPrefix(folder, below)
	}
	return pattern == folder
}

func anyMatches(patterns, folder string) bool {
	for _, pattern := range strings.Fields(patterns) {
		if anyOf, ok := words[pattern]; ok && anyMatches(anyOf, folder) || matches(pattern, folder) {
			return true
		}
	}
	return false
}

// allowed returns what the picture lets a folder import.
func allowed(folder string) (patterns string, drawn bool) {
	for line := range strings.Lines(strings.TrimSpace(picture)) {
		who, whom, _ := strings.Cut(line, "→")
		if matches(strings.TrimSpace(who), folder) {
			return whom, true
		}
	}
	return "", false
}

func TestImportsPointDownThePicture(t *testing.T) {
	wrong, owing := make(map[string]bool), make(map[int]bool)
	list, _ := sources(t)
	for _, s := range list {
		patterns, drawn := allowed(s.folder)
		if !drawn {
			t.Errorf("%s is not in the picture: draw it in deps_test.go and docs/architecture.md", s.folder)
			continue
		}
		for _, imported := range s.imports {
			whom, ours := strings.CutPrefix(imported, module+"/")
			if !ours || anyMatches(patterns, whom) {
				continue
			}
			if debt := debtOf(s.folder, whom); debt >= 0 {
				owing[debt] = true
				continue
			}
			wrong[fmt.Sprintf("%s ─✗→ %s", s.folder, whom)] = true
		}
	}
	if len(wrong) > 0 {
		t.Errorf("arrows that the picture has not:\n\n%s\n\nThe picture:\n%s",
			strings.Join(slices.Sorted(maps.Keys(wrong)), "\n"), picture)
	}
	for i, debt := range debts {
		if !owing[i] {
			t.Errorf("no arrow from %s to %s any more: take it off the debts", debt.who, debt.whom)
		}
	}
}

// debtOf returns which of the debts an arrow is, or -1.
func debtOf(folder, whom string) int {
	for i, debt := range debts {
		if anyMatches(debt.who, folder) && anyMatches(debt.whom, whom) {
			return i
		}
	}
	return -1
}

func TestPackagesOfOthersStayInTheirPlace(t *testing.T) {
	list, _ := sources(t)
	for _, s := range list {
		for _, imported := range s.imports {
			for _, rule := range onlyFor {
				if (imported == rule.what || strings.HasPrefix(imported, rule.what+"/")) && !anyMatches(rule.who, s.folder) {
					t.Errorf("%s ─✗→ %s: %s", s.folder, imported, rule.why)
				}
			}
		}
	}
}

// Package variables are made in every process, container init included, before
// it knows its role: a regular expression there is paid for in each start.
func TestNoRegularExpressionIsCompiledAtStart(t *testing.T) {
	list, files := sources(t)
	for _, s := range list {
		for _, declaration := range s.syntax.Decls {
			variables, ok := declaration.(*ast.GenDecl)
			if !ok || variables.Tok != token.VAR {
				continue
			}
			ast.Inspect(variables, func(node ast.Node) bool {
				if _, isFunction := node.(*ast.FuncLit); isFunction {
					return false // called later, if at all
				}
				if selector, ok := node.(*ast.SelectorExpr); ok {
					if name, ok := selector.X.(*ast.Ident); ok && name.Name == "regexp" && strings.Contains(selector.Sel.Name, "Compile") {
						t.Errorf("%s: regexp.%s in a package variable", files.Position(selector.Pos()), selector.Sel.Name)
					}
				}
				return true
			})
		}
	}
}
