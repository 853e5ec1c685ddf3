package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Small files of the store are sealed: a head that says what they are and has
// a digest of all the rest, so that no flipped bit and no torn write is trusted.

// sealed puts a head, which ends with "sha256-", before the body of a file.
func sealed(head string, body []byte) []byte {
	sum := sha256.Sum256(body)
	file := make([]byte, 0, sealLength(head)+len(body))
	file = append(hex.AppendEncode(append(file, head...), sum[:]), '\n')
	return append(file, body...)
}

// unsealed returns the body. The error says what is wrong with the file.
func unsealed(head string, file []byte) ([]byte, error) {
	if len(file) < sealLength(head) {
		return nil, errors.New("its record is cut off")
	}
	body := file[sealLength(head):]
	sum := sha256.Sum256(body)
	want := append(hex.AppendEncode([]byte(head), sum[:]), '\n')
	if !bytes.HasPrefix(file, want) {
		return nil, errors.New("its record is not what was written")
	}
	return body, nil
}

// sealLength includes the newline.
func sealLength(head string) int { return len(head) + 2*sha256.Size + 1 }
