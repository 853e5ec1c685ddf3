package mds

import (
	"bufio"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// The service speaks as much of HTTP/1.1 (RFC 9112) as it needs: one request a
// connection, of which it reads four header fields. net/http would be linked with
// every supervisor, and each of a pod's processes would make its tables ready as
// it starts, for a service that most apps never ask.

// request is what a client wants. Its body comes after it.
type request struct {
	method      string
	path        string // as it was sent: nothing that is served needs an escape
	contentType string
	length      int64 // of the body
	told        bool  // length is
	pieces      bool  // the body comes in pieces of a length each
	patient     bool  // the client waits for a word before it sends the body
}

// maxHead bounds a request without its body.
const maxHead = 8 << 10

// readRequest reads a request up to its body. What a client can be told of is a
// refusal; after any other error it has gone.
func readRequest(in *bufio.Reader) (request, error) {
	head := lines{in, maxHead}
	first, err := head.next()
	if err != nil {
		return request{}, err
	}
	method, rest, _ := strings.Cut(first, " ")
	target, version, ok := strings.Cut(rest, " ")
	if !ok || method == "" || target == "" || !strings.HasPrefix(version, "HTTP/") {
		return request{}, &refusal{status: 400, message: "this is no request of HTTP"}
	}
	if version != "HTTP/1.1" && version != "HTTP/1.0" {
		return request{}, &refusal{status: 505, message: "use HTTP/1.1"}
	}
	r := request{method: method, path: pathOf(target)}
	for {
		line, err := head.next()
		if err != nil || line == "" {
			return r, err
		}
		if err := r.take(line); err != nil {
			return request{}, err
		}
	}
}

// take reads a header field.
func (r *request) take(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return &refusal{status: 400, message: "a header field is written NAME: VALUE"}
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(name) {
	case "content-length":
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil || n > math.MaxInt64 || r.told && r.length != int64(n) {
			return &refusal{status: 400, message: "the field Content-Length is no length"}
		}
		r.length, r.told = int64(n), true
	case "transfer-encoding":
		r.pieces = true
	case "content-type":
		r.contentType = value
	case "expect":
		r.patient = strings.EqualFold(value, "100-continue")
	}
	return nil
}

// pathOf is the path of what was asked for, of which a proxy's client sends the
// whole URL.
func pathOf(target string) string {
	if rest, whole := strings.CutPrefix(target, "http://"); whole {
		_, path, _ := strings.Cut(rest, "/")
		target = "/" + path
	}
	path, _, _ := strings.Cut(target, "?")
	return path
}

// lines reads lines, as long as there is room.
type lines struct {
	in   *bufio.Reader
	left int
}

func (l *lines) next() (string, error) {
	line, err := l.in.ReadSlice('\n')
	if l.left -= len(line); l.left < 0 || errors.Is(err, bufio.ErrBufferFull) {
		return "", &refusal{status: 431, message: "the header is too large"}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), err
}
