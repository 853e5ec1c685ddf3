package cli

import (
	"fmt"
	"strings"
)

// insecure is the value of --insecure-options.
type insecure struct {
	image bool   // images run that nobody vouches for
	later string // the first word that says what can't be done yet
}

// insecureWords says what each word does today. "all" and "all-fetch" are wider
// than what there is to be lax about; podtui is stricter then, never laxer.
// "all-run" is rkt's for capabilities, paths and seccomp: it was never about
// signatures.
var insecureWords = [...]struct {
	word         string
	image, later bool
}{
	{word: "none"},
	{word: "image", image: true},
	{word: "tls", later: true},
	{word: "http", later: true},
	{word: "ondisk"}, // a start doesn't check every file anyway
	{word: "pubkey", later: true},
	{word: "capabilities", later: true},
	{word: "paths", later: true},
	{word: "seccomp", later: true},
	{word: "all-fetch", image: true},
	{word: "all-run", later: true},
	{word: "all", image: true},
}

const insecureHelp = "image,tls,http,ondisk,pubkey,capabilities,paths,seccomp,all-fetch,all-run,all,none"

func (i *insecure) set(value string) error {
	for word := range strings.SplitSeq(value, ",") {
		if !i.add(word) {
			return fmt.Errorf("unknown word %q; there are %s", word, insecureHelp)
		}
	}
	return nil
}

func (i *insecure) add(word string) (known bool) {
	for _, w := range insecureWords {
		if w.word != word {
			continue
		}
		i.image = i.image || w.image
		if w.later && i.later == "" {
			i.later = word
		}
		return true
	}
	return false
}
