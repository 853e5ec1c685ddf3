package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
)

// Lists come in pages.
const (
	defaultPage = 100
	maxPage     = 1000
	maxList     = 4 << 20 // bytes of an answer
)

// Tags lists tags of the repository, at most n. The first page is after "", the
// others after what the one before it returned as next; the last has none.
func (r *Repository) Tags(ctx context.Context, after string, n int) (tags []string, next string, err error) {
	l := list{
		host: r.host, path: r.ref.Repo + "/tags/list", scope: r.scope(), of: r.ref.String(), n: n,
		valid: func(tag string) bool {
			ref, err := imageref.Parse("docker://"+r.ref.Host+"/"+r.ref.Repo+":"+tag, nil)
			return err == nil && ref.Registry.Tag == tag
		},
	}
	return l.page(ctx, after)
}

// Repositories lists repositories of a registry, as Tags does tags. Many
// registries on the internet don't: that is an Unlisted or Unauthorized error.
func (c *Client) Repositories(ctx context.Context, host, after string, n int) (names []string, next string, err error) {
	l := list{
		host: c.host(host), path: "_catalog", scope: "registry:catalog:*", of: host, n: n,
		valid: func(name string) bool {
			ref, err := imageref.Parse("docker://"+host+"/"+name, nil)
			return err == nil && ref.Registry.Tag == "latest" && (ref.Registry.Repo == name || ref.Registry.Repo == "library/"+name)
		},
	}
	names, next, err = l.page(ctx, after)
	var no *Error
	if errors.As(err, &no) && no.Of == l.of && (no.Kind == NotFound || no.Kind == Invalid && no.err != nil) {
		err = l.host.fail(Unlisted, "", "does not list its repositories").from(no.err)
	}
	return names, next, err
}

// list is a list of names that a registry has.
type list struct {
	host            *host
	path, scope, of string
	n               int
	valid           func(string) bool
}

// page reads one page. A cursor is the query that leads to it.
func (l list) page(ctx context.Context, after string) ([]string, string, error) {
	if l.n <= 0 {
		l.n = defaultPage
	}
	l.n = min(l.n, maxPage)
	query := after
	if query == "" {
		query = url.Values{"n": {strconv.Itoa(l.n)}}.Encode()
	}
	if !validCursor(query) {
		return nil, "", l.host.fail(Invalid, l.of, "%q leads to no page of its list", brief(after))
	}
	d, err := l.host.get(ctx, l.path+"?"+query, l.scope, transfer.Request{MaxBody: maxList})
	if err != nil {
		return nil, "", l.host.explain(err, l.of)
	}
	names, err := l.read(d)
	if err != nil {
		return nil, "", err
	}
	next, err := cursor(l.host, d.URL, d.Header.Values("Link"))
	if err != nil {
		return nil, "", err
	}
	names, next = l.cut(names, query, next)
	return names, next, nil
}

// read takes the names out of the answer, but for what is none: nobody could
// ask for it, and a terminal might obey it.
func (l list) read(d *transfer.Document) ([]string, error) {
	var answer struct {
		Tags  []string `json:"tags"`
		Names []string `json:"repositories"`
	}
	if err := json.Unmarshal(d.Body, &answer); err != nil {
		return nil, l.host.fail(Invalid, l.of, "its list is not JSON")
	}
	names := answer.Tags
	if l.path == "_catalog" {
		names = answer.Names
	}
	return slices.DeleteFunc(names, func(name string) bool { return !l.valid(name) }), nil
}

// cut makes a page of a list that came whole, or longer than it was asked for:
// not every registry knows pages. What was shown before is told by the cursor.
func (l list) cut(names []string, query, next string) ([]string, string) {
	asked, _ := url.ParseQuery(query)
	last := asked.Get("last")
	if len(names) > l.n || last != "" && slices.Contains(names, last) {
		slices.Sort(names)
		names = slices.DeleteFunc(names, func(name string) bool { return name <= last })
		if len(names) > l.n {
			names = names[:l.n]
			next = url.Values{"last": {names[l.n-1]}, "n": {strconv.Itoa(l.n)}}.Encode()
		}
	}
	if next == query {
		next = "" // a page that is followed by itself
	}
	return names, next
}
