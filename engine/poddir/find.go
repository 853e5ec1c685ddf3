package poddir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// ErrNotFound says that there is no such pod.
var ErrNotFound = errors.New("no such pod")

// AmbiguousError says that the UUIDs of several pods begin so.
type AmbiguousError struct {
	Prefix string
	UUIDs  []string
}

func (e *AmbiguousError) Error() string {
	const shown = 3
	if more := len(e.UUIDs) - shown; more > 0 {
		return fmt.Sprintf("pod %q: ambiguous, it begins %s and %d more", e.Prefix, strings.Join(e.UUIDs[:shown], ", "), more)
	}
	return fmt.Sprintf("pod %q: ambiguous, it begins %s", e.Prefix, strings.Join(e.UUIDs, " and "))
}

// List returns the UUIDs of all pods.
func List(pods string) ([]string, error) {
	folder, err := os.Open(pods)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return list(folder)
}

// list reads the folder of all pods. What is no folder is no pod.
func list(folder *os.File) ([]string, error) {
	entries, err := folder.ReadDir(-1)
	var uuids []string
	for _, entry := range entries {
		if uuid.Validate(entry.Name()) == nil && entry.IsDir() {
			uuids = append(uuids, entry.Name())
		}
	}
	slices.Sort(uuids)
	return uuids, err
}

// Find returns the UUID of the pod that a word means: a whole UUID, a name, or
// the beginning of no more than one UUID. So no name hides a pod from who has its
// UUID.
func Find(pods, word string) (string, error) {
	names := linkFolder{pods, namesDir}
	if len(word) == len(uuid.Nil.String()) && names.alive(word) {
		return word, nil
	}
	if names.sound(word) {
		if holder, err := names.holder(word); err == nil && names.alive(holder) {
			return holder, nil
		}
	}
	return findPrefix(pods, word)
}

func findPrefix(pods, prefix string) (string, error) {
	uuids, err := List(pods)
	if err != nil {
		return "", err
	}
	found := slices.DeleteFunc(uuids, func(id string) bool { return !strings.HasPrefix(id, prefix) })
	switch {
	case prefix == "" || len(found) == 0:
		return "", fmt.Errorf("pod %q: %w", prefix, ErrNotFound)
	case len(found) > 1:
		return "", &AmbiguousError{Prefix: prefix, UUIDs: found}
	}
	return found[0], nil
}
