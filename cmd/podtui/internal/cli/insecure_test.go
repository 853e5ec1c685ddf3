package cli

import (
	"slices"
	"testing"

	"github.com/podtui/podtui/engine"
)

// What --insecure-options lets through must never be more than its words say.
func TestInsecureOptionsAreAsWideAsTheirWords(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]insecure{
		"none":              {},
		"ondisk":            {},
		"image":             {image: true},
		"tls":               {tls: true},
		"http":              {http: true},
		"pubkey":            {keys: true},
		"all":               {image: true, tls: true, http: true, keys: true},
		"all-fetch":         {image: true, tls: true, http: true, keys: true},
		"ondisk,image":      {image: true},
		"tls,http":          {tls: true, http: true},
		"image,tls,seccomp": {image: true, tls: true, later: "seccomp"},
		"all-run":           {later: "all-run"},
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
