// Package discovery finds where an image's name leads: from example.com/app
// and its labels to the URLs of the image, its signature and its signers' keys.
// The norm is discovery.md of the appc specification, which tells of pages with
// meta tags; before it there was a template that needs no page.
//
// It asks for pages and downloads nothing else. Which of the URLs has the
// image, whether that has the name and labels that were asked for, and whether
// its keys are to be trusted, is for its callers.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
)

const (
	maxPage = 1 << 20 // bytes of a page
	maxTags = 32      // tags of one kind that are taken of a page: each is a request for somebody
)

// Endpoint is a place that may have the image.
type Endpoint struct {
	ACI       string // URL of the image
	Signature string // URL of its detached signature
}

// Found is what the pages said.
type Found struct {
	Endpoints  []Endpoint // in the order of the page; at least one
	PublicKeys []string   // URLs of keys, in the order of the page, deeper pages first
	Prefix     string     // the part of the name whose page answered: example.com
}

// Options say what a Client may do.
type Options struct {
	AllowHTTP bool                      // http:// is asked where https:// has nothing, and URLs may be http://
	Authorize func(*http.Request) error // sets credentials on a request; may be nil
}

// Client asks for pages. It may be used from many goroutines.
type Client struct {
	http *transfer.Client
	o    Options
}

// New makes a client that makes its requests through t.
func New(t *transfer.Client, o Options) *Client { return &Client{http: t, o: o} }

// Meta asks for the page of the name, then for that of each parent in its
// path, until one tells of an endpoint. Labels that templates need, like os and
// arch, have to be there; without a version it is "latest". If no page tells of
// one, the error is a *NothingError.
//
// discovery.md sends us to the parent for a 4xx or a page without tags, and
// says nothing of other failures. rkt went on after all of them. We go on as it
// did (servers exist that answer 500 for a path they don't know, and the parent
// is of the same host, so nobody else gets a say), with one exception: a host
// that can't be reached, or whose certificate is not trusted, is the host of
// all the pages, and would only cost each parent the same wait.
func (c *Client) Meta(ctx context.Context, name imageref.AppName) (Found, error) {
	v, why := newVariables(name)
	if why != "" {
		return Found{}, &NothingError{Name: name.Name, Why: why}
	}
	nothing := &NothingError{Name: name.Name}
	var keys []string
	for prefix := name.Name; prefix != ""; prefix = parent(prefix) {
		p, err := c.page(ctx, prefix, name.Name)
		if stop := stops(ctx, err); stop != nil {
			return Found{}, stop
		}
		var endpoints []Endpoint
		if err == nil {
			keys = append(keys, p.usableKeys(c.o.AllowHTTP)...)
			endpoints, err = p.endpoints(v, c.o.AllowHTTP)
		}
		if err == nil {
			return Found{Endpoints: endpoints, PublicKeys: keys, Prefix: prefix}, nil
		}
		nothing.Attempts = append(nothing.Attempts, err)
		if unreachable(err, prefix) {
			break
		}
	}
	return Found{}, nothing
}

// Keys asks the page of the name, then that of each parent, until one names keys:
// whoever trusts a prefix wants those of whoever may sign below it. If no page
// does, the error is a *NothingError.
func (c *Client) Keys(ctx context.Context, name string) ([]string, error) {
	nothing := &NothingError{Name: name, Keys: true}
	for prefix := name; prefix != ""; prefix = parent(prefix) {
		p, err := c.page(ctx, prefix, name)
		if stop := stops(ctx, err); stop != nil {
			return nil, stop
		}
		if err == nil {
			if keys := p.usableKeys(c.o.AllowHTTP); len(keys) > 0 {
				return keys, nil
			}
			err = &PageError{URL: p.url, Reason: "no ac-discovery-pubkeys tag for this name"}
		}
		nothing.Attempts = append(nothing.Attempts, err)
		if unreachable(err, prefix) {
			break
		}
	}
	return nil, nothing
}

// parent is the name without its last element, or "".
func parent(name string) string {
	return name[:max(strings.LastIndexByte(name, '/'), 0)]
}

// page gets and reads the page of a prefix. Where plain HTTP is allowed it is
// the second choice, and so https gets one try only: the host may have no such
// port.
func (c *Client) page(ctx context.Context, prefix, name string) (*page, error) {
	at := prefix + "?ac-discovery=1"
	get := c.document
	if c.o.AllowHTTP {
		get = c.once
	}
	d, err := get(ctx, "https://"+at)
	if err != nil && c.o.AllowHTTP && stops(ctx, err) == nil {
		var plain error
		if d, plain = c.document(ctx, "http://"+at); plain != nil {
			return nil, fmt.Errorf("%v; %w", err, plain) // what plain HTTP fails of says whether the host is there
		}
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return parse(d.URL, d.Body, name), nil
}

func (c *Client) document(ctx context.Context, at string) (*transfer.Document, error) {
	return c.http.Document(ctx, c.request(at))
}

// once is document without retries.
func (c *Client) once(ctx context.Context, at string) (*transfer.Document, error) {
	response, err := c.http.Do(ctx, c.request(at))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.Status != http.StatusOK {
		return nil, &transfer.StatusError{URL: withoutQuery(at), Status: response.Status}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPage+1))
	if err == nil && len(body) > maxPage {
		err = &transfer.LengthError{URL: withoutQuery(at), Want: maxPage, Got: -1, AtMost: true}
	}
	if err != nil {
		return nil, err
	}
	return &transfer.Document{Body: body, URL: response.URL}, nil
}

func (c *Client) request(at string) transfer.Request {
	r := transfer.Request{URL: at, MaxBody: maxPage}
	if c.o.Authorize != nil {
		r.Authorize = func(request *http.Request) error {
			if err := c.o.Authorize(request); err != nil {
				return &authorizeError{err}
			}
			return nil
		}
	}
	return r
}

// authorizeError marks what is wrong here and not with a page.
type authorizeError struct{ error }

// stops is the error that ends the walk at once and is no failure of a page:
// the context's, or that of the credentials.
func stops(ctx context.Context, err error) error {
	var credentials *authorizeError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &credentials):
		return credentials.error
	}
	return nil
}

// unreachable says whether it is the name's own host that can't be had, and
// not one that it redirects to.
func unreachable(err error, prefix string) bool {
	var at string
	var connect *transfer.ConnectError
	var stall *transfer.StallError
	switch {
	case errors.As(err, &connect):
		at = connect.URL
	case errors.As(err, &stall):
		at = stall.URL
	default:
		return false
	}
	host, _, _ := strings.Cut(prefix, "/")
	u, parseErr := url.Parse(at)
	return parseErr == nil && u.Host == host
}

func withoutQuery(at string) string {
	at, _, _ = strings.Cut(at, "?")
	return at
}
