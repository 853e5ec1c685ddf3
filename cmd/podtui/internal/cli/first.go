package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/cmd/podtui/internal/demo"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui"
)

// What who is not root is told. Images are root's to keep as well: what is unpacked
// belongs to whom the image says.
const (
	notRoot      = "not root: running pods and keeping images need root (sudo podtui)"
	worksAnyhow  = "Searching registries, composing pods and copying their command lines work without it."
	notRootWhole = "Not root: running pods and keeping images need root, because mounts, namespaces and the owners of files are root's to make. sudo podtui has it all."
)

// greet has the screen say what who is new to podtui, or not root, should know.
func (p *program) greet(o *ui.Options, e *engine.Engine) {
	if os.Geteuid() != 0 {
		o.Trouble, o.Missing, o.Works = notRoot, notRootWhole, worksAnyhow
		return
	}
	if len(demo.Pinned()) > 0 {
		o.Demo = func(ctx context.Context) (spec.Pod, error) { return demoPod(ctx, e) }
	}
}

// openScreen opens the engine for the screen. Who is not root and may not look into
// the data folder gets one of his own: there is more on the screen than what is kept.
// The command lines that it shows are root's to call, and don't name it.
func (p *program) openScreen() (*engine.Engine, error) {
	e, err := p.open()
	if err == nil || os.Geteuid() == 0 || !errors.Is(err, fs.ErrPermission) {
		return e, err
	}
	own, ownErr := ownDir()
	if ownErr != nil {
		return nil, err
	}
	p.globals.dir = own
	return p.open()
}

// keptIn is the folder of what is composed on the screen. Who may look into the data
// folder, but change nothing in it, has one of his own.
func (p *program) keptIn() string {
	if os.Geteuid() == 0 || unix.Access(p.globals.dir, unix.W_OK) == nil {
		return p.globals.dir
	}
	if own, err := ownDir(); err == nil {
		return own
	}
	return p.globals.dir
}

// ownDir is where a user's own programs keep things.
func ownDir() (string, error) {
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "podtui"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "podtui"), err
}
