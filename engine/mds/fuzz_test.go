package mds

import (
	"bytes"
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
