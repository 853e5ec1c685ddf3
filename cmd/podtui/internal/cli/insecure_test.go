package cli

import (
	"slices"
	"testing"

	"github.com/podtui/podtui/engine"
)

// What --insecure-options lets through must never be more than its words say.
func TestInsecureOptionsAreAsWideAsTheirWords(t *testing.T) {
	t.Parallel()
	everything := engine.Relax{Capabilities: true, Seccomp: true, Paths: true}
	for value, want := range map[string]insecure{
		"none":              {},
		"ondisk":            {},
		"image":             {image: true},
		"tls":               {tls: true},
		"http":              {http: true},
		"pubkey":            {keys: true},
		"all":               {image: true, tls: true, http: true, keys: true, relax: everything},
		"all-fetch":         {image: true, tls: true, http: true, keys: true},
		"ondisk,image":      {image: true},
		"tls,http":          {tls: true, http: true},
		"image,tls,seccomp": {image: true, tls: true, relax: engine.Relax{Seccomp: true}},
		"capabilities":      {relax: engine.Relax{Capabilities: true}},
		"paths":             {relax: engine.Relax{Paths: true}},
		"seccomp,paths":     {relax: engine.Relax{Seccomp: true, Paths: true}},
		"all-run":           {relax: everything},
	} {
		var got insecure
		if err := got.set(value); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", value, got, err, want)
		}
	}
	for _, value := range []string{"", "Image", "image,", "images", "image tls"} {
		var got insecure
		if err := got.set(value); err == nil {
			t.Errorf("%q was taken", value)
		}
	}
}

// Each flag lets through what the contract says, says so, and nothing else.
func TestEachInsecureFlagLetsThroughItsOwn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		skip           bool
		options        string
		image          bool
		lax            engine.Insecure
		always, server []string
	}{
		"none":                  {options: "none"},
		"skip-verify":           {skip: true, options: "none", image: true, lax: engine.Insecure{TLS: true}, always: []string{warnImage}, server: []string{warnTLS}},
		"image":                 {options: "image", image: true, always: []string{warnImage}},
		"tls":                   {options: "tls", lax: engine.Insecure{TLS: true}, always: []string{warnTLS}},
		"http":                  {options: "http", lax: engine.Insecure{HTTP: true}, always: []string{warnHTTP}},
		"pubkey":                {options: "pubkey", lax: engine.Insecure{Keys: true}, always: []string{warnKeys}},
		"all":                   {options: "all", image: true, lax: engine.Insecure{TLS: true, HTTP: true, Keys: true}, always: []string{warnImage, warnTLS, warnHTTP, warnKeys}},
		"skip-verify with http": {skip: true, options: "http", image: true, lax: engine.Insecure{TLS: true, HTTP: true}, always: []string{warnImage, warnHTTP}, server: []string{warnTLS}},
		"skip-verify with tls":  {skip: true, options: "tls", image: true, lax: engine.Insecure{TLS: true}, always: []string{warnImage, warnTLS}},
	} {
		g := globals{skip: test.skip}
		if err := g.insecure.set(test.options); err != nil {
			t.Fatal(err)
		}
		always, server := g.warnings()
		if g.skipVerify() != test.image || g.laxness() != test.lax || !slices.Equal(always, test.always) || !slices.Equal(server, test.server) {
			t.Errorf("%s: %v, %+v, %q, %q", name, g.skipVerify(), g.laxness(), always, server)
		}
	}
}

// What is said of apps that are kept apart less is said before they run, and only
// where that is still to be decided.
func TestEachWordAboutAppsIsToldBeforeTheyRun(t *testing.T) {
	t.Parallel()
	for options, want := range map[string][]string{
		"none": nil, "image,tls": nil, "capabilities": {warnCapabilities}, "seccomp": {warnSeccomp}, "paths": {warnPaths},
		"all-run": {warnCapabilities, warnSeccomp, warnPaths}, "all": {warnCapabilities, warnSeccomp, warnPaths},
	} {
		var g globals
		if err := g.insecure.set(options); err != nil {
			t.Fatal(err)
		}
		if got := g.podWarnings(); !slices.Equal(got, want) {
			t.Errorf("%s: %q", options, got)
		}
		g.decided = true
		if got := g.podWarnings(); len(want) > 0 != slices.Equal(got, []string{warnDecided}) {
			t.Errorf("%s, of a pod that is there: %q", options, got)
		}
	}
}
