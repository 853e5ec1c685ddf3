package cli

import (
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine"
)

// insecure is the value of --insecure-options.
type insecure struct {
	image bool         // images run that nobody vouches for
	tls   bool         // certificates of servers are not checked
	http  bool         // images by name, and from registries, may come over plain HTTP
	keys  bool         // keys may come over plain HTTP, and from any server
	relax engine.Relax // what keeps apps apart from the host is left out
}

// insecureWords says what each word does. As in rkt.
var insecureWords = [...]struct {
	word string
	insecure
}{
	{word: "none"},
	{"image", insecure{image: true}},
	{"tls", insecure{tls: true}},
	{"http", insecure{http: true}},
	{word: "ondisk"}, // a start doesn't check every file anyway
	{"pubkey", insecure{keys: true}},
	{"capabilities", insecure{relax: engine.Relax{Capabilities: true}}},
	{"paths", insecure{relax: engine.Relax{Paths: true}}},
	{"seccomp", insecure{relax: engine.Relax{Seccomp: true}}},
	{"all-fetch", insecure{image: true, tls: true, http: true, keys: true}},
	{"all-run", insecure{relax: engine.Relax{Capabilities: true, Seccomp: true, Paths: true}}},
	{"all", insecure{true, true, true, true, engine.Relax{Capabilities: true, Seccomp: true, Paths: true}}},
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
		if w.word == word {
			*i = i.with(w.insecure)
			return true
		}
	}
	return false
}

// with is as lax as both.
func (i insecure) with(o insecure) insecure {
	return insecure{
		image: i.image || o.image, tls: i.tls || o.tls, http: i.http || o.http, keys: i.keys || o.keys,
		relax: engine.Relax{
			Capabilities: i.relax.Capabilities || o.relax.Capabilities,
			Seccomp:      i.relax.Seccomp || o.relax.Seccomp,
			Paths:        i.relax.Paths || o.relax.Paths,
		},
	}
}

// What is said where podtui is told to be lax (contract, section 3).
const (
	warnImage = "signature verification has been disabled"
	warnTLS   = "TLS certificate verification has been disabled"
	warnHTTP  = "plain HTTP has been allowed"
	warnKeys  = "keys may come over plain HTTP and from any server"

	warnCapabilities = "apps have all capabilities"
	warnSeccomp      = "the system calls of apps are not filtered"
	warnPaths        = "apps see what is masked of the kernel's files otherwise"
	warnDecided      = "--insecure-options changes nothing about what apps may do in a pod that is there already"
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

// podWarnings are said before a pod runs.
func (g *globals) podWarnings() (warnings []string) {
	for _, laxity := range []struct {
		on   bool
		says string
	}{
		{g.insecure.relax.Capabilities, warnCapabilities}, {g.insecure.relax.Seccomp, warnSeccomp}, {g.insecure.relax.Paths, warnPaths},
	} {
		if laxity.on {
			warnings = append(warnings, laxity.says)
		}
	}
	if len(warnings) > 0 && g.decided {
		return []string{warnDecided}
	}
	return warnings
}

// laxness is what the engine may be lax about. --insecure-skip-verify is what it
// was in rkt: signatures and certificates of where images are, and neither plain
// HTTP nor where keys come from (contract, section 1).
func (g *globals) laxness() engine.Insecure {
	return engine.Insecure{TLS: g.skip || g.insecure.tls, HTTP: g.insecure.http, Keys: g.insecure.keys}
}
