package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// imageField is something about an image that is shown in a column and sorted by.
type imageField struct {
	name    string // as rkt called it
	title   string
	cell    func(l *listing, image *storedImage) string
	compare func(a, b *storedImage) int
}

const fieldNames = "id,name,size,importtime,lastused,verified"

// imageFields are all there are, in the order of the columns.
func imageFields() []imageField {
	return []imageField{
		{"id", "ID", func(l *listing, i *storedImage) string { return l.id(i.ID) },
			func(a, b *storedImage) int { return strings.Compare(a.ID, b.ID) }},
		{"name", "NAME", func(_ *listing, i *storedImage) string { return nameAndVersion(i.Entry) },
			func(a, b *storedImage) int { return strings.Compare(a.Name, b.Name) }},
		{"size", "SIZE", func(l *listing, i *storedImage) string { return l.size(i.Size) },
			func(a, b *storedImage) int { return cmp.Compare(a.Size, b.Size) }},
		{"importtime", "IMPORT TIME", func(l *listing, i *storedImage) string { return l.ago(i.Imported) },
			func(a, b *storedImage) int { return a.Imported.Compare(b.Imported) }},
		{"lastused", "LAST USED", func(l *listing, i *storedImage) string { return l.ago(i.used) },
			func(a, b *storedImage) int { return a.used.Compare(b.used) }},
		{"verified", "VERIFIED", func(l *listing, i *storedImage) string { return cmp.Or(l.userID(i.VerifiedBy), "not verified") },
			func(a, b *storedImage) int { return strings.Compare(a.VerifiedBy, b.VerifiedBy) }},
	}
}

func namesOf(fields []imageField) []string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.name
	}
	return names
}

func (l *imageList) chooseFields(value string) error {
	l.chosen = true
	return setFields(&l.fields)(value)
}

// setFields reads a list of fields.
func setFields(to *[]imageField) func(string) error {
	return func(value string) error {
		all := imageFields()
		var chosen []imageField
		for name := range strings.SplitSeq(value, ",") {
			i := slices.IndexFunc(all, func(f imageField) bool { return f.name == name })
			if i < 0 {
				return fmt.Errorf("unknown field %q; there are %s", name, fieldNames)
			}
			chosen = append(chosen, all[i])
		}
		*to = chosen
		return nil
	}
}

// arrange sorts images that come sorted by name, version and time of import.
// What is the same in all chosen fields stays so.
func (l *imageList) arrange(images []*storedImage) {
	if len(l.sort) > 0 {
		slices.SortStableFunc(images, func(a, b *storedImage) int {
			for _, field := range l.sort {
				if c := field.compare(a, b); c != 0 {
					return c
				}
			}
			return 0
		})
	}
	if l.order == "desc" {
		slices.Reverse(images)
	}
}
