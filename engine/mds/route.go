package mds

import "strings"

const (
	methodGet  = "GET"
	methodHead = "HEAD" // GET's answer without its body
	methodPost = "POST"
)

// endpoint is one of ace.md's, by its path below /acMetadata/v1/; of an app, below
// that and apps/NAME/.
type endpoint string

const (
	podAnnotations endpoint = "pod/annotations"
	podManifest    endpoint = "pod/manifest"
	podUUID        endpoint = "pod/uuid"
	hmacSign       endpoint = "pod/hmac/sign"
	hmacVerify     endpoint = "pod/hmac/verify"

	appAnnotations endpoint = "annotations"
	imageManifest  endpoint = "image/manifest"
	imageID        endpoint = "image/id"
)

// place is what a path leads to.
type place struct {
	endpoint
	app string // its name, if the endpoint is an app's
}

func (p place) method() string {
	if p.endpoint == hmacSign || p.endpoint == hmacVerify {
		return methodPost
	}
	return methodGet
}

func (p place) takes(method string) bool {
	return method == p.method() || method == methodHead && p.method() == methodGet
}

// route takes a path apart: /TOKEN/acMetadata/v1/…
func route(path string) (token string, at place, ok bool) {
	token, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/acMetadata/v1/")
	if !ok {
		return "", place{}, false
	}
	if ofApp, is := strings.CutPrefix(rest, "apps/"); is {
		app, what, _ := strings.Cut(ofApp, "/")
		at = place{endpoint(what), app}
		return token, at, app != "" && (at.endpoint == appAnnotations || at.endpoint == imageManifest || at.endpoint == imageID)
	}
	at = place{endpoint: endpoint(rest)}
	switch at.endpoint {
	case podAnnotations, podManifest, podUUID, hmacSign, hmacVerify:
		return token, at, true
	}
	return "", place{}, false
}
