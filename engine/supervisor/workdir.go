package supervisor

import (
	"fmt"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"

	"github.com/podtui/podtui/engine/spec"
)

// makeWorkingDir makes the working folder of a registry's image, as docker does,
// in a root that no volume is mounted in yet: nothing is made on the host. What
// any other app begins in must be there (aci.md, "workingDirectory"), and becoming
// the app says whether it is.
func makeWorkingDir(root string, e spec.Effective) error {
	if !e.MakesDir || e.WorkingDir.Value == "/" {
		return nil
	}
	if err := pathrs.MkdirAll(root, e.WorkingDir.Value, 0o755); err != nil {
		return fmt.Errorf("working folder %s can't be made in the image: %w", e.WorkingDir.Value, plain(err))
	}
	return nil
}
