package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine/spec"
)

// withManifest puts what the manifest of --pod-manifest says into a pod.
func withManifest(pod spec.Pod) (spec.Pod, error) {
	data, err := readManifest(pod.ManifestFile)
	if err != nil {
		return pod, fmt.Errorf("--pod-manifest: %w", err)
	}
	pod, err = pod.WithManifest(data)
	if err == nil && pod.ManifestFile == "-" && pod.Interactive {
		err = usage("--pod-manifest=- takes standard input, and leaves nothing for --interactive; name a file")
	}
	return pod, err
}

// readManifest reads a file, or standard input for "-".
func readManifest(name string) ([]byte, error) {
	file := os.Stdin
	if name == "-" && batch.IsTerminal(file) {
		fmt.Fprintln(os.Stderr, "podtui: --pod-manifest=- reads the manifest from this terminal; Ctrl-D ends it")
	}
	if name != "-" {
		opened, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
		}
		defer opened.Close()
		file = opened
	}
	data, err := io.ReadAll(io.LimitReader(file, spec.MaxManifest+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, cause(err))
	case len(data) > spec.MaxManifest:
		return nil, fmt.Errorf("%s has more than %d bytes, which no pod manifest needs", name, spec.MaxManifest)
	}
	return data, nil
}
