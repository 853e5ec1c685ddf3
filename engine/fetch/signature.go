package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// signedPlace is a place whose images can carry a signature.
type signedPlace interface {
	// signature brings it. That there is none is a *refusal.Error.
	signature(ctx context.Context) (*openpgp.Signatures, error)
}

// signature brings an image's signature: the file that was given, or what its
// place has.
func (j *job) signature(ctx context.Context, p place) (*openpgp.Signatures, error) {
	if file := j.Verify.Signature; file != "" {
		return j.givenSignature(file)
	}
	if signed, ok := p.(signedPlace); ok {
		return signed.signature(ctx)
	}
	return nil, &refusal.Error{Kind: refusal.NoSignature}
}

// givenSignature reads a file, like the one that --signature names. That it is not
// there is no image without a signature.
func (j *job) givenSignature(path string) (*openpgp.Signatures, error) {
	j.report.emit(event.Event{Type: event.ImageVerify, State: event.Started, Message: path})
	signed, err := readSignature(path)
	if err != nil && !isRefusal(err) {
		err = fmt.Errorf("signature %s: %w", path, err)
	}
	return signed, err
}

// beside is where the signature of an archive is, a path or a URL.
func beside(archive string) string {
	if before, query, cut := strings.Cut(archive, "?"); cut && strings.Contains(before, "://") {
		return before + ".asc?" + query
	}
	return archive + ".asc"
}

// signatureBeside reads the signature of a file of this host: that of --armor, or
// that which gpg makes without.
func (j *job) signatureBeside(path string) (*openpgp.Signatures, error) {
	at := beside(path)
	if !FileExists(at) && FileExists(path+".sig") {
		at = path + ".sig"
	}
	signed, err := j.givenSignature(at)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &refusal.Error{Kind: refusal.NoSignature, Detail: "there is no " + at}
	}
	return signed, err
}

// readSignature reads a file, and waits for nobody: what is no regular file is
// none.
func readSignature(path string) (*openpgp.Signatures, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return openpgp.ReadSignatures(f)
}

// signatureAt downloads a signature. Servers that keep things to themselves say
// "forbidden" of what they don't have.
func (j *job) signatureAt(ctx context.Context, url string, plain bool) (*openpgp.Signatures, error) {
	j.report.emit(event.Event{Type: event.ImageVerify, State: event.Started, Message: shown(url)})
	web := j.web()
	doc, err := web.http.Document(ctx, transfer.Request{
		URL: url, Authorize: web.credentials.Authorize, AllowPlain: plain, MaxBody: openpgp.MaxSignature,
	})
	var status *transfer.StatusError
	var length *transfer.LengthError
	switch {
	case errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone || status.Status == http.StatusForbidden):
		return nil, &refusal.Error{Kind: refusal.NoSignature, Detail: status.Error()}
	case errors.As(err, &length) && length.AtMost:
		return nil, &refusal.Error{Kind: refusal.BadSignature, Detail: length.Error()}
	case err != nil:
		return nil, err
	}
	return openpgp.ReadSignatures(bytes.NewReader(doc.Body))
}

// isThere asks a server for an image whose signature it has not, so that one that
// is not there is not called unsigned.
func (j *job) isThere(ctx context.Context, url string, plain bool) error {
	web := j.web()
	response, err := web.http.Do(ctx, transfer.Request{
		Method: http.MethodHead, URL: url, Authorize: web.credentials.Authorize, AllowPlain: plain,
	})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.Status == http.StatusNotFound || response.Status == http.StatusGone {
		return &transfer.StatusError{URL: shown(url), Status: response.Status}
	}
	return nil
}

func isRefusal(err error) bool {
	var refused *refusal.Error
	return errors.As(err, &refused)
}
