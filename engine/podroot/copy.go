package podroot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/podroot/treecopy"
	"github.com/podtui/podtui/engine/sandbox"
)

// Options say how something is copied.
type Options struct {
	Archive bool // out of the root: owners and attributes as they are there

	// Skipped is told of what was not copied.
	Skipped func(path, why string)
}

// CopyOut copies a file or folder of the root to a path of the host.
func (r *Root) CopyOut(ctx context.Context, from, to string, o Options) error {
	c := treecopy.Options{Owner: &treecopy.Owner{UID: os.Geteuid(), GID: os.Getegid()}}
	if o.Archive {
		c.Owner, c.As = nil, r.inside
		c.Attribute = func(name string, value []byte) []byte { return sandbox.AttributeFor(name, value, r.inside) }
	}
	return run(ctx, r.tree(), from, host, to, c, o)
}

// inside is a user or group as the app has it. What the app has of the host's on a
// volume is the host's in the copy.
func (r *Root) inside(id int) int {
	if inside, has := r.users.Inside(id); has {
		return inside
	}
	return id
}

// CopyIn copies a file or folder of the host into the root. What it makes is the
// app's user's.
func (r *Root) CopyIn(ctx context.Context, from, to string, o Options) error {
	err := run(ctx, host, from, r.tree(), to, treecopy.Options{Owner: &r.owner}, o)
	if errors.Is(err, unix.EROFS) {
		return fmt.Errorf("%w: app %q can't write there either", err, r.app)
	}
	return err
}

// run copies what from means in one tree to what to means in another, as "cp -a"
// understands the two.
func run(ctx context.Context, out tree, from string, in tree, to string, c treecopy.Options, o Options) error {
	what, err := out.source(from)
	if err != nil {
		return err
	}
	defer unix.Close(what.fd)
	where, err := in.target(to, what.isFolder)
	if err != nil {
		return err
	}
	defer unix.Close(where.Dir)
	called := func(inside string) string { return out.called(path.Join(from, inside)) }
	c.Name = called
	left := 0
	c.Tell = func(inside, why string) {
		left++
		o.Skipped(called(inside), why)
	}
	copier, err := treecopy.New(c)
	if err != nil {
		return err
	}
	defer copier.Close()
	switch {
	case !where.isFolder:
		err = copier.Copy(ctx, what.fd, where.Place)
	case what.base == "":
		err = copier.Contents(ctx, what.fd, where.Dir)
	default:
		err = copier.Copy(ctx, what.fd, treecopy.Place{Dir: where.Dir, Name: what.base})
	}
	if err == nil && left > 0 && copier.Made() == 0 {
		return errors.New("nothing was copied")
	}
	return outcome(err, copier, called(""))
}

// outcome says what of a copy is there, if it isn't whole.
func outcome(err error, c *treecopy.Copier, what string) error {
	switch {
	case err != nil && c.Made() > 0:
		return fmt.Errorf("%w; before that, %d files and folders were copied", err, c.Made())
	case err == nil && c.Wrong() == 1:
		return fmt.Errorf("%s was copied but for a file or folder", what)
	case err == nil && c.Wrong() > 1:
		return fmt.Errorf("%s was copied but for %d files and folders", what, c.Wrong())
	}
	return err
}
