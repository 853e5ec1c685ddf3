package discovery

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"github.com/podtui/podtui/engine/fetch/transfer"
)

// page is what a page says about a name.
type page struct {
	url       string
	tags      int      // of ac-discovery, for whatever name
	templates []string // of those, for this name
	keys      []string // of ac-discovery-pubkeys, for this name
}

// parse reads the meta tags of a page. What stands in comments, scripts and
// other raw text are no tags for the tokenizer, and what is in a template
// element is no part of the document yet.
func parse(at string, text []byte, name string) *page {
	p := &page{url: withoutQuery(at)}
	inert := 0
	z := html.NewTokenizer(bytes.NewReader(text))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return p
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			tag, more := z.TagName()
			switch {
			case string(tag) == "template" && kind == html.EndTagToken:
				inert = max(inert-1, 0)
			case string(tag) == "template":
				inert++
			case string(tag) == "meta" && kind != html.EndTagToken && inert == 0:
				p.add(readMeta(z, more), name)
			}
		}
	}
}

// meta is a meta tag's attributes. Of one that is given twice, HTML takes the
// first.
type meta struct{ name, content string }

func readMeta(z *html.Tokenizer, more bool) (m meta) {
	var named, filled bool
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch {
		case string(key) == "name" && !named:
			m.name, named = strings.TrimSpace(string(value)), true
		case string(key) == "content" && !filled:
			m.content, filled = string(value), true
		}
	}
	return m
}

// add keeps a tag if it is about the name. Its content is a prefix of names and
// a URL, with space between; what has more or less is none of ours.
func (p *page) add(m meta, name string) {
	template := strings.EqualFold(m.name, "ac-discovery")
	if !template && !strings.EqualFold(m.name, "ac-discovery-pubkeys") {
		return
	}
	if template {
		p.tags++
	}
	words := strings.Fields(m.content)
	if len(words) != 2 || !matches(name, words[0]) {
		return
	}
	switch {
	case template && len(p.templates) < maxTags:
		p.templates = append(p.templates, words[1])
	case !template && len(p.keys) < maxTags:
		p.keys = append(p.keys, words[1])
	}
}

// matches says whether a tag's prefix is one of the name. discovery.md says
// prefix, and rkt compared bytes; here a prefix ends where an element ends. No
// one means example.com/app by example.com/ap, and who owns the one need not
// own the other.
func matches(name, prefix string) bool {
	prefix = strings.TrimSuffix(prefix, "/")
	rest, ok := strings.CutPrefix(name, prefix)
	return ok && prefix != "" && (rest == "" || rest[0] == '/')
}

// endpoints renders the page's templates in their order. Those that can't be
// rendered are passed over; if none is left, the error tells why.
func (p *page) endpoints(v variables, allowHTTP bool) ([]Endpoint, error) {
	var endpoints []Endpoint
	var over []string
	var plain error
	for _, template := range p.templates {
		e, wrong := v.endpoint(template, allowHTTP)
		if wrong == "" {
			endpoints = append(endpoints, e)
		} else {
			over = append(over, fmt.Sprintf("%s: %s", brief(template), wrong))
		}
		if wrong == plainHTTP {
			plain = &transfer.PlainHTTPError{URL: template}
		}
	}
	switch {
	case len(endpoints) > 0:
		return endpoints, nil
	case p.tags == 0:
		return nil, &PageError{URL: p.url, Reason: "no ac-discovery tag"}
	case len(over) == 0:
		return nil, &PageError{URL: p.url, Reason: "no ac-discovery tag for this name"}
	}
	return nil, &PageError{URL: p.url, Reason: "no template that can be used (" + strings.Join(over, ", ") + ")", Err: plain}
}

// usableKeys are the URLs of keys that may be asked. They are no templates.
func (p *page) usableKeys(allowHTTP bool) []string {
	var keys []string
	for _, key := range p.keys {
		if len(key) <= maxURL && whyNotURL(key, allowHTTP) == "" {
			keys = append(keys, key)
		}
	}
	return keys
}
