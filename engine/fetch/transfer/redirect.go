package transfer

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

const maxRedirects = 10

// route is the way of a request from the URL that was asked to where it is now.
type route struct {
	first  string // the scheme, host and port that was asked
	at     *url.URL
	been   map[string]bool
	left   bool // it has been elsewhere: credentials are over, even if it comes back
	secure bool // a hop was https
}

func newRoute(at *url.URL) *route {
	return &route{first: place(at), at: at, been: map[string]bool{at.String(): true}, secure: at.Scheme == "https"}
}

// mayAuthorize says whether the server that the route is at may see the
// credentials.
func (w *route) mayAuthorize() bool {
	return !w.left && (w.at.Scheme == "https" || Loopback(w.at.Hostname()))
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow moves the route to where a redirect leads, if it may go there.
func (c *Client) follow(r Request, way *route, location string) error {
	refuse := func(to, reason string) error {
		return &RedirectError{From: show(way.at), To: to, Reason: reason}
	}
	if location == "" {
		return refuse("", "it doesn't say where")
	}
	to, err := way.at.Parse(location)
	if err != nil {
		return refuse("", "what it leads to is not a URL")
	}
	to.User, to.Fragment, to.Scheme = nil, "", strings.ToLower(to.Scheme)
	most := r.MaxRedirects
	if most == 0 {
		most = maxRedirects
	}
	switch {
	case r.Method != "" && r.Method != http.MethodGet && r.Method != http.MethodHead:
		return refuse(show(to), "a "+r.Method+" is not sent on")
	case to.Scheme != "https" && to.Scheme != "http", to.Hostname() == "":
		return refuse(show(to), "only https:// and http:// are followed")
	case way.been[to.String()]:
		return refuse(show(to), "that is a circle")
	case len(way.been) > most:
		return refuse(show(to), "too many redirects")
	case to.Scheme == "http" && (way.secure && !c.o.AllowHTTP || !c.mayBePlain(r, to)):
		return &RedirectError{From: show(way.at), To: show(to), Reason: "plain HTTP is not allowed",
			err: &PlainHTTPError{URL: show(to)}}
	}
	way.at = to
	way.been[to.String()] = true
	way.left = way.left || place(to) != way.first
	way.secure = way.secure || to.Scheme == "https"
	return nil
}

// mayBePlain says whether u may be asked in plain text.
func (c *Client) mayBePlain(r Request, u *url.URL) bool {
	return c.o.AllowHTTP || r.AllowPlain || Loopback(u.Hostname())
}

// place is the scheme, host and port of a URL, the same text for the same place.
func place(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// Loopback says whether host, without a port, is this very machine by its form
// alone. A name that only resolves to it is not: name servers can be lied to.
func Loopback(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
