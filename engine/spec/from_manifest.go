package spec

import "errors"

// FromManifest is the pod that an appc pod manifest describes (pods.md), the
// inverse of Pod.Manifest as far as a manifest goes. Each app has its image by ID.
func FromManifest(data []byte) (Pod, error) {
	return Pod{}, errors.New("--pod-manifest is not supported yet")
}
