package discovery

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/podtui/podtui/engine/imageref"
)

const (
	maxTemplate = 2 << 10 // bytes
	maxURL      = 8 << 10 // bytes of what is made of one
)

// simpleTemplate is that of the older appc specifications.
const simpleTemplate = "https://{name}-{version}-{os}-{arch}.{ext}"

// Simple returns the one endpoint that a name has without anybody being asked.
// It has none if os or arch is missing, or if the name is a host alone: the
// labels would become part of the host, and lead to a stranger's.
func Simple(name imageref.AppName) []Endpoint {
	v, why := newVariables(name)
	if why != "" {
		return nil
	}
	e, why := v.endpoint(simpleTemplate, false)
	if why != "" {
		return nil
	}
	return []Endpoint{e}
}

// endpoint renders a template for the image and for its signature.
func (v variables) endpoint(template string, allowHTTP bool) (e Endpoint, wrong string) {
	if !strings.Contains(template, "{ext}") {
		return e, "it has no {ext}, so image and signature would be the same"
	}
	if e.ACI, wrong = v.render(template, "aci"); wrong == "" {
		e.Signature, wrong = v.render(template, "aci.asc")
	}
	if wrong == "" {
		wrong = whyNotURL(e.ACI, allowHTTP)
	}
	if wrong == "" && !sentAsItIs(e.ACI) {
		wrong = "its path holds what has to be escaped"
	}
	return e, wrong
}

// sentAsItIs is false for a path with something in it that no URL can hold:
// net/url unescapes such a path and escapes it anew, and a label's escaped
// slash comes out as a plain one.
func sentAsItIs(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.RawPath == "" || u.EscapedPath() == u.RawPath)
}

// render puts values in for variables, in one pass: what a value holds is
// never looked at again. The operators of RFC 6570, {+x} and the like, are
// variables that nobody knows.
func (v variables) render(template, ext string) (s, wrong string) {
	if len(template) > maxTemplate {
		return "", fmt.Sprintf("it is longer than %d bytes", maxTemplate)
	}
	var b strings.Builder
	for rest, more := template, true; more; {
		var literal, variable string
		literal, rest, more = strings.Cut(rest, "{")
		b.WriteString(literal)
		if strings.Contains(literal, "}") {
			return "", "a brace has no partner"
		}
		if !more {
			break
		}
		var closed bool
		if variable, rest, closed = strings.Cut(rest, "}"); !closed {
			return "", "a brace has no partner"
		}
		// The page's owner says which host has the image. A label, which may be
		// a dependency's and so anybody's, must not.
		if variable != "name" && !hostIsOver(b.String()) {
			return "", fmt.Sprintf("its host depends on {%s}", brief(variable))
		}
		value, wrong := v.value(variable, ext)
		if wrong != "" {
			return "", wrong
		}
		if b.WriteString(value); b.Len() > maxURL {
			return "", fmt.Sprintf("its URL is longer than %d bytes", maxURL)
		}
	}
	return b.String(), ""
}

// hostIsOver says whether what follows s can no more belong to the URL's host.
func hostIsOver(s string) bool {
	_, rest, ok := strings.Cut(s, "://")
	return ok && strings.ContainsAny(rest, "/?#")
}

// plainHTTP is what a flag would allow.
const plainHTTP = "plain HTTP is not allowed"

// whyNotURL returns "" for a URL that may be asked. It is told whole or not at
// all: what the error of url.Parse quotes is a stranger's.
func whyNotURL(s string, allowHTTP bool) string {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "it is no URL"
	case u.Scheme == "http" && !allowHTTP:
		return plainHTTP
	case u.Scheme != "https" && u.Scheme != "http":
		return "only https:// is fetched from"
	case u.Hostname() == "":
		return "it names no host"
	case u.User != nil:
		return "it holds credentials"
	}
	return ""
}
