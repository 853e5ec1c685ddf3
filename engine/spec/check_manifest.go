package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/appc/spec/schema/types"
)

// ourAnnotations is how the names of podtui's own annotations begin. Nobody else
// sets them: what they say has its flags.
const ourAnnotations = "podtui."

// annotations holds names to the schema's rules: "created" is a date, "homepage"
// and "documentation" are URLs.
func (c *checker) annotations(at, flag string, list []Var) {
	c.pairs(at, flag, list)
	for i, v := range list {
		at := indexed(at, i)
		name, err := types.NewACIdentifier(v.Name)
		switch {
		case err != nil:
			like := ""
			if better, err := types.SanitizeACIdentifier(v.Name); err == nil && isPrintable(better) {
				like = ", such as " + better
			}
			c.add(at+".name", "%s: name %s: only lower-case letters and digits, with one of -._~/ between them%s", flag, show(v.Name), like)
		case strings.HasPrefix(v.Name, ourAnnotations):
			c.add(at+".name", "%s: %s is podtui's own; what it says has a flag", flag, show(v.Name))
		default:
			if _, err := (types.Annotations{{Name: *name, Value: v.Value}}).MarshalJSON(); err != nil {
				c.add(at+".value", "%s: %s=%s: %v", flag, v.Name, show(v.Value), oneLine(err))
			}
		}
	}
}

// pairs are of the user's own: names of any kind, each once.
func (c *checker) pairs(at, flag string, list []Var) {
	seen := make(map[string]bool)
	for i, v := range list {
		switch at := indexed(at, i); {
		case v.Name == "" || strings.Contains(v.Name, "="):
			c.add(at+".name", "%s: %s is not a name; write %s=NAME=VALUE", flag, show(v.Name), flag)
		case seen[v.Name]:
			c.add(at+".name", "%s: %s is given twice", flag, show(v.Name))
		case !utf8.ValidString(v.Name) || !utf8.ValidString(v.Value):
			c.add(at+".value", "%s: %s=%s is not UTF-8, as what is told in JSON has to be", flag, show(v.Name), show(v.Value))
		}
		seen[v.Name] = true
	}
}

// says checks an app object in place of the image's. What its isolators say counts
// only if no flag is over it.
func (c *checker) says(at string, a App) {
	if len(a.Says) == 0 {
		return
	}
	app, err := readApp(a.Says)
	if err != nil {
		c.add(at, "app object: %v", err)
		return
	}
	own, theirs := a.isolators(), isolatorsSay(app.Isolators, kinds())
	for _, kind := range kinds() {
		if err := theirs.wrong[kind]; err != nil && !own.says(kind) {
			c.add(at, "app object: %v", err)
		}
	}
}

// manifest checks what only a pod manifest says.
func (c *checker) manifest(p Pod) {
	c.text("manifestFile", "pod manifest", p.ManifestFile)
	c.annotations("annotations", "annotations", p.Annotations)
	c.strings("userAnnotations", p.UserAnnotations)
	c.strings("userLabels", p.UserLabels)
	says, err := p.isolators()
	if err != nil {
		c.add("isolators", "%v", err)
	}
	for _, kind := range podKinds() {
		if err := says.wrong[kind]; err != nil {
			c.add("isolators", "%v", err)
		}
	}
}

// strings are a JSON object's.
func (c *checker) strings(at string, list []Var) {
	seen := make(map[string]bool)
	for i, v := range list {
		if seen[v.Name] {
			c.add(fmt.Sprintf("%s[%d].name", at, i), "%s: %s is given twice", at, show(v.Name))
		}
		seen[v.Name] = true
	}
}
