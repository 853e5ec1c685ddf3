package transfer

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is what is asked of a server.
type Request struct {
	Method string      // "" is GET
	URL    string      // http or https, without credentials in it
	Header http.Header // Accept, If-None-Match …; no credentials: they are dropped here
	Body   []byte      // of a POST

	// Authorize sets credentials on the request of a hop. It is called while the
	// request is still at the scheme, host and port of URL, never once a redirect
	// has left them, and never for plain HTTP except to loopback.
	Authorize func(*http.Request) error

	// AllowPlain lets this very request be http:// to any host: somebody typed
	// that URL, or a registry on loopback speaks no TLS.
	AllowPlain bool

	MaxRedirects int   // 0: 10; negative: none
	MaxBody      int64 // of a Document; 0: 4 MiB

	// Retrying, if set, hears why a Document or Download is tried again, and
	// after how long.
	Retrying func(why error, wait time.Duration)
}

// Response is a server's answer, whatever its status.
type Response struct {
	Status int
	Header http.Header
	URL    string // after redirects
	Length int64  // of Body as the server says; -1: unknown
	// Body must be closed. Its errors are *StallError, *ConnectError, or those of
	// the context.
	Body io.ReadCloser

	framed bool // Body's end is marked by more than that of the connection
}

// Do asks once and follows redirects. Any status of the last server is a
// Response; an error is a *ConnectError, *StallError, *RedirectError,
// *PlainHTTPError, *EncodingError, *URLError, what Authorize returned, or the
// context's.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	at, err := parseURL(r.URL)
	if err != nil {
		return nil, err
	}
	if at.Scheme == "http" && !c.mayBePlain(r, at) {
		return nil, &PlainHTTPError{URL: show(at)}
	}
	way := newRoute(at)
	for {
		response, err := c.hop(ctx, r, way)
		if err != nil {
			return nil, err
		}
		if !isRedirect(response.Status) {
			return response, checkEncoding(response)
		}
		location := response.Header.Get("Location")
		response.Body.(*body).drain()
		if err := c.follow(r, way, location); err != nil {
			return nil, err
		}
	}
}

// hop asks the server that the route is at.
func (c *Client) hop(ctx context.Context, r Request, way *route) (*Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	b := &body{ctx: ctx, cancel: cancel, at: way.at, stall: c.o.Stall}
	request, err := c.request(ctx, r, way)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	// One clock for all that comes before the first byte of the body: the name
	// server, the proxy, TLS and the header.
	b.timer = time.AfterFunc(c.o.Stall, b.stalled)
	response, err := c.transport.RoundTrip(request) //nolint:bodyclose // closed by who gets the Response
	b.timer.Stop()
	if err != nil {
		err = b.explain(err)
		cancel(nil)
		return nil, err
	}
	b.stream = response.Body
	return &Response{
		Status: response.StatusCode,
		Header: response.Header,
		URL:    way.at.String(),
		Length: response.ContentLength,
		Body:   b,
		framed: response.ContentLength >= 0 || len(response.TransferEncoding) > 0,
	}, nil
}

func (c *Client) request(ctx context.Context, r Request, way *route) (*http.Request, error) {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	var content io.Reader
	if len(r.Body) > 0 {
		content = bytes.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, method, way.at.String(), content)
	if err != nil {
		return nil, &URLError{URL: show(way.at), Reason: "can't be asked"}
	}
	for name, values := range r.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		delete(request.Header, name)
	}
	request.Header.Set("User-Agent", c.o.UserAgent)
	request.Header.Set("Accept-Encoding", "identity")
	if r.Authorize != nil && way.mayAuthorize() {
		if err := r.Authorize(request); err != nil {
			return nil, err
		}
	}
	return request, nil
}

// parseURL takes what can be asked by this package, and nothing else.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// Without the URL itself: what can't be parsed may hold a password.
		return nil, &URLError{Reason: "not a URL"}
	}
	u.Scheme, u.Fragment = strings.ToLower(u.Scheme), ""
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, &URLError{URL: show(u), Reason: "neither https:// nor http://"}
	case u.Hostname() == "":
		return nil, &URLError{URL: show(u), Reason: "names no host"}
	case u.User != nil:
		return nil, &URLError{URL: show(u), Reason: "holds credentials"}
	}
	return u, nil
}

// checkEncoding refuses content that was compressed for the way: its bytes are
// not those that a digest or a signature is about.
func checkEncoding(r *Response) error {
	encoding := strings.Join(r.Header.Values("Content-Encoding"), ", ")
	if encoding == "" || strings.EqualFold(encoding, "identity") || r.Status >= 300 {
		return nil
	}
	r.Body.Close()
	return &EncodingError{URL: showText(r.URL), Encoding: brief(encoding)}
}
