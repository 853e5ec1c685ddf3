// Package registry speaks the v2 protocol of registries, Docker's and OCI's: it
// finds out how a registry is spoken to and what it asks for, and reads
// manifests, tags and catalogs. It moves no layer: Blob says how to ask for one,
// and package transfer downloads it. What manifests mean is for package oci.
//
// A registry is a stranger. Its digests are computed, never believed; its lists
// are bounded, and names of no form are left out; its links are followed on the
// same host only. It names the token service that gets its credentials, so that
// is looked at as well: credentials leave for another host over https only, and
// no registry elsewhere can name a service on this host.
package registry

import (
	"net"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
)

// Docker Hub is called by one name and answers at another.
const (
	hubName    = "docker.io"
	hubAddress = "registry-1.docker.io"
)

// Options say what is allowed.
type Options struct {
	AllowHTTP bool // plain HTTP where a registry that is not on this host speaks no TLS
}

// Client is what one piece of work knows of registries: how each is spoken to,
// and the tokens that it got. It may be used from many goroutines at once.
type Client struct {
	http        *transfer.Client
	credentials *credential.Set
	o           Options
	now         func() time.Time

	mu    sync.Mutex
	hosts map[string]*host
}

// New makes a client. It asks nobody yet.
func New(t *transfer.Client, c *credential.Set, o Options) *Client {
	return &Client{http: t, credentials: c, o: o, now: time.Now, hosts: map[string]*host{}}
}

// Repository is a place in a registry, as a reference names it.
func (c *Client) Repository(ref imageref.Repository) *Repository {
	return &Repository{host: c.host(ref.Host), ref: ref}
}

// host is what is known of a registry, the same for all who ask.
func (c *Client) host(name string) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.hosts[name]
	if !ok {
		h = &host{c: c, name: name, address: name, tokens: map[string]token{}}
		if name == hubName {
			h.address = hubAddress
		}
		c.hosts[name] = h
	}
	return h
}

// hostname is a host without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
