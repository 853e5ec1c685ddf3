// Package seal makes small files that are trusted whole or not at all: a head says
// what a file is and has a digest of all the rest, so that no flipped bit and no
// torn write counts. What is in them is for those who write them.
package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Seal puts a head, which ends with "sha256-", before the body of a file.
func Seal(head string, body []byte) []byte {
	sum := sha256.Sum256(body)
	file := make([]byte, 0, Length(head)+len(body))
	file = append(hex.AppendEncode(append(file, head...), sum[:]), '\n')
	return append(file, body...)
}

// Open returns the body. The error says what is wrong with the file.
func Open(head string, file []byte) ([]byte, error) {
	if len(file) < Length(head) {
		return nil, errors.New("its record is cut off")
	}
	body := file[Length(head):]
	sum := sha256.Sum256(body)
	want := append(hex.AppendEncode([]byte(head), sum[:]), '\n')
	if !bytes.HasPrefix(file, want) {
		return nil, errors.New("its record is not what was written")
	}
	return body, nil
}

// Length is that of the head and what belongs to it, up to the body.
func Length(head string) int { return len(head) + 2*sha256.Size + 1 }
