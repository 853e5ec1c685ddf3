// Package storetest builds image archives for tests from recipes: a few lines
// of text that say what is in them. Archives are built, not stored, so that a
// reader sees what an attack consists of, and no scanner sees a binary.
//
// # Recipes
//
// A line is a word and its arguments, which may be quoted as in Go. "#" begins
// a comment. Entries come in order:
//
//	manifest [JSON]              the image manifest; a small valid one if none is given
//	dir NAME                     likewise fifo
//	file NAME [CONTENT]
//	symlink NAME TARGET          likewise hardlink
//	char NAME MAJOR MINOR        likewise block
//	entry TYPE NAME [TARGET]     any type flag
//
// each with any of mode=0644 (a folder: 0755) uid=N gid=N (one's own) mtime=0 size=N (what the header
// claims, whatever the content has) and prefix=TEXT (of a ustar name). Before
// an entry, or at the end:
//
//	pax KEY VALUE                into the extended header of the next entry
//	global KEY VALUE             a header for all entries that follow
//	repeat N                     the next line N times, %d in it counted up
//	bytes TEXT                   into the stream as they are; likewise zeros N
//	noend                        leave out the two blocks that end an archive
//	cut N                        drop the last N bytes of the whole
//	cutpacked N                  the same, after compressing
//	compress gzip
//
// $NAME in an argument stands for a variable that the caller gives.
package storetest

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Manifest is what "manifest" without an argument stands for.
const Manifest = `{"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/test",` +
	`"labels":[{"name":"version","value":"1.0.0"},{"name":"os","value":"linux"},{"name":"arch","value":"amd64"}]}`

// Build makes the archive that a recipe describes.
func Build(recipe string, variables map[string]string) ([]byte, error) {
	b := &builder{repeat: 1}
	for i, line := range strings.Split(recipe, "\n") {
		words, err := split(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if len(words) == 0 {
			continue
		}
		for j := range words {
			words[j] = os.Expand(words[j], func(name string) string { return variables[name] })
		}
		if err := b.lines(words); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return b.finish()
}

// Expect returns the rest of the comment line that begins with this word and a
// colon, as in "# refused: archive is empty".
func Expect(recipe, word string) string {
	for line := range strings.Lines(recipe) {
		if text, ok := strings.CutPrefix(line, "# "+word+": "); ok {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// split cuts a line into words.
func split(line string) (words []string, err error) {
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" || line[0] == '#' {
			return words, nil
		}
		if quoted, err := strconv.QuotedPrefix(line); err == nil {
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			words, line = append(words, word), line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words, line = append(words, word), rest
	}
}

type builder struct {
	tar       bytes.Buffer
	pax       []string // records for the next entry
	repeat    int
	noEnd     bool
	gzip      bool
	cut       int
	cutPacked int
}

// lines does one line, as often as it was asked for.
func (b *builder) lines(words []string) error {
	times := b.repeat
	b.repeat = 1
	for i := range times {
		numbered := make([]string, len(words))
		for j, w := range words {
			numbered[j] = w
			if times > 1 {
				numbered[j] = strings.ReplaceAll(w, "%d", strconv.Itoa(i))
			}
		}
		if err := b.line(numbered[0], numbered[1:]); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) line(word string, args []string) (err error) {
	switch word {
	case "pax":
		b.pax = append(b.pax, record(args[0], args[1]))
	case "global":
		b.write(header{kind: 'g', name: "pax_global_header", content: record(args[0], args[1])})
	case "repeat":
		b.repeat, err = strconv.Atoi(args[0])
	case "bytes":
		b.tar.WriteString(args[0])
	case "zeros":
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		b.tar.Write(make([]byte, n))
	case "noend":
		b.noEnd = true
	case "cut":
		b.cut, err = strconv.Atoi(args[0])
	case "cutpacked":
		b.cutPacked, err = strconv.Atoi(args[0])
	case "compress":
		b.gzip = true
	default:
		return b.entry(word, args)
	}
	return err
}

func (b *builder) finish() ([]byte, error) {
	if !b.noEnd {
		b.tar.Write(make([]byte, 2*block))
	}
	out := b.tar.Bytes()
	out = out[:len(out)-b.cut]
	if b.gzip {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(out); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
		out = packed.Bytes()
	}
	return out[:len(out)-b.cutPacked], nil
}
