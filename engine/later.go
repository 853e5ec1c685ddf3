package engine

import (
	"context"
	"errors"
	"io"
)

// The doors of issue 6 whose rooms are being built. This file gets shorter with
// each, and goes.

var errLater = errors.New("not there yet")

// PodPath is a path in an app's root.
type PodPath struct {
	Pod, App string // App "": the pod's only one
	Path     string
}

// CopyFromPod copies a file or folder out of an app's root to a path of the host,
// as "cp -a" would, but for owners. No link of the app's leads out of its root,
// and nothing of the host is followed that the app could have named.
func (e *Engine) CopyFromPod(ctx context.Context, from PodPath, to string) error { return errLater }

// CopyToPod copies a file or folder of the host into a running app's root. What it
// makes belongs to the app's user.
func (e *Engine) CopyToPod(ctx context.Context, from string, to PodPath) error { return errLater }

// ExportPod writes the root of an app of a pod that does not run, with what it
// changed there, as an ACI. app may be "" where the pod has one.
func (e *Engine) ExportPod(ctx context.Context, word, app string, w io.Writer) error { return errLater }
