package imageref

import "strings"

// Repository is a place in a registry and what is wanted from it. What was left
// out has been filled in as docker does: busybox is
// docker.io/library/busybox:latest.
type Repository struct {
	Host   string // lower case, perhaps with a port
	Repo   string // library/busybox
	Tag    string // "" if only a digest was given
	Digest string // sha256:… or sha512:…, or ""
}

const (
	dockerHub  = "docker.io"
	maxRepo    = 255
	maxTag     = 128
	registryIs = "docker://[REGISTRY/]REPOSITORY[:TAG][@DIGEST]"
)

// String is the whole reference, without docker://.
func (r Repository) String() string {
	s := r.Host + "/" + r.Repo
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest
	}
	return s
}

// ImageName is the appc name of what comes from here: HOST/REPO, with what an
// appc identifier can't hold (a port's colon, brackets) as dashes.
func (r Repository) ImageName() string { return Identifier(r.Host + "/" + r.Repo) }

func parseRepository(s, rest string) (Repository, error) {
	var r Repository
	rest, r.Digest, _ = strings.Cut(rest, "@")
	if strings.Contains(s, "@") && !validDigest(r.Digest) {
		return r, fail(s, "%q is not a digest; write sha256: and 64 hex digits", r.Digest)
	}
	r.Host, rest = cutHost(rest)
	if !validHost(r.Host) {
		return r, fail(s, "%q is not a registry; write HOST[:PORT]", r.Host)
	}
	var tagged bool
	r.Repo, r.Tag, tagged = strings.Cut(rest, ":")
	if tagged && !validTag(r.Tag) {
		return r, fail(s, "%q is not a tag: letters, digits, _, . and -, at most %d", r.Tag, maxTag)
	}
	if !tagged && r.Digest == "" {
		r.Tag = "latest"
	}
	return checkRepo(s, r)
}

func checkRepo(s string, r Repository) (Repository, error) {
	switch {
	case r.Repo == "":
		return r, fail(s, "no repository; write %s", registryIs)
	case len(r.Repo) > maxRepo:
		return r, fail(s, "a repository of %d bytes; at most %d are taken", len(r.Repo), maxRepo)
	case r.Repo != strings.ToLower(r.Repo):
		return r, fail(s, "%q has capitals; registries know only lower case: %s", r.Repo, strings.ToLower(r.Repo))
	}
	for element := range strings.SplitSeq(r.Repo, "/") {
		if !validElement(element) {
			return r, fail(s, "%q is not a repository; write %s", r.Repo, registryIs)
		}
	}
	if r.Host == dockerHub && !strings.Contains(r.Repo, "/") {
		r.Repo = "library/" + r.Repo
	}
	return r, nil
}

// cutHost splits the registry off. The first element is one if it can't be
// part of a repository on Docker Hub: it has a dot or a colon, or is localhost.
func cutHost(s string) (host, rest string) {
	first, after, ok := strings.Cut(s, "/")
	if !ok || (!strings.ContainsAny(first, ".:[") && first != "localhost") {
		return dockerHub, s
	}
	host = strings.ToLower(first)
	if host == "index."+dockerHub {
		host = dockerHub
	}
	return host, after
}

// validHost takes a host name, an IPv4 address or a bracketed IPv6 address,
// each perhaps with a port.
func validHost(s string) bool {
	host, port, hasPort := s, "", false
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		host, port, hasPort = s[:i], s[i+1:], true
	}
	if hasPort && (port == "" || len(port) > 5 || !all(port, isDigit)) {
		return false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && inner != "" && all(inner, func(c rune) bool { return isHexDigit(c) || c == ':' || c == '.' })
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || strings.Trim(label, "-") != label || !all(label, isHostChar) {
			return false
		}
	}
	return true
}

// validElement is the distribution's rule for one element of a repository:
// lower-case letters and digits, with ".", "_", "__" or dashes between them.
func validElement(s string) bool {
	edge := strings.Trim(s, "._-") == s && s != ""
	if !edge || !all(s, func(c rune) bool { return isLower(c) || isDigit(c) || strings.ContainsRune("._-", c) }) {
		return false
	}
	separator := ""
	for _, c := range s + "x" {
		if strings.ContainsRune("._-", c) {
			separator += string(c)
			continue
		}
		if !validSeparator(separator) {
			return false
		}
		separator = ""
	}
	return true
}

func validSeparator(s string) bool {
	return s == "" || s == "." || s == "_" || s == "__" || strings.Trim(s, "-") == ""
}

func validTag(s string) bool {
	return s != "" && len(s) <= maxTag && s[0] != '.' && s[0] != '-' &&
		all(s, func(c rune) bool { return isLower(c) || isUpper(c) || isDigit(c) || strings.ContainsRune("._-", c) })
}

func validDigest(s string) bool {
	algorithm, digits, _ := strings.Cut(s, ":")
	length := map[string]int{"sha256": 64, "sha512": 128}[algorithm]
	return length > 0 && len(digits) == length && all(digits, isHexDigit)
}

func all(s string, ok func(rune) bool) bool {
	for _, c := range s {
		if !ok(c) {
			return false
		}
	}
	return true
}

func isLower(c rune) bool    { return c >= 'a' && c <= 'z' }
func isUpper(c rune) bool    { return c >= 'A' && c <= 'Z' }
func isDigit(c rune) bool    { return c >= '0' && c <= '9' }
func isHexDigit(c rune) bool { return isDigit(c) || c >= 'a' && c <= 'f' }
func isHostChar(c rune) bool { return isLower(c) || isDigit(c) || c == '-' }

// Identifier makes an appc identifier of any text: what can't stand in one is a
// dash.
func Identifier(text string) string {
	text = strings.Trim(strings.Map(func(c rune) rune {
		if isIdentifierChar(c) {
			return c
		}
		return '-'
	}, strings.ToLower(text)), identifierEdges)
	if text == "" {
		return "image"
	}
	return text
}
