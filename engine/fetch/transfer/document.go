package transfer

import (
	"context"
	"errors"
	"io"
	"net/http"
)

const (
	maxDocument = 4 << 20
	maxExcuse   = 8 << 10 // of what comes with an error's status
)

// Document is something small, as it came.
type Document struct {
	Body        []byte
	Header      http.Header
	URL         string // after redirects
	Status      int
	NotModified bool // the request was conditional, and it holds what the caller has
}

// Document gets something small, whole. Connection errors, 429 and 5xx are tried
// again; every status that is not 2xx, or a 304 that was asked for, is a
// *StatusError.
func (c *Client) Document(ctx context.Context, r Request) (*Document, error) {
	for failed := 0; ; failed++ {
		d, err := c.document(ctx, r)
		if err == nil {
			return d, nil
		}
		if err := c.retry(ctx, r, err, failed); err != nil {
			return nil, err
		}
	}
}

func (c *Client) document(ctx context.Context, r Request) (*Document, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.patience, errTooSlow)
	defer cancel()
	response, err := c.Do(ctx, r)
	if err != nil {
		return nil, c.tooSlow(err, r.URL)
	}
	defer response.Body.Close()
	d := &Document{Header: response.Header, URL: response.URL, Status: response.Status}
	switch {
	case response.Status == http.StatusNotModified && conditional(r):
		d.NotModified = true
		return d, nil
	case response.Status < 200 || response.Status > 299:
		return nil, statusError(response)
	}
	d.Body, err = readAll(response, r.MaxBody)
	if err != nil {
		return nil, c.tooSlow(err, response.URL)
	}
	return d, nil
}

// readAll reads a body of at most so many bytes.
func readAll(r *Response, most int64) ([]byte, error) {
	if most == 0 {
		most = maxDocument
	}
	if r.Length > most {
		return nil, &LengthError{URL: showText(r.URL), Want: most, Got: r.Length, AtMost: true}
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err == nil && int64(len(b)) > most {
		err = &LengthError{URL: showText(r.URL), Want: most, Got: -1, AtMost: true}
	}
	return b, err
}

var errTooSlow = errors.New("too slow")

func (c *Client) tooSlow(err error, at string) error {
	if errors.Is(err, errTooSlow) {
		return &StallError{URL: showText(at), After: c.patience, Dripping: true}
	}
	return err
}

// conditional says whether a 304 is an answer to the request.
func conditional(r Request) bool {
	return r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != ""
}

// statusError keeps the beginning of what the server says about it.
func statusError(r *Response) error {
	b, _ := io.ReadAll(io.LimitReader(r.Body, maxExcuse))
	return &StatusError{URL: showText(r.URL), Status: r.Status, Header: r.Header, Body: b}
}
