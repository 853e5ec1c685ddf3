package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) imageVerifyCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use: "verify [IMAGE…]", Short: "check every file of stored images",
		Long: "Check every file of stored images, and name each that is not what was fetched. Without\n" +
			"IMAGE all are checked, and what the store keeps beside them.",
		ValidArgsFunction: p.completeImages,
		RunE:              func(c *cobra.Command, args []string) error { return p.verify(c.Context(), &l, args) },
	}
	l.addFormat(p, c)
	return c
}

// checked is an image, or the store, and what is wrong with it.
type checked struct {
	id, name string // "": the store
	damage   []engine.Damage
}

func (p *program) verify(ctx context.Context, l *listing, references []string) error {
	var missing error
	if len(references) > 0 {
		missing = &engine.NoImageError{Image: references[0]}
	}
	e, err := p.look(missing)
	if e == nil && err == nil {
		return l.finishVerify(nil)
	}
	if err != nil {
		return err
	}
	defer e.Close()
	var list []checked
	err = batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		list, err = p.verifyThem(ctx, e, l, references)
		return err
	})
	return errors.Join(err, l.finishVerify(list))
}

// verifyThem checks one image after the other, and goes on after a failure.
func (p *program) verifyThem(ctx context.Context, e *engine.Engine, l *listing, references []string) ([]checked, error) {
	all := len(references) == 0
	images, err := toVerify(e, references)
	failed := failures{}
	if err != nil {
		failed = append(failed, err)
	}
	var list []checked
	for _, image := range images {
		err := p.verifyImage(ctx, e, &image)
		if ctx.Err() != nil {
			return list, ctx.Err()
		}
		if all && errors.As(err, new(*engine.NoImageError)) { // it has gone since
			continue
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		list = append(list, image)
		if err := p.tellChecked(l, image); err != nil {
			return list, err
		}
	}
	if !all {
		return list, failed.orNil()
	}
	store, err := p.verifyStore(ctx, e, l)
	return append(list, store...), errors.Join(failed.orNil(), err)
}

// verifyStore checks what belongs to no image. Sound, it is not worth a word.
func (p *program) verifyStore(ctx context.Context, e *engine.Engine, l *listing) ([]checked, error) {
	damage, err := e.VerifyStore(ctx)
	if err != nil || len(damage) == 0 {
		return nil, err
	}
	store := checked{damage: damage}
	return []checked{store}, p.tellChecked(l, store)
}

func (p *program) verifyImage(ctx context.Context, e *engine.Engine, image *checked) (err error) {
	called := cmp.Or(image.name, shorten(image.id, 12, false))
	image.damage, err = e.VerifyImage(ctx, image.id, func(done, total int64) {
		p.output().Progress("checking", called, done, total)
	})
	p.output().Over(called)
	return err
}

// toVerify are the images that are meant. One that is damaged is one too.
func toVerify(e *engine.Engine, references []string) ([]checked, error) {
	entries, err := e.Images()
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(entries))
	var list []checked
	for _, entry := range entries {
		names[entry.ID] = nameAndVersion(&entry)
		list = append(list, checked{id: entry.ID, name: names[entry.ID]})
	}
	if len(references) == 0 {
		return list, nil
	}
	list = nil
	err = each(references, func(reference string) error {
		id, err := findImage(e, reference)
		var damaged *engine.DamagedImageError
		if errors.As(err, &damaged) {
			id, err = damaged.ID, nil
		}
		if err == nil {
			list = append(list, checked{id: id, name: names[id]})
		}
		return err
	})
	return list, err
}

// tellChecked prints a line for an image that is sound, or one for each file
// that isn't.
func (p *program) tellChecked(l *listing, image checked) error {
	if l.json() {
		return nil
	}
	about := "store"
	if image.id != "" {
		about = strings.TrimSpace(shorten(image.id, 12, false) + "  " + text.Escape(image.name))
	}
	if len(image.damage) == 0 {
		return p.println(about + ": sound")
	}
	for _, damage := range image.damage {
		line := about
		if damage.File != "" {
			line += ": " + text.Escape(damage.File)
		}
		if err := p.println(line + ": " + text.Escape(damage.What)); err != nil {
			return err
		}
	}
	return nil
}

// finishVerify prints what programs get, and fails if something is damaged.
func (l *listing) finishVerify(list []checked) error {
	damaged := 0
	for _, image := range list {
		if len(image.damage) > 0 {
			damaged++
		}
	}
	if l.json() {
		if err := l.printJSON(newCheckedJSON(list)); err != nil || damaged == 0 {
			return err
		}
		return &statusError{status: statusFailed}
	}
	switch {
	case damaged == 0:
		return nil
	case len(list) > 0 && list[len(list)-1].id == "":
		return fmt.Errorf("the store's own files and %s are damaged", text.Count(damaged-1, "image"))
	case damaged == 1:
		return errors.New(`1 image is damaged; remove it with "podtui image rm" and fetch it again`)
	}
	return fmt.Errorf(`%d images are damaged; remove them with "podtui image rm" and fetch them again`, damaged)
}

// checkedJSON is an image of "image verify --format=json"; the store has neither
// ID nor name.
type checkedJSON struct {
	ID     *string      `json:"id"`
	Name   *string      `json:"name"`
	Damage []damageJSON `json:"damage"`
}

type damageJSON struct {
	Layer *string `json:"layer"`
	File  *string `json:"file"`
	What  string  `json:"what"`
}

func newCheckedJSON(list []checked) []checkedJSON {
	out := make([]checkedJSON, len(list))
	for i, image := range list {
		out[i] = checkedJSON{known(image.id), known(image.name), make([]damageJSON, len(image.damage))}
		for k, d := range image.damage {
			out[i].Damage[k] = damageJSON{known(d.Layer), known(d.File), d.What}
		}
	}
	return out
}

// known is a string as JSON has it: null for none.
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
