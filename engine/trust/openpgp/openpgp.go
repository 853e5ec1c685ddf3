// Package openpgp reads OpenPGP keys and detached signatures, and tells which
// signatures are good. It touches no disk and no network, and has no policy about
// names: whose signature counts for what is for package trust to say.
//
// It has the cryptography and the format of packets from go-crypto. What a key is
// worth is asked of that library when the key is read, without regard to time; a
// Key is plain facts after that, and may be used by many at once. Time is judged
// here, since the library judges a key at the date that the signature gives
// itself, and the contract wants to know whether it has expired now.
//
// # What is believed
//
// Version 4 keys and signatures, over binary data, with SHA-256, SHA-384 or
// SHA-512. Every link must hold: the signature, the subkey's binding in both
// directions, the self-signature of the key. SHA-1 in any of them is weak, and so
// are RSA under 2048 bits and DSA. Any revocation by the key itself counts, whatever
// its date and reason, wherever in the file it stands, and if it can't be checked.
// The newest self-signature says when a key expires, as with gnupg.
//
// # Without the bytes
//
// A signature is made over H(data ‖ trailer). So it is enough to keep the state of
// the digests after the data, a State, to check any signature of the same bytes
// later, when the bytes themselves are long gone. Signatures in text mode and those
// with a salt in front of the data (version 6) can't be checked so, and are refused.
//
// # Bounds
//
// All that is read is a stranger's: sizes and numbers are bounded here before the
// library sees anything, and of packets only those that belong in such a file.
package openpgp

import (
	"errors"
	"fmt"
	"io"
)

// MaxKeys and MaxSignature bound a file of keys and one of signatures, in bytes.
const (
	MaxKeys      = 1 << 20
	MaxSignature = 256 << 10
)

// errLong is that there is more than the bound.
var errLong = errors.New("too long")

// readBounded reads all, if that is no more than most.
func readBounded(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, errLong
	}
	return data, nil
}

// size is a bound in words.
func size(n int) string { return fmt.Sprintf("%d KiB", n>>10) }
