package engine_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/registry"
	"github.com/podtui/podtui/engine/fetch/transfer"
)

func TestCureOfWhatKeepsAnImageAway(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want engine.Cure
	}{
		"nothing":              {nil, engine.NoCure},
		"not there":            {&transfer.StatusError{Status: 404}, engine.NoCure},
		"plain HTTP":           {&transfer.PlainHTTPError{URL: "http://x"}, engine.AllowHTTP},
		"a foreign authority":  {&transfer.ConnectError{Kind: transfer.Untrusted}, engine.TrustServer},
		"nobody there":         {&transfer.ConnectError{Kind: transfer.Refused}, engine.NoCure},
		"a page with password": {&transfer.StatusError{Status: 401}, engine.GiveCredential},
		"a closed repository":  {&registry.Error{Kind: registry.Denied}, engine.GiveCredential},
		"an unknown one":       {&registry.Error{Kind: registry.Unauthorized}, engine.GiveCredential},
		"no such tag":          {&registry.Error{Kind: registry.NotFound}, engine.NoCure},
		"a bad file":           {&credential.FileError{Reason: "bad"}, engine.MendCredential},
		"several attempts":     {errors.Join(errors.New("one"), &transfer.PlainHTTPError{}), engine.AllowHTTP},
	} {
		if got := engine.CureOf(&engine.ImageError{Image: "x", Err: fmt.Errorf("wrapped: %w", test.err)}); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
