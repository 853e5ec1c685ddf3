package engine

import (
	"errors"
	"net/http"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/registry"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

// Cure is what its user can do about an image that can't be had. Front ends say
// it in their own words: a flag, a key.
type Cure int

// The cures.
const (
	NoCure         Cure = iota
	AllowHTTP           // Insecure.HTTP lets it come
	TrustServer         // Insecure.TLS lets it come; the server's certificate is not one to trust
	GiveCredential      // credentials are missing, or are not enough
	MendCredential      // a file of credentials is wrong
	MakeRoom            // the disk is full
)

// CureOf finds out what would let an image come that didn't.
func CureOf(err error) Cure {
	var image *ImageError
	var plain *transfer.PlainHTTPError
	var connect *transfer.ConnectError
	var status *transfer.StatusError
	var refusal *registry.Error
	var file *credential.FileError
	var helper *credential.HelperError
	switch {
	case errors.Is(err, unix.ENOSPC) && errors.As(err, &image): // not where an image is written to
		return MakeRoom
	case errors.As(err, &file), errors.As(err, &helper):
		return MendCredential
	case errors.As(err, &refusal) && (refusal.Kind == registry.Unauthorized || refusal.Kind == registry.Denied):
		return GiveCredential
	case errors.As(err, &plain):
		return AllowHTTP
	case errors.As(err, &connect) && connect.Kind == transfer.Untrusted:
		return TrustServer
	case errors.As(err, &status) && status.Status == http.StatusUnauthorized:
		return GiveCredential
	}
	return NoCure
}

// Kept reports whether part of what could not be fetched is here, and goes on from
// there the next time.
func Kept(err error) bool { return fetch.Kept(err) }
