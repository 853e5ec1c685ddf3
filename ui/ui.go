// Package ui is the terminal interface: the root of the screens, and the way
// they get onto a terminal and off it again.
//
// There is one Bubble Tea model, the root. It routes keys and messages, and
// gives each screen its rectangle; screens are plain values that draw into it.
// Nothing in an update does I/O or waits: all work is a command, and what
// comes back from one that nobody waits for any more is dropped.
package ui

import (
	"context"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/compose"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/images"
	"github.com/podtui/podtui/ui/pod"
	"github.com/podtui/podtui/ui/pods"
	"github.com/podtui/podtui/ui/secrets"
	"github.com/podtui/podtui/ui/settings"
	"github.com/podtui/podtui/ui/trust"
	"github.com/podtui/podtui/ui/watch"
)

// Engine is what all screens together need of *engine.Engine.
type Engine interface {
	images.Engine
	compose.Engine
	watch.Engine
	pods.Engine
	pod.Engine
	trust.Engine
	Pod(uuid string) (poddir.Status, error)
}

// Start says which screen comes first.
type Start int

// The screens to start with.
const (
	StartImages Start = iota
	StartCompose
	StartPods
	StartTrust
)

// Options are how the interface begins.
type Options struct {
	Pod   spec.Pod // already composed; may be empty
	Start Start

	// AllowUnverified is --insecure-skip-verify: nothing is asked.
	AllowUnverified bool

	// Relax is what --insecure-options leaves apps without that are run from here.
	Relax engine.Relax

	// Command is how podtui was called, without what concerns the screen:
	// "podtui", "--dir=…". The command line of a pod begins with it.
	Command []string

	// ConfigDir is where credentials are, for who has to write some.
	ConfigDir string

	// Environ is the environment that apps inherit if the pod says so. Nil: that
	// of this process.
	Environ []string

	// Drafts is where what is composed outlasts the program. Nil: nowhere.
	Drafts *drafts.Drafts

	// Secrets is where values are kept that no command line should show. Nil: nowhere.
	Secrets *secrets.Folder

	// Demo brings a pod to begin with, its images in the store. Nil: there is none.
	Demo func(ctx context.Context) (spec.Pod, error)

	// Missing is what somebody who sees podtui first has to know of what he can't do
	// here, and how to be able to; Works is what works all the same.
	Missing, Works string

	// Version is podtui's, and Reports the folder where one is written should the
	// screen crash.
	Version, Reports string

	// Settings are what CONFIG/tui.conf says. Run reads them.
	Settings settings.Settings

	// Linear has everything said line by line, and nothing drawn. Of itself that is
	// so on a terminal that can't do more, and where settings or PODTUI_LINEAR say so.
	Linear bool

	// Trouble is what stands in the way of running anything, such as not being
	// root: it is shown, and the rest works as far as it can.
	Trouble string
}

// Run shows the interface on the terminal of this process and returns when the
// user leaves it. Pods that run go on. However it ends, by a key, a signal, a
// lost connection or a panic, the terminal is as it was before.
//
// A terminal that can't show it is an error that says so, before anything is
// written.
func Run(ctx context.Context, e Engine, o Options) error {
	if err := checkTerminal(o.Linear); err != nil {
		return err
	}
	return run(ctx, e, o)
}
