package keymap

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whoever asks for the keys of several scopes at once asks for some that are known
// to work together, in that order: clashes are found among those, and no others.
func TestScopesAreAskedForAsTheyAreKnown(t *testing.T) {
	constants := map[string]Scope{}
	files := token.NewFileSet()
	for _, name := range []string{"defaults.go"} {
		syntax, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				if typed, ok := v.Type.(*ast.Ident); ok && typed.Name == "Scope" {
					constants[v.Names[0].Name] = Scope(strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
				}
			}
			return true
		})
	}
	asked := 0
	err := filepath.WalkDir("../ui", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		syntax, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			var of []ast.Expr
			switch n := n.(type) {
			case *ast.CallExpr:
				if called, ok := n.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Action" && len(n.Args) > 1 {
					of = n.Args[1:]
				}
			case *ast.CompositeLit:
				of = n.Elts
			}
			var scopes []Scope
			for _, e := range of {
				if s, ok := e.(*ast.SelectorExpr); ok {
					if scope, ok := constants[s.Sel.Name]; ok {
						scopes = append(scopes, scope)
					}
				}
			}
			// What the help tells of is more than what works at once: it has fields too.
			if len(scopes) == 0 || len(scopes) > 2 && slices.Contains(scopes, Edit) && !typed(scopes[0]) {
				return true
			}
			asked++
			if !slices.ContainsFunc(together(), func(known []Scope) bool { return inOrder(scopes, known) }) {
				t.Errorf("%s asks for %q at once", files.Position(n.Pos()), scopes)
			}
			return true
		})
		return nil
	})
	if err != nil || asked < 20 {
		t.Errorf("%d are asked for, %v", asked, err)
	}
}

// inOrder reports whether all of some are among others, in their order.
func inOrder(some, others []Scope) bool {
	for _, s := range some {
		i := slices.Index(others, s)
		if i < 0 {
			return false
		}
		others = others[i+1:]
	}
	return true
}
