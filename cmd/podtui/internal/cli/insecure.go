package cli

import (
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine"
)

// insecure is the value of --insecure-options.
type insecure struct {
	image bool   // images run that nobody vouches for
	tls   bool   // certificates of servers are not checked
	http  bool   // images by name, and from registries, may come over plain HTTP
	keys  bool   // keys may come over plain HTTP, and from any server
	later string // the first word that says what can't be done yet
}

// insecureWords says what each word does today. "all" is wider than what there is
// to be lax about; podtui is stricter then, never laxer.
// "all-run" is rkt's for capabilities, paths and seccomp: it was never about
// fetching.
var insecureWords = [...]struct {
	word                          string
	image, tls, http, keys, later bool
}{
	{word: "none"},
	{word: "image", image: true},
	{word: "tls", tls: true},
	{word: "http", http: true},
	{word: "ondisk"}, // a start doesn't check every file anyway
	{word: "pubkey", keys: true},
	{word: "capabilities", later: true},
	{word: "paths", later: true},
	{word: "seccomp", later: true},
	{word: "all-fetch", image: true, tls: true, http: true, keys: true},
	{word: "all-run", later: true},
	{word: "all", image: true, tls: true, http: true, keys: true},
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
		i.image, i.tls, i.http, i.keys = i.image || w.image, i.tls || w.tls, i.http || w.http, i.keys || w.keys
		if w.later && i.later == "" {
			i.later = word
		}
		return true
	}
	return false
}

// What is said where podtui is told to be lax (contract, section 3).
const (
	warnImage = "signature verification has been disabled"
	warnTLS   = "TLS certificate verification has been disabled"
	warnHTTP  = "plain HTTP has been allowed"
	warnKeys  = "keys may come over plain HTTP and from any server"
)

// warnings are what is said at the first image. That --insecure-skip-verify is
// about certificates too matters, and is said, only where there is a server.
func (g *globals) warnings() (always, server []string) {
	if g.skipVerify() {
		always = append(always, warnImage)
	}
	switch {
	case g.insecure.tls:
		always = append(always, warnTLS)
	case g.skip:
		server = append(server, warnTLS)
	}
	if g.insecure.http {
		always = append(always, warnHTTP)
	}
	if g.insecure.keys {
		always = append(always, warnKeys)
	}
	return always, server
}

// laxness is what the engine may be lax about. --insecure-skip-verify is what it
// was in rkt: signatures and certificates of where images are, and neither plain
// HTTP nor where keys come from (contract, section 1).
func (g *globals) laxness() engine.Insecure {
	return engine.Insecure{TLS: g.skip || g.insecure.tls, HTTP: g.insecure.http, Keys: g.insecure.keys}
}
