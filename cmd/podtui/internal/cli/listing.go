package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/ui/text"
)

// listing is the flags of what lists things, as in rkt.
type listing struct {
	format   string // "", "json" or "json-pretty"
	noLegend bool
	full     bool
	now      time.Time // of all ages in it
}

func (l *listing) addTo(p *program, c *cobra.Command) {
	l.addFormat(p, c)
	c.Flags().BoolVar(&l.noLegend, "no-legend", false, "leave the line of titles out")
	c.Flags().BoolVar(&l.full, "full", false, "whole IDs, sizes in bytes, exact times")
}

// addFormat adds --format, which --output=json implies.
func (l *listing) addFormat(p *program, c *cobra.Command) {
	hasJSON(c)
	c.PreRun = func(*cobra.Command, []string) {
		if p.globals.json() && l.format == "" {
			l.format = "json"
		}
	}
	c.Flags().Var(flagValue{globalFlag{value: "json|json-pretty", set: oneOf(&l.format, "json", "json-pretty")}},
		"format", "print JSON")
	completeWords(c, "format", "json", "json-pretty")
}

func (l *listing) json() bool { return l.format != "" }

// printJSON prints a value. Its shape is documented in docs/json.md.
func (l *listing) printJSON(value any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if l.format == "json-pretty" {
		encoder.SetIndent("", "  ")
	}
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := os.Stdout.Write(batch.SafeJSON(b.Bytes()))
	return err
}

// printManifest prints a manifest that is stored as JSON: for people, or as it
// is.
func (l *listing) printManifest(manifest []byte) error {
	if l.format != "json" {
		var b bytes.Buffer
		if err := json.Indent(&b, manifest, "", "  "); err != nil {
			return err
		}
		manifest = b.Bytes()
	}
	manifest = append(bytes.TrimRight(manifest, "\n"), '\n')
	_, err := os.Stdout.Write(batch.SafeJSON(manifest))
	return err
}

// gap is what keeps two columns apart.
const gap = 2

// printTable prints rows in columns; it uses the rows up. Cells may come from
// strangers. There may be ten thousand rows, so it does without text/tabwriter,
// which takes longer than all else that a listing does.
func (l *listing) printTable(titles []string, rows [][]string) error {
	if !l.noLegend {
		rows = slices.Insert(rows, 0, titles)
	}
	columns := len(titles)
	taken := make([]int, 0, len(rows)*columns) // cells of each text
	widths := make([]int, columns)
	for _, row := range rows {
		for i, cell := range row {
			escaped, width := text.Measure(cell)
			row[i], taken = escaped, append(taken, width)
			widths[i] = max(widths[i], width)
		}
	}
	blank := strings.Repeat(" ", total(widths)+gap*columns)
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	for n, row := range rows {
		before := 0 // blanks, which only a cell that follows needs
		for i, cell := range row {
			if cell != "" {
				_, _ = out.WriteString(blank[:before])
				_, _ = out.WriteString(cell)
				before = 0
			}
			before += widths[i] + gap - taken[n*columns+i]
		}
		_ = out.WriteByte('\n')
	}
	return out.Flush() // has the error of the others
}

func total(widths []int) (n int) {
	for _, width := range widths {
		n += width
	}
	return n
}

// id is an image's ID as a listing shows it.
func (l *listing) id(id string) string { return shorten(id, 12, l.full) }

// shorten keeps so many digits of an image's ID.
func shorten(id string, digits int, full bool) string {
	if full {
		return id
	}
	return id[:min(len(id), len("sha512-")+digits)]
}

func (l *listing) uuid(uuid string) string {
	if l.full {
		return uuid
	}
	return uuid[:min(len(uuid), 8)]
}

// userID is who a key says it is.
func (l *listing) userID(id string) string {
	if l.full || len(id) < 40 {
		return id
	}
	return text.Truncate(text.Escape(id), 40)
}

// ago is a time in the past as a listing shows it.
func (l *listing) ago(t time.Time) string {
	switch {
	case t.IsZero():
		return "-"
	case l.full:
		return t.Format(time.RFC3339)
	}
	if l.now.IsZero() {
		l.now = time.Now()
	}
	return text.Ago(l.now.Sub(t)) + " ago"
}

// when is a time as JSON has it: null for one that has not come.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
