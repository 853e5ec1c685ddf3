package cli

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

// imageList is the flags of "podtui image list".
type imageList struct {
	listing
	fields []imageField // the columns
	sort   []imageField // "": by name, version and time of import
	order  string
	chosen bool // the columns are somebody's choice
}

func (p *program) imageListCommand() *cobra.Command {
	l := imageList{fields: imageFields(), order: "asc"}
	c := &cobra.Command{
		Use: "list", Short: "list stored images", Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return p.imageList(&l) },
	}
	l.addTo(p, c)
	for _, flag := range []globalFlag{
		{"fields", "FIELDS", "the columns, of " + fieldNames, l.chooseFields},
		{"sort", "FIELDS", "what to sort by, instead of name, version and import time", setFields(&l.sort)},
		{"order", "asc|desc", "smallest and oldest first, or last", oneOf(&l.order, "asc", "desc")},
	} {
		c.Flags().Var(flagValue{flag}, flag.name, flag.help)
	}
	for _, flag := range []string{"fields", "sort"} {
		completeLists(c, flag, namesOf(imageFields())...)
	}
	completeWords(c, "order", "asc", "desc")
	return c
}

func (p *program) imageList(l *imageList) error {
	if l.chosen && l.json() {
		return usage("--fields is for people; JSON has all fields")
	}
	// It ends before a collection would have paid for itself, unless there are a
	// million images.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(256 << 20)
	images, err := p.images()
	if err != nil {
		return err
	}
	l.arrange(images)
	if l.json() {
		list := make([]imageJSON, len(images))
		for i, image := range images {
			list[i] = newImageJSON(image)
		}
		return l.printJSON(list)
	}
	titles := make([]string, len(l.fields))
	for i, field := range l.fields {
		titles[i] = field.title
	}
	return l.printTable(titles, l.rows(images))
}

// rows are the cells of all images, made side by side: there may be ten
// thousand.
func (l *imageList) rows(images []*storedImage) [][]string {
	l.listing.now = time.Now() // the same for all
	rows := make([][]string, len(images))
	part := max(len(images)/runtime.GOMAXPROCS(0)+1, 500)
	var parts sync.WaitGroup
	for from := 0; from < len(images); from += part {
		to := min(from+part, len(images))
		parts.Go(func() {
			cells := make([]string, 0, (to-from)*len(l.fields))
			for i := from; i < to; i++ {
				start := len(cells)
				for _, field := range l.fields {
					cells = append(cells, field.cell(&l.listing, images[i]))
				}
				rows[i] = cells[start:len(cells):len(cells)]
			}
		})
	}
	parts.Wait()
	return rows
}

// storedImage is an image of the list, and when it was last used.
type storedImage struct {
	*engine.Entry
	used time.Time
}

// images lists what the store has.
func (p *program) images() ([]*storedImage, error) {
	e, err := p.look(nil)
	if e == nil {
		return nil, err
	}
	defer e.Close()
	entries, err := e.Images()
	if err != nil {
		return nil, err
	}
	used, err := e.LastUsed(entries)
	if err != nil {
		return nil, err
	}
	images := make([]*storedImage, len(entries))
	for i := range entries {
		images[i] = &storedImage{&entries[i], used[i]}
	}
	return images, nil
}

// nameAndVersion is an image as people would ask for it.
func nameAndVersion(image *engine.Entry) string {
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

func newImageJSON(image *storedImage) imageJSON {
	return imageJSON{
		ID: image.ID, Name: image.Name, Labels: image.Labels(),
		Size: image.Size, ImportTime: image.Imported, LastUsed: image.used,
		VerifiedBy: known(image.VerifiedBy),
	}
}
