package registry

import (
	"net/url"
	"strings"
)

const maxLink = 4 << 10

// nextLink finds the target of the link to the next page in the values of Link
// headers (RFC 8288), or "".
func nextLink(values []string) string {
	for _, value := range values {
		if len(value) > maxLink {
			continue
		}
		if target := nextOf(value); target != "" {
			return target
		}
	}
	return ""
}

func nextOf(value string) string {
	for s := (scanner{value}); ; {
		s.skip(" \t,")
		if !s.next('<') {
			return ""
		}
		target, rest, ok := strings.Cut(s.rest, ">")
		if !ok {
			return ""
		}
		s.rest = rest
		if s.isNext() {
			return target
		}
	}
}

// isNext takes the parameters of one link, and tells whether it leads to the
// next page.
func (s *scanner) isNext() bool {
	next := false
	for {
		s.skip(" \t")
		if !s.next(';') {
			return next
		}
		s.skip(" \t")
		name := strings.ToLower(s.token())
		s.skip(" \t")
		if !s.next('=') {
			continue
		}
		s.skip(" \t")
		text, ok := s.text()
		if !ok {
			return false
		}
		if name == "rel" {
			next = hasWord(text, "next")
		}
	}
}

func hasWord(text, word string) bool {
	for one := range strings.FieldsSeq(text) {
		if strings.EqualFold(one, word) {
			return true
		}
	}
	return false
}

// cursor is the query of the link to the next page of a list, "" if there is
// none. Only the query is taken: paths change behind proxies, and whatever the
// link says, the same list of the same registry is asked. A link to another
// host is refused.
func cursor(h *host, at string, values []string) (string, error) {
	target := nextLink(values)
	if target == "" {
		return "", nil
	}
	from, err := url.Parse(at)
	if err != nil {
		return "", h.fail(Invalid, "", "its list is at no URL")
	}
	to, err := from.Parse(target)
	if err != nil || !validCursor(to.RawQuery) {
		return "", h.fail(Invalid, "", "the link to the next page of its list is not a URL")
	}
	if to.Host != "" && !strings.EqualFold(to.Host, h.address) {
		return "", h.fail(Invalid, "", "the link to the next page of its list leads to another host, %s", brief(to.Host))
	}
	return to.RawQuery, nil
}

// validCursor says whether a query can be asked.
func validCursor(query string) bool {
	if len(query) > maxLink {
		return false
	}
	for _, c := range []byte(query) {
		if c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	_, err := url.ParseQuery(query)
	return err == nil
}
