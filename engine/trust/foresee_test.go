package trust

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// foresees looks that what the judge said of a signature that came just now was known
// before, but for what the bytes alone can tell.
func foresees(t *testing.T, s *Store, x Subject, judged error) {
	t.Helper()
	r := (*refusal.Error)(nil)
	errors.As(judged, &r)
	if x.Given == nil || x.Evidence.Hashes == nil || x.Name == "" {
		return
	}
	foreseen := s.Foresee(x.Given, x.Name)
	if r == nil || r.OtherBytes {
		if foreseen != nil {
			t.Errorf("foreseen: %v", foreseen)
		}
		return
	}
	if r.Kind != refusal.BadSignature && (foreseen == nil || foreseen.Error() != r.Error()) {
		t.Errorf("foreseen: %v; it was %v", foreseen, r)
	}
}

func TestWhatKeysAloneRefuseIsForeseen(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	earlier := gpg.CreatedAt(time.Now().Add(-time.Hour))
	a, b, nobody, stolen := home.Key("alice", earlier), home.Key("bob", earlier), home.Key("nobody"), home.Key("stolen", earlier)
	stolens, both := stolen.Sign(image), stolen.Sign(image, gpg.And(b))
	stolen.Revoke()
	torn := func(t *testing.T, s *Store) {
		write(t, s.inConfig(keyFile(Root, nobody.Fingerprint())), []byte("torn"))
	}
	closed := func(t *testing.T, s *Store) {
		os.RemoveAll(s.inConfig(keysFolder + "/root.d"))
		write(t, s.inConfig(keysFolder+"/root.d"), []byte("not a folder"))
		write(t, filepath.Join(s.folders.System, keyFile(Root, nobody.Fingerprint())), nobody.Armored())
	}
	late := signatureOf(t, a.Sign(image, gpg.At(time.Now().Add(time.Hour)))).Bytes()
	for name, c := range map[string]struct {
		signature []byte
		name      string
		change    func(t *testing.T, s *Store)
		want      refusal.Kind
		says      string
		ordinary  bool
		held      int
	}{
		"counts":                     {signature: a.Sign(image), name: "example.com/app", held: 2},
		"counts for some name":       {signature: a.Sign(image), held: 2},
		"other bytes":                {signature: a.Sign([]byte("x")), name: "example.com/app", held: 2},
		"one of two counts":          {signature: nobody.Sign(image, gpg.And(a)), name: "example.com/app", held: 2},
		"one of two is revoked":      {signature: both, name: "example.org/x", held: 2},
		"counts for others":          {signature: a.Sign(image), name: "example.com/b", held: 2, want: refusal.NotTrusted, says: "not trusted for example.com/b: the key counts for example.com/app, example.net (key " + a.Fingerprint() + `, "alice")`},
		"revoked, and for others":    {signature: both, name: "example.com", held: 2, want: refusal.NotTrusted, says: "counts for example.org"},
		"revoked":                    {signature: stolens, name: "example.com", held: 1, want: refusal.Revoked},
		"revoked, no name yet":       {signature: stolens, held: 1, want: refusal.Revoked},
		"unknown":                    {signature: nobody.Sign(image), want: refusal.UnknownKey, says: "unknown key " + nobody.KeyID()},
		"its file is torn":           {signature: nobody.Sign(image), change: torn, want: refusal.UnknownKey, says: keyFile(Root, nobody.Fingerprint()) + ": "},
		"the file of one is torn":    {signature: home.Key("other").Sign(image, gpg.And(nobody)), change: torn, want: refusal.UnknownKey, says: "unknown key " + nobody.KeyID() + ": "},
		"made in the future":         {signature: late, name: "example.com/app", held: 2, want: refusal.BadSignature, says: "made in the future"},
		"CONFIG can't be read whole": {signature: nobody.Sign(image), change: closed, ordinary: true, says: "trustedkeys/root.d: not a directory"},
		"but has the key":            {signature: a.Sign(image), name: "example.com/app", held: 2, change: closed},
		"none":                       {want: refusal.NoSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			s.keep(t, "example.com/app", a)
			s.keep(t, "example.net", a)
			s.keep(t, "example.org", b)
			s.keep(t, Root, stolen)
			if c.change != nil {
				c.change(t, s)
			}
			var sig *openpgp.Signatures
			if c.signature != nil {
				sig = signatureOf(t, c.signature)
			}
			if held := s.HeldBy(sig); len(held) != c.held {
				t.Errorf("held: %v", held)
			}
			err := s.Foresee(sig, c.name)
			switch r := (*refusal.Error)(nil); {
			case c.ordinary:
				if err == nil || errors.As(err, &r) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v", err)
				}
			case c.want == 0:
				if err != nil {
					t.Error(err)
				}
			default:
				refused(t, err, c.want, c.says)
			}
		})
	}
}
