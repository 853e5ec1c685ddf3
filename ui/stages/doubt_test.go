package stages

import (
	"errors"
	"fmt"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/trust/refusal"
)

func TestADoubtSaysWhomItIsAboutAndWhatMayBeDone(t *testing.T) {
	const id = "sha512-00"
	refused := func(image string, k refusal.Kind) error {
		return fmt.Errorf("image x: %w", &engine.UnverifiedError{Image: image, Refusal: &refusal.Error{Kind: k}})
	}
	for _, c := range []struct {
		err               error
		mark, text        string
		plain, approvable bool
	}{
		{nil, NotVerified, "", true, true},
		{errors.New("no such image"), NotVerified, "", true, true},
		{refused(id, refusal.NoSignature), NotVerified, "no signature", true, true},
		{refused(id, refusal.UnknownKey), "! unknown key", "unknown key", false, true},
		{refused(id, refusal.NotTrusted), "! not trusted", "not trusted", false, true},
		{refused(id, refusal.Expired), "! expired", "expired", false, true},
		{refused(id, refusal.Revoked), "! revoked", "revoked", false, false},
		{refused(id, refusal.BadSignature), "! bad signature", "bad signature", false, false},
		{refused(id, refusal.Weak), "! weak", "weak", false, false},
		{refused("example.com/base", refusal.NoSignature), NotVerified, "example.com/base, which it depends on: no signature", false, false},
		{refused("example.com/base", refusal.Revoked), "! revoked", "example.com/base, which it depends on: revoked", false, false},
	} {
		d := DoubtOf(c.err, id)
		text := ""
		if d != nil {
			text = d.Text
		}
		if d.Mark() != c.mark || text != c.text || d.Plain() != c.plain || d.Approvable() != c.approvable {
			t.Errorf("%v: %q, %q, plain %v, approvable %v", c.err, d.Mark(), text, d.Plain(), d.Approvable())
		}
	}
}
