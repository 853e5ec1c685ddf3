// Package credential knows what to say to a host that asks who is there: the
// auth.d folders that podtui took over from rkt, and docker's config.json with
// its helper programs.
//
// A credential is for exactly the host that its file names, with its port, and
// for no part of a name: example.com is neither www.example.com nor
// example.com:8443. Whether a request may carry one at all (not after a
// redirect to another host, not over plain HTTP) is for package transfer. No
// error, and no credential that gets printed, shows a secret.
package credential

import (
	"context"
	"fmt"
	"net/http"
	"sync"
)

// Sources are the places where credentials are kept. Each may be missing.
type Sources struct {
	ConfigDir    string // CONFIG/auth.d
	SystemDir    string // rkt's /usr/lib/rkt/auth.d; what ConfigDir says about a host goes before it
	DockerConfig string // docker's config.json; "": DOCKER_CONFIG/config.json, or ~/.docker/config.json
}

// Credential is what one host wants to hear. A host is told one of the three:
// user and password, the bearer token, or the identity token.
type Credential struct {
	User, Password string
	Token          string // a bearer token: sent as it is
	Identity       string // docker's identity token: only a token service takes it, and gives a bearer token for it
}

// Format shows whose credential it is and nothing else, whatever the verb: a
// credential that is printed by mistake must not tell its secret.
func (c Credential) Format(f fmt.State, _ rune) {
	switch {
	case c == Credential{}:
		fmt.Fprint(f, "no credential")
	case c.User != "":
		fmt.Fprintf(f, "password of %q", c.User)
	default:
		fmt.Fprint(f, "token")
	}
}

// SetHeader writes the Authorization header. An identity token is none.
func (c Credential) SetHeader(h http.Header) {
	switch {
	case c.Token != "":
		h.Set("Authorization", "Bearer "+c.Token)
	case c.User != "" || c.Password != "":
		r := http.Request{Header: h}
		r.SetBasicAuth(c.User, c.Password)
	}
}

// Set is the credentials of some sources. It belongs to one piece of work, a
// fetch: each file is read once, when it is first asked for, and each helper
// is run once for a host.
type Set struct {
	authd  func() (authFiles, error)
	docker func() (*dockerConfig, error)

	mu       sync.Mutex
	warnings []string

	helpers helperRuns
}

// Load makes a Set. It reads nothing yet.
func Load(src Sources) *Set {
	s := &Set{helpers: newHelperRuns()}
	s.authd = sync.OnceValues(func() (authFiles, error) { return s.readAuthFolders(src) })
	s.docker = sync.OnceValues(func() (*dockerConfig, error) { return s.readDockerConfig(src.DockerConfig) })
	return s
}

// Registry returns the credential for a registry, HOST[:PORT]: that of auth.d
// if it has one, else docker's, for which a helper program may have to run.
// Docker Hub is one registry under all of its names.
func (s *Set) Registry(ctx context.Context, host string) (Credential, bool, error) {
	host = hubName(lower(host))
	files, err := s.authd()
	if err != nil {
		return Credential{}, false, err
	}
	if c, ok := files.registries[host]; ok {
		return c.Credential, true, nil
	}
	config, err := s.docker()
	if err != nil {
		return Credential{}, false, err
	}
	if helper := config.helper(host); helper != "" {
		// As docker does: where a helper is in charge, auths is not asked.
		return s.helpers.get(ctx, helper, host)
	}
	c, ok := config.auths[host]
	return c, ok, nil
}

// Web returns the credential of auth.d for a web server, HOST[:PORT].
func (s *Set) Web(host string) (Credential, bool, error) {
	files, err := s.authd()
	if err != nil {
		return Credential{}, false, err
	}
	c, ok := files.domains[lower(host)]
	return c.Credential, ok, nil
}

// Authorize puts the credential for the web server that the request goes to
// into its header, if there is one.
func (s *Set) Authorize(r *http.Request) error {
	c, ok, err := s.Web(r.URL.Host)
	if ok {
		c.SetHeader(r.Header)
	}
	return err
}

// Warnings tells, one line each, which of the files read so far anybody on
// this host may read or change.
func (s *Set) Warnings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.warnings...)
}
