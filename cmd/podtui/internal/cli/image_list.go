package cli

import (
	"cmp"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) imageListCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use: "list", Short: "list stored images", Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return p.imageList(&l) },
	}
	l.addTo(p, c)
	return c
}

func (p *program) imageList(l *listing) error {
	images, used, err := p.images()
	if err != nil {
		return err
	}
	if l.json() {
		list := make([]imageJSON, len(images))
		for i, image := range images {
			list[i] = newImageJSON(image, used[i])
		}
		return l.printJSON(list)
	}
	rows := make([][]string, len(images))
	for i, image := range images {
		imported := l.ago(image.Imported)
		lastUsed := imported // as most were never used
		if !used[i].Equal(image.Imported) {
			lastUsed = l.ago(used[i])
		}
		rows[i] = []string{
			l.id(image.ID), nameAndVersion(image), l.size(image.Size),
			imported, lastUsed, cmp.Or(image.VerifiedBy, "not verified"),
		}
	}
	return l.printTable([]string{"ID", "NAME", "SIZE", "IMPORT TIME", "LAST USED", "VERIFIED"}, rows)
}

// images lists what the store has, and when each was last used.
func (p *program) images() ([]engine.Entry, []time.Time, error) {
	e, err := p.look(nil)
	if e == nil {
		return nil, nil, err
	}
	defer e.Close()
	images, err := e.Images()
	if err != nil {
		return nil, nil, err
	}
	used, err := e.LastUsed(images)
	return images, used, err
}

// nameAndVersion is an image as people would ask for it.
func nameAndVersion(image engine.Entry) string {
	if version := image.Version(); version != "" {
		return image.Name + ":" + version
	}
	return image.Name
}

func (l *listing) size(n int64) string {
	if l.full {
		return strconv.FormatInt(n, 10)
	}
	return text.Bytes(n)
}

// imageJSON is an image of "image list --format=json".
type imageJSON struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Labels     map[string]string `json:"labels"`
	Size       int64             `json:"size"` // bytes of the uncompressed archive
	ImportTime time.Time         `json:"importTime"`
	LastUsed   time.Time         `json:"lastUsed"`
	VerifiedBy *string           `json:"verifiedBy"`
}

func newImageJSON(image engine.Entry, used time.Time) imageJSON {
	j := imageJSON{
		ID: image.ID, Name: image.Name, Labels: image.Labels(),
		Size: image.Size, ImportTime: image.Imported, LastUsed: used,
	}
	if image.VerifiedBy != "" {
		j.VerifiedBy = &image.VerifiedBy
	}
	return j
}
