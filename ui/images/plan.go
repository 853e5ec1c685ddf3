package images

import (
	"strings"

	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/ui/field"
)

// kind is whom a question goes to.
type kind int

const (
	discovery    kind = iota // where does a name lead to?
	tags                     // what tags has a repository?
	repositories             // what repositories has a registry?
	files                    // what images are below a folder?
)

// question is asked beyond the store. It is the same as long as its answer is,
// however the search goes on.
type question struct {
	kind kind
	of   string // a name, docker://HOST/REPOSITORY, a host, a folder
}

// want is a question, and what of its answer is looked for.
type want struct {
	question
	filter string
	list   bool // each tag, and not only how many there are
	guess  bool // nobody said that the host is a registry: that it is none is no news
}

// plan is what typed text looks for.
type plan struct {
	here   string // among the stored images; none of them is called like a path or a URL
	direct string // what is typed, if it can be fetched as it stands
	wants  []want
}

// planOf reads what is typed as the beginning of a reference. Only what names a
// host, or a path, asks anybody anything: a word is for the store alone.
func planOf(typed string) plan {
	typed = strings.TrimSpace(typed)
	p := plan{here: typed}
	scheme, rest, hasScheme := strings.Cut(typed, "://")
	switch scheme = strings.ToLower(scheme); {
	case typed == "" || len(typed) > imageref.MaxLength:
	case isPath(typed):
		p.here = ""
		p.below(typed)
	case strings.ContainsAny(typed, " \t\n"):
	case hasScheme && scheme == "docker":
		p.here = words(rest)
		p.registry(rest, false)
	case hasScheme:
		p.here = ""
		if ref, err := imageref.Parse(typed, nil); err == nil && ref.Kind == imageref.URL {
			p.direct = typed
		}
	default:
		p.here = words(typed)
		p.name(typed)
	}
	return p
}

// words are a reference as the list of stored images writes it: name, version. A
// name can't hold the colon before a port; there it is a dash.
func words(reference string) string {
	host, rest, ok := strings.Cut(reference, "/")
	if !ok {
		host, rest = "", reference
	} else {
		host = strings.NewReplacer(":", "-", "[", "", "]", "").Replace(host) + "/"
	}
	name, version, tagged := strings.Cut(rest, ":")
	if !tagged {
		return host + name
	}
	return strings.TrimSpace(host + name + " " + version)
}

func isPath(s string) bool {
	for _, start := range []string{"/", "./", "../", "~/"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

func (p *plan) below(typed string) {
	i := strings.LastIndexByte(typed, '/') + 1
	p.wants = append(p.wants, want{question: question{files, field.Home(typed[:i])}, filter: typed[i:]})
}

// name asks where an appc name leads to, and whether it is a repository.
func (p *plan) name(typed string) {
	host, _, ok := strings.Cut(typed, "/")
	if !ok || !hostLike(host) {
		return
	}
	ref, err := imageref.Parse(typed, nil)
	if err == nil && ref.Kind == imageref.Name && strings.Contains(host, ".") && !strings.Contains(host, ":") {
		p.wants = append(p.wants, want{question: question{discovery, typed}})
	}
	p.registry(typed, true)
}

// registry asks for the tags of what is typed, and for the repositories of its
// host, since what is typed may be only the beginning of one.
func (p *plan) registry(rest string, guess bool) {
	host, repo, ok := strings.Cut(rest, "/")
	onHost := ok && (hostLike(host) || !guess && strings.ContainsAny(host, ".:["))
	if strings.Contains(rest, "@") {
		p.takeDirect(rest)
		return
	}
	name, tag, list := cutTag(rest)
	ref, err := imageref.Parse("docker://"+name, nil)
	if err == nil && (onHost || !guess && !ok && !strings.ContainsAny(name, ".:")) {
		of := "docker://" + ref.Registry.Host + "/" + ref.Registry.Repo
		p.wants = append(p.wants, want{question: question{tags, of}, filter: tag, list: list, guess: guess})
		if tag != "" && !guess {
			p.takeDirect(rest)
		}
	}
	if onHost && !list {
		p.wants = append(p.wants, want{question: question{repositories, strings.ToLower(host)}, filter: repo, guess: guess})
	}
}

func (p *plan) takeDirect(rest string) {
	if ref, err := imageref.Parse("docker://"+rest, nil); err == nil {
		p.direct = ref.String()
	}
}

// cutTag splits a tag off, which may be empty or half typed. A colon in what may
// be the host is none of a tag's.
func cutTag(s string) (name, tag string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < strings.LastIndexByte(s, '/') || i < 0 {
		return s, "", false
	}
	if s[:i] == "localhost" {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// hostLike reports whether a first element looks like a host of a network:
// example.com, 127.0.0.1:5000, localhost. A version like 1.2 does not.
func hostLike(s string) bool {
	name, port, hasPort := strings.Cut(s, ":")
	if hasPort && (port == "" || strings.Trim(port, "0123456789") != "") {
		return false
	}
	if name == "localhost" {
		return true
	}
	i := strings.LastIndexByte(name, '.')
	if i <= 0 {
		return hasPort && name != ""
	}
	last := name[i+1:]
	letters := len(last) >= 2 && strings.Trim(last, "abcdefghijklmnopqrstuvwxyz") == ""
	return letters || strings.Count(name, ".") == 3 && last != "" && strings.Trim(name, "0123456789.") == ""
}
