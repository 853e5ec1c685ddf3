package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// standing is what a record tells of why an image is believed, or may be one
// day. The store keeps it, and asks nothing of it.
type standing struct {
	Verified *Verification   `json:"verified,omitempty"`
	Evidence json.RawMessage `json:"evidence,omitempty"`
	Insecure []string        `json:"insecure,omitempty"`
}

// Bounds on what a start reads of each image.
const (
	maxEvidence  = 16 << 10
	maxSignature = 64 << 10
	maxBy        = 400 // bytes: strangers choose their user IDs
)

// after is what becomes of a standing when the image comes once more. Nothing
// takes a verification away, and its evidence stays with it: a signature is over
// the archive as it came, and the same image may come compressed in another way.
func (was standing) after(comes standing) standing {
	switch {
	case comes.Verified != nil:
		return comes
	case was.Verified != nil:
		return was
	case comes.Evidence == nil:
		comes.Evidence = was.Evidence
	}
	return comes
}

// same reports whether there is nothing to be written. Of two verifications the
// later is always news.
func (was standing) same(now standing) bool {
	return was.Verified == now.Verified && bytes.Equal(was.Evidence, now.Evidence) && slices.Equal(was.Insecure, now.Insecure)
}

// fit is a standing as it is written and read again, or what is wrong with it.
func (was standing) fit() (standing, error) {
	var err error
	if was.Verified, err = was.Verified.fit(); err != nil || was.Evidence == nil {
		return was, err
	}
	if was.Evidence, err = json.Marshal(was.Evidence); err != nil {
		return was, errors.New("the evidence of an image is not JSON")
	}
	if len(was.Evidence) > maxEvidence {
		return was, fmt.Errorf("the evidence of an image has %d bytes, and may have %d", len(was.Evidence), maxEvidence)
	}
	return was, nil
}

func (v *Verification) fit() (*Verification, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // nobody is nobody
	}
	if len(v.Signature) > maxSignature {
		return nil, fmt.Errorf("the signature of an image has %d bytes, and may have %d", len(v.Signature), maxSignature)
	}
	fitting := *v
	fitting.By, fitting.Key, fitting.Pin = worded(v.By), text(v.Key), text(v.Pin)
	return &fitting, nil
}

// worded makes text of what a stranger calls himself, and cuts the end of a long
// one.
func worded(by string) string {
	if len(by) <= maxBy {
		return text(by)
	}
	cut := maxBy
	for cut > maxBy-utf8.UTFMax && !utf8.RuneStart(by[cut]) {
		cut--
	}
	return text(by[:cut]) + "…"
}

// text is what JSON can keep: a record and its line of the index have to agree.
func text(s string) string { return strings.ToValidUTF8(s, "\ufffd") }
