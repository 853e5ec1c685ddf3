package imageref

import (
	"net/url"
	"strings"
)

// Location is where an image is downloaded from, or the file it is read from.
type Location struct {
	Scheme string // "file", "http" or "https"
	Host   string // http and https: the host, perhaps with a port
	File   string // file: the absolute path
	URL    string // the URL as typed
}

// cutScheme splits SCHEME://REST. The scheme comes back in lower case, for
// schemes are compared without regard to it (RFC 3986, section 3.1).
func cutScheme(s string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(s, "://")
	if !ok || scheme == "" || strings.ContainsAny(scheme, "/,") {
		return "", "", false
	}
	return strings.ToLower(scheme), rest, true
}

func parseURL(s, scheme string) (Location, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil && Masked(s) != s: // what is wrong with it may be a password's piece
		return Location{}, fail(s, "not a URL, and it must not hold credentials; they belong into auth.d")
	case err != nil:
		return Location{}, fail(s, "not a URL: %v", unwrapURL(err))
	}
	switch {
	case scheme == "file":
		return parseFileURL(s, u)
	case scheme != "http" && scheme != "https":
		return Location{}, fail(s, "no image comes from %s://; https://, http://, file:// and docker:// are known", scheme)
	case u.Hostname() == "":
		return Location{}, fail(s, "no host; write %s://HOST/PATH", scheme)
	case u.User != nil:
		// It would be shown in events and logs, and sent along a redirect.
		return Location{}, fail(s, "a URL must not hold credentials; they belong into auth.d")
	}
	return Location{Scheme: scheme, Host: u.Host, URL: s}, nil
}

func parseFileURL(s string, u *url.URL) (Location, error) {
	switch {
	case u.Host != "" && u.Host != "localhost":
		return Location{}, fail(s, "a file of another host (%s); write file:///PATH", u.Host)
	case !strings.HasPrefix(u.Path, "/"):
		return Location{}, fail(s, "no absolute path; write file:///PATH")
	case strings.ContainsRune(u.Path, 0):
		return Location{}, fail(s, "holds a NUL byte")
	}
	return Location{Scheme: "file", File: u.Path, URL: s}, nil
}

// unwrapURL drops the URL from the error of url.Parse: our message has it.
func unwrapURL(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}
