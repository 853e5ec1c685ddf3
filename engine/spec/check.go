package spec

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/appc/spec/schema/types"
)

// Problem is something wrong with a pod by its form alone, and where.
type Problem struct {
	Path    string // of the field: apps[1].mounts[0].path
	Message string // one line with the value and what would be right
}

// Error makes a problem an error; a command line that has it ends with 2.
func (p Problem) Error() string { return p.Message }

// maxText bounds what is a path or a name: Linux's longest path.
const maxText = 4096

// Check tells every problem of the pod that shows without looking at an image
// or the host, in the order of the fields. A pod without one has a command line
// that Parse reads back.
func (p Pod) Check() []Problem { return p.check(p.ManifestFile != "") }

func (p Pod) check(manifest bool) []Problem {
	c := &checker{inManifest: manifest}
	if p.Name != "" {
		c.name("name", "pod name", p.Name)
		if beginsUUID(p.Name) {
			c.add("name", "pod name %s could be the beginning of a UUID, as lists show them; choose one that can't", show(p.Name))
		}
	}
	switch {
	case len(p.Apps) == 0 && p.ManifestFile != "":
		c.add("apps", "the pod manifest %s has no app; a pod runs at least one", show(p.ManifestFile))
	case len(p.Apps) == 0 && manifest:
		c.add("apps", "it has no app; a pod runs at least one")
	case len(p.Apps) == 0:
		c.add("apps", "no image; a pod runs at least one")
	}
	for i, app := range p.Apps {
		c.app(indexed("apps", i), app, p.Volumes)
	}
	c.problems = append(c.problems, checkNamesDiffer(p.Apps, manifest)...)
	c.volumes(p.Volumes)
	c.mounts("mounts", p.Mounts, p.Volumes)
	c.networks(p.Network)
	c.ports(p)
	for i, file := range p.EnvFiles {
		c.text(indexed("envFiles", i), "environment file", file)
	}
	c.env("env", "--set-env", p.Env)
	c.hostFiles(p)
	c.manifest(p)
	c.privateUsers(p)
	c.life(p)
	if p.Pull != "" {
		if _, err := ParsePullPolicy(string(p.Pull)); err != nil {
			c.add("pull", "%v", err)
		}
	}
	return c.problems
}

type checker struct {
	problems   []Problem
	inManifest bool // the apps are, and not on a command line
}

// indexed is the path of one of several.
func indexed(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) app(at string, a App, volumes []Volume) {
	c.image(at+".image", a.Image)
	c.text(at+".signature", "signature", a.Signature)
	if a.Name != "" {
		c.name(at+".name", "app name", a.Name)
	}
	c.text(at+".exec", "executable", a.Exec)
	c.args(at+".args", a.Args)
	c.env(at+".env", "--environment", a.Env)
	c.owner(at+".user", "user", a.User)
	c.owner(at+".group", "group", a.Group)
	for i, gid := range a.SupplementaryGIDs {
		if err := checkID(gid); err != nil {
			c.add(indexed(at+".supplementaryGIDs", i), "supplementary group %v", err)
		}
	}
	if a.WorkingDir != "" {
		c.absolute(at+".workingDir", "working folder", a.WorkingDir)
	}
	c.mounts(at+".mounts", a.Mounts, volumes)
	c.isolators(at, a)
	annotation := "--annotation"
	if c.inManifest {
		annotation = "annotation"
	}
	c.annotations(at+".annotations", annotation, a.Annotations)
	c.pairs(at+".labels", "--label", a.Labels)
	c.says(at+".says", a)
	c.appLife(at, a)
}

// image knows only what no reference can be; engine/imageref knows the rest.
func (c *checker) image(at, image string) {
	switch {
	case image == "":
		c.add(at, "no image; write a name, a hash, a file or a URL")
	case strings.HasPrefix(image, "-"):
		c.add(at, "image %s starts with a dash; for a file of that name write ./%s", show(image), show(image))
	default:
		c.text(at, "image", image)
	}
}

// name holds apps and volumes to the rule of an AC Name (types.md).
func (c *checker) name(at, what, name string) {
	if len(name) > maxName {
		c.add(at, "%s %s is %d bytes long; at most %d are taken", what, show(name), len(name), maxName)
		return
	}
	if _, err := types.NewACName(name); err == nil {
		return
	}
	like := ""
	if better, err := types.SanitizeACName(name); err == nil {
		like = ", such as " + better
	}
	c.add(at, "%s %s: only lower-case letters, digits and dashes between them%s", what, show(name), like)
}

// text is what becomes a C string.
func (c *checker) text(at, what, s string) bool {
	switch {
	case strings.ContainsRune(s, 0):
		c.add(at, "%s %s holds a NUL byte, which no program can be given", what, show(s))
		return false
	case len(s) > maxText:
		c.add(at, "%s %s is %d bytes long; at most %d are taken", what, show(s), len(s), maxText)
		return false
	}
	return true
}

// args refuses "---", which an app could well be given, but no command line can
// say: rkt's grammar has no escape for it. A pod that can't be written down
// would run from the form and not from the line below it, so it isn't one.
func (c *checker) args(at string, args []string) {
	for i, arg := range args {
		at := indexed(at, i)
		switch {
		case arg == "---":
			c.add(at, `argument "---" would end the arguments on the command line and can't be one of them`)
		case strings.ContainsRune(arg, 0):
			c.add(at, "argument %s holds a NUL byte, which no program can be given", show(arg))
		}
	}
}

// env holds names to the rule of the appc image manifest.
func (c *checker) env(at, flag string, env []Var) {
	seen := make(map[string]bool)
	for i, v := range env {
		at := indexed(at, i)
		switch {
		case !validVarName(v.Name):
			c.add(at+".name", "variable %s: a name starts with a letter or _ and has letters, digits, _ . and -", show(v.Name))
		case seen[v.Name]:
			c.add(at+".name", "%s: %s is given twice", flag, show(v.Name))
		case strings.ContainsRune(v.Value, 0):
			c.add(at+".value", "variable %s holds a NUL byte, which no program can be given", v.Name)
		}
		seen[v.Name] = true
	}
}

func validVarName(s string) bool {
	for i, c := range s {
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		later := c >= '0' && c <= '9' || c == '.' || c == '-'
		if !letter && (i == 0 || !later) {
			return false
		}
	}
	return s != ""
}

// owner takes a number, a name or a path. A colon is docker's way to write user
// and group in one; passwd(5) can hold no name with one.
func (c *checker) owner(at, what, s string) {
	isPath := strings.HasPrefix(s, "/")
	number, err := strconv.ParseInt(s, 10, 64)
	switch {
	case !c.text(at, what, s):
	case !isPath && strings.Contains(s, ":"):
		c.add(at, "%s %s holds a colon; --user and --group are given apart", what, show(s))
	case !isPath && strings.ContainsAny(s, "\n\r\t /"):
		c.add(at, "%s %s is neither a number, a name nor an absolute path", what, show(s))
	case err == nil && (number < 0 || number > maxOwner):
		c.add(at, "%s %s is not a number from 0 to %d", what, show(s), maxOwner)
	}
}

func (c *checker) absolute(at, what, s string) {
	switch {
	case !c.text(at, what, s):
	case s == "":
		c.add(at, "%s: nothing given; write an absolute path", what)
	case !strings.HasPrefix(s, "/"):
		c.add(at, "%s: %s is not an absolute path", what, show(s))
	}
}

func (c *checker) mounts(at string, mounts []Mount, volumes []Volume) {
	taken := make(map[string]string)
	for i, m := range mounts {
		all, at := at, indexed(at, i)
		switch here := slices.ContainsFunc(volumes, func(v Volume) bool { return v.Name == m.Volume }); {
		case !here && c.inManifest && all != "mounts":
			c.add(at+".volume", "there is no volume %s to mount among the manifest's volumes", show(m.Volume))
		case !here:
			c.add(at+".volume", "there is no volume %s to mount; add --volume=%s,kind=host,source=PATH or kind=empty",
				show(m.Volume), show(m.Volume))
		}
		target := path.Clean(m.Path)
		switch other, twice := taken[target]; {
		case target == "/":
			c.add(at+".path", "volume %s can't be mounted over the app's whole root", show(m.Volume))
		case KernelOwns(target):
			c.add(at+".path", "volume %s can't be mounted at %s, which is the kernel's", show(m.Volume), show(target))
		case twice:
			c.add(at+".path", "volumes %s and %s are both mounted at %s", show(other), show(m.Volume), show(target))
		default:
			c.absolute(at+".path", "mount target", m.Path)
		}
		taken[target] = m.Volume
	}
}
