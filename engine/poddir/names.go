package poddir

import (
	"fmt"
	"strings"
)

// A pod's name is a link to its UUID in a folder beside the pods. It is made
// after the pod's folder and removed after it, so that a name whose pod has no
// folder is a crash's, and free.
const namesDir = "names"

// NameTakenError says that another pod has the name.
type NameTakenError struct{ Name, UUID string }

func (e *NameTakenError) Error() string {
	return fmt.Sprintf("the pod name %q is taken by pod %s", e.Name, e.UUID)
}

// Claim gives a pod, whose folder is there, a name; or fails with NameTakenError.
// Of several processes that claim one at once, one gets it.
func Claim(pods, name, id string) error {
	names, err := openLinks(pods, namesDir)
	if err != nil {
		return err
	}
	if !names.sound(name) {
		return fmt.Errorf("a pod can't be named %q: it must be a file's name", name)
	}
	holder, err := names.claim(name, id)
	if err == nil && holder != id {
		return &NameTakenError{Name: name, UUID: holder}
	}
	return err
}

// Release takes a pod's name from it, once its folder is gone. It is no error if
// the name is another's by now.
func Release(pods, name, id string) error {
	names := linkFolder{pods, namesDir}
	if !names.sound(name) {
		return nil
	}
	return names.release(name, func(holder string) bool { return holder == id })
}

// SweepNames frees the names of pods that have no folder.
func SweepNames(pods string) error { return linkFolder{pods, namesDir}.sweep() }

// sound keeps words that are no names of files out of the folder.
func (l linkFolder) sound(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) < 256 && !strings.ContainsAny(name, "/\x00")
}
