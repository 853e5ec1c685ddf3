package mds

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzForm holds our reader of forms against net/url's.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"content=a+b%20c&uuid=1&signature=%2B", "content", "content=&content=", "&&=&a=b", "%63ontent=x", "content=%", "content=%4", "content=a=b",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		want, err := url.ParseQuery(string(body))
		got, ourErr := parseForm(bytes.Clone(body))
		if bytes.ContainsRune(body, ';') {
			return // which net/url refuses, since some take it for a separator
		}
		twice := false
		for _, field := range []string{fieldContent, fieldUUID, fieldSignature} {
			twice = twice || len(want[field]) > 1
		}
		if (ourErr != nil) != (err != nil || twice) {
			t.Fatalf("%q: %v, net/url %v", body, ourErr, err)
		}
		for _, field := range []string{fieldContent, fieldUUID, fieldSignature} {
			value, ok := got[field]
			if ourErr == nil && (ok != want.Has(field) || string(value) != want.Get(field)) {
				t.Errorf("%q: %s is %q, net/url %q", body, field, value, want.Get(field))
			}
		}
	})
}

// FuzzRoute looks for paths that lead somewhere else than they say.
func FuzzRoute(f *testing.F) {
	for _, seed := range []string{
		"/t/acMetadata/v1/pod/uuid", "/t/acMetadata/v1/apps/a/image/id", "/t/acMetadata/v1/apps/a/acMetadata/v1/pod/uuid", "//acMetadata/v1/pod/uuid", "/", "*", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		token, at, ok := route(path)
		if !ok {
			return
		}
		told := "/" + token + "/acMetadata/v1/"
		if at.app != "" {
			told += "apps/" + at.app + "/"
		}
		if told += string(at.endpoint); told != path && told != "/"+path {
			t.Errorf("%q leads to %q", path, told)
		}
		if strings.Contains(at.app, "/") {
			t.Errorf("%q is of the app %q", path, at.app)
		}
	})
}

// FuzzToken looks for another spelling of a token.
func FuzzToken(f *testing.F) {
	key := &Key{secret: [keySize]byte{1}}
	const pod = "5b6e3f43-8b3c-4f7c-9d7c-0b8b1f0f4b1e"
	good := key.Token(pod)
	f.Add(good)
	f.Add(strings.Repeat("A", len(good)))
	f.Fuzz(func(t *testing.T, token string) {
		if is, ok := key.podOf(token); ok && token != key.Token(is) {
			t.Errorf("%q is a token of %s", token, is)
		}
	})
}

// FuzzRequest holds our reader of requests against net/http's: what both take they
// take for the same.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"GET /t/acMetadata/v1/pod/uuid HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST http://x/a?b HTTP/1.0\r\nContent-Length: 3\r\nContent-Type: a/b;c=d\r\nExpect: 100-continue\r\n\r\nabc",
		"POST / HTTP/1.1\nHost:x\nTransfer-Encoding: chunked\n\n0\n\n", "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"GET / HTTP/1.1\r\n : x\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n", "\r\n", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		in := bufio.NewReaderSize(bytes.NewReader(sent), maxHead)
		got, err := readRequest(in)
		if err != nil {
			if told := new(refusal); !errors.As(err, &told) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%q: %v", sent, err)
			}
			return
		}
		want, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
		if err != nil {
			return // it looks closer at fields that mean nothing to us
		}
		path, _, _ := strings.Cut(want.RequestURI, "?")
		if got.method != want.Method || strings.HasPrefix(path, "/") && got.path != path {
			t.Errorf("%q: %s %s, net/http %s %s", sent, got.method, got.path, want.Method, path)
		}
		if !got.pieces && got.length != max(want.ContentLength, 0) {
			t.Errorf("%q: a body of %d bytes, net/http %d", sent, got.length, want.ContentLength)
		}
		rest, _ := io.ReadAll(in)
		if !bytes.HasSuffix(sent, rest) {
			t.Errorf("%q: what follows is %q", sent, rest)
		}
	})
}
