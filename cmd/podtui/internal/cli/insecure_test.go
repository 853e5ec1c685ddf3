package cli

import "testing"

// What --insecure-options lets through must never be more than its words say.
func TestInsecureOptionsAreAsWideAsTheirWords(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]insecure{
		"none":              {},
		"ondisk":            {},
		"image":             {image: true},
		"all":               {image: true},
		"all-fetch":         {image: true},
		"ondisk,image":      {image: true},
		"tls":               {later: "tls"},
		"image,tls,seccomp": {image: true, later: "tls"},
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
