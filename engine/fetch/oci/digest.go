package oci

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// Digest names content by its hash: "sha256:" and 64 hex digits, or "sha512:"
// and 128. One that came from outside is text until Valid has said yes.
type Digest string

// ParseDigest takes s for a digest if it has the form of one.
func ParseDigest(s string) (Digest, error) {
	d := Digest(s)
	if !d.Valid() {
		return "", fmt.Errorf("%s is not a digest: sha256: and 64 hex digits, or sha512: and 128", show(s))
	}
	return d, nil
}

// DigestOf is the SHA-256 of b.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest("sha256:" + hex.EncodeToString(sum[:]))
}

// Valid tells whether the digest has the form of one, of an algorithm that
// podtui knows. What is valid is safe as part of a path or a URL.
func (d Digest) Valid() bool {
	h := d.Hash()
	digits := d.Hex()
	if h == nil || len(digits) != 2*h.Size() {
		return false
	}
	for _, c := range []byte(digits) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Algorithm is what stands before the colon.
func (d Digest) Algorithm() string {
	algorithm, _, _ := strings.Cut(string(d), ":")
	return algorithm
}

// Hex is what stands after the colon.
func (d Digest) Hex() string {
	_, digits, _ := strings.Cut(string(d), ":")
	return digits
}

// Hash is a new hash of the digest's algorithm, or nil if that is not known.
func (d Digest) Hash() hash.Hash {
	switch d.Algorithm() {
	case "sha256":
		return sha256.New()
	case "sha512":
		return sha512.New()
	}
	return nil
}

// Of is the digest of what went through h, in the same algorithm.
func (d Digest) Of(h hash.Hash) Digest {
	return Digest(d.Algorithm() + ":" + hex.EncodeToString(h.Sum(nil)))
}

// Verify returns a *DigestError if b is not what the digest names.
func (d Digest) Verify(b []byte) error {
	if _, err := ParseDigest(string(d)); err != nil {
		return err
	}
	h := d.Hash()
	h.Write(b)
	if got := d.Of(h); got != d {
		return &DigestError{Want: d, Got: got}
	}
	return nil
}
