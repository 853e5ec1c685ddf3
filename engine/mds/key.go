package mds

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

const (
	keyFile = "metadata.key" // in the data folder
	keySize = 64
)

// Key is the secret of a data folder. What stands for a pod is computed of it and
// the pod's UUID, and kept nowhere: so a signature can be verified when the pod
// that made it has gone, and all that know the key agree on a pod's token.
type Key struct{ secret [keySize]byte }

// OpenKey reads the key of a data folder, making it if there is none.
func OpenKey(data string) (*Key, error) {
	path := filepath.Join(data, keyFile)
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path); err != nil {
		return nil, err
	}
	return readKey(path)
}

func readKey(path string) (*Key, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var read [keySize + 1]byte
	if n, err := io.ReadFull(file, read[:]); n != keySize || !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s is damaged: it is no file of %d bytes; without it there would be a new one, and nobody could verify earlier signatures", path, keySize)
	}
	key := new(Key)
	copy(key.secret[:], read[:])
	return key, nil
}

// makeKey makes the key's file, once in the life of a data folder: of several
// processes that want it at once, one makes it. It is on the disk before it is
// there, for its signatures are to outlive a power cut. What a crash leaves is
// the unfinished file, which the next one writes anew.
func makeKey(path string) error {
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return os.NewSyscallError("flock", err)
	}
	if _, err := os.Lstat(path); err == nil {
		// Somebody was faster. What we have locked may be it, or a new file that we
		// have made too late: now that there is a key nobody writes one.
		_ = os.Remove(path + ".new")
		return nil
	}
	var secret [keySize]byte
	_, _ = rand.Read(secret[:]) // it never fails
	if err := errors.Join(file.Chmod(0o600), file.Truncate(0)); err != nil {
		return err
	}
	if _, err := file.Write(secret[:]); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// of derives a secret of one pod for one purpose.
func (k *Key) of(pod, purpose string) []byte {
	h := hmac.New(sha512.New, k.secret[:])
	_, _ = io.WriteString(h, purpose+"\x00"+pod)
	return h.Sum(nil)
}

// Sign returns the base64 of an HMAC-SHA512 of content with the pod's own key.
func (k *Key) Sign(pod string, content []byte) string {
	return base64.StdEncoding.EncodeToString(k.sum(pod, content))
}

// Verify reports whether Sign made a signature of content.
func (k *Key) Verify(pod string, content []byte, signature string) bool {
	sum, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && hmac.Equal(sum, k.sum(pod, content))
}

func (k *Key) sum(pod string, content []byte) []byte {
	h := hmac.New(sha512.New, k.of(pod, "sign"))
	h.Write(content)
	return h.Sum(nil)
}

// A token is the pod's UUID, which only says whose it is, and 256 bits that nobody
// without the key can tell from random ones.
const (
	tokenSecret = 32
	tokenSize   = len(uuid.UUID{}) + tokenSecret
)

// Token is what stands for a pod in its URL.
func (k *Key) Token(pod string) string {
	id, err := uuid.Parse(pod)
	if err != nil {
		return ""
	}
	token := append(id[:], k.of(id.String(), "token")[:tokenSecret]...)
	return base64.RawURLEncoding.EncodeToString(token)
}

// podOf returns the UUID of the pod that a token stands for. It takes the same
// time whatever is wrong with one of the right length.
func (k *Key) podOf(token string) (string, bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return "", false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	pod := uuid.UUID(raw[:len(uuid.UUID{})]).String()
	return pod, subtle.ConstantTimeCompare([]byte(token), []byte(k.Token(pod))) == 1
}
