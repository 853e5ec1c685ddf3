package trust

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// keep puts a key into a folder by hand, whatever is wrong with it.
func (s *Store) keep(t testing.TB, scope Scope, k gpg.Key) {
	t.Helper()
	write(t, s.inConfig(keyFile(scope, k.Fingerprint())), k.Armored())
}

// recorded is example.com/app with what was found when the signature came.
func recorded(signature []byte, by gpg.Key, at time.Time) func(t *testing.T) Subject {
	return func(t *testing.T) Subject {
		x := given(t, signature)
		x.Recorded = &store.Verification{By: "whoever", Key: by.Fingerprint(), Signature: x.Given.Bytes(), At: at}
		x.Given = nil
		return x
	}
}

// but changes a subject.
func but(x func(*testing.T) Subject, change func(t *testing.T, x *Subject)) func(*testing.T) Subject {
	return func(t *testing.T) Subject {
		changed := x(t)
		change(t, &changed)
		return changed
	}
}

func TestSignaturesVouchByTodaysKeys(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	now := time.Now()
	hours := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	// Keys of another time sign then: no signature is younger than a record of it.
	earlier := gpg.CreatedAt(hours(-2))
	a, b := home.Key("alice <a@example.com>", earlier), home.Key("bob", earlier)
	sub := home.Key("carol", earlier, gpg.SigningSubkey())
	nobody := home.Key("nobody", earlier)
	stolen := home.Key("stolen", earlier)
	signature, stolens := a.Sign(image), stolen.Sign(image)
	stolen.Revoke()
	short := home.Key("short", gpg.CreatedAt(hours(-72)), gpg.Expires("2d"))
	shorts := short.Sign(image, gpg.At(hours(-70)))
	brief := home.Key("brief", gpg.CreatedAt(hours(-72)))
	briefs := brief.Sign(image, gpg.At(hours(-70)), gpg.ExpiresIn("1d"))
	weak := home.Key("weak", earlier, gpg.RSA(1024))

	both, sha1 := a.Sign(image, gpg.And(b)), a.Sign(image, gpg.Binary(), gpg.Digest("SHA1"))
	justNow := func(signature []byte) func(*testing.T) Subject {
		return func(t *testing.T) Subject { return given(t, signature) }
	}
	aWas := recorded(signature, a, now)
	for name, c := range map[string]struct {
		trust  func(s *Store, t *testing.T)
		x      func(t *testing.T) Subject
		by     gpg.Key // who vouches
		want   refusal.Kind
		detail string
	}{
		"a key for all images":     {x: justNow(b.Sign(image)), by: b},
		"a key for the name":       {x: justNow(signature), by: a},
		"a binary signature":       {x: justNow(a.Sign(image, gpg.Binary())), by: a},
		"a subkey":                 {x: justNow(sub.Sign(image)), by: sub},
		"two signers":              {x: justNow(both), by: a},
		"two signers, one unknown": {x: justNow(nobody.Sign(image, gpg.And(b))), by: b},
		"nothing":                  {x: func(*testing.T) Subject { return Subject{Name: "example.com/app"} }, want: refusal.NoSignature},
		"no signature": {x: but(justNow(signature), func(_ *testing.T, x *Subject) { x.Given = nil }),
			want: refusal.NoSignature},
		"no hashes": {x: but(justNow(signature), func(_ *testing.T, x *Subject) { x.Evidence.Hashes = nil }),
			want: refusal.NoSignature, detail: "not known any more"},
		"other bytes": {x: but(justNow(signature), func(t *testing.T, x *Subject) { x.Evidence.Hashes = stateOf(t, []byte("evil")) }),
			want: refusal.BadSignature},
		"no bytes": {x: but(justNow(signature), func(t *testing.T, x *Subject) { x.Evidence.Hashes = stateOf(t, nil) }),
			want: refusal.BadSignature},
		"hashes of nothing at all": {x: but(justNow(signature), func(_ *testing.T, x *Subject) { x.Evidence.Hashes = &openpgp.State{} }),
			want: refusal.BadSignature},
		"an unknown key": {x: justNow(nobody.Sign(image)), want: refusal.UnknownKey, detail: nobody.KeyID()},
		"another prefix": {x: but(justNow(signature), func(_ *testing.T, x *Subject) { x.Name = "example.com/application" }),
			want: refusal.NotTrusted, detail: "not trusted for example.com/application: the key counts for example.com/app (key " + a.Fingerprint()},
		"below the prefix": {x: but(justNow(signature), func(_ *testing.T, x *Subject) { x.Name = "example.com/app/x" }), by: a},
		"beside the prefix by dots": {x: but(justNow(signature), func(_ *testing.T, x *Subject) { x.Name = "example.com/app/../x" }),
			want: refusal.NotTrusted},
		"no name": {x: but(justNow(signature), func(_ *testing.T, x *Subject) { x.Name = "" }), want: refusal.NotTrusted},
		"revoked": {x: justNow(stolens), trust: func(s *Store, t *testing.T) { s.keep(t, Root, stolen) }, want: refusal.Revoked},
		"revoked, for another prefix": {x: justNow(stolens), trust: func(s *Store, t *testing.T) { s.keep(t, "example.org", stolen) },
			want: refusal.Revoked},
		"expired key":       {x: justNow(shorts), trust: func(s *Store, t *testing.T) { s.keep(t, Root, short) }, want: refusal.Expired},
		"expired signature": {x: justNow(briefs), trust: func(s *Store, t *testing.T) { s.keep(t, Root, brief) }, want: refusal.Expired},
		"weak key":          {x: justNow(weak.Sign(image)), trust: func(s *Store, t *testing.T) { s.keep(t, Root, weak) }, want: refusal.Weak, detail: "1024"},
		"a broken key file": {x: justNow(nobody.Sign(image)), trust: func(s *Store, t *testing.T) {
			write(t, s.inConfig(keyFile(Root, nobody.Fingerprint())), []byte("torn"))
		}, want: refusal.UnknownKey, detail: keyFile(Root, nobody.Fingerprint()) + ": "},

		"recorded":       {x: aWas, by: a},
		"by a subkey":    {x: recorded(sub.Sign(image), sub, now), by: sub},
		"on another day": {x: recorded(a.Sign(image), a, hours(24)), by: a}, // a clock that ran ahead
		"recorded for a name of another": {x: but(aWas, func(_ *testing.T, x *Subject) { x.Name = "example.org/app" }),
			want: refusal.NotTrusted},
		"its key was removed": {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.By = "alice <a@example.com>\x1b[2J" }),
			trust: func(s *Store, t *testing.T) { s.Remove(a.Fingerprint(), nil) },
			want:  refusal.UnknownKey, detail: "unknown key " + a.KeyID() + ": it was trusted on " + now.UTC().Format("2006-01-02") + `, and is not any more ("alice <a@example.com>\x1b[2J")`},
		"its key moved to another prefix": {x: aWas, trust: func(s *Store, t *testing.T) {
			s.Remove(a.Fingerprint(), nil)
			s.keep(t, "example.org", a)
		}, want: refusal.NotTrusted, detail: "counts for example.org"},
		"its key was masked": {x: aWas, trust: func(s *Store, t *testing.T) {
			file := keyFile("example.com/app", a.Fingerprint())
			write(t, filepath.Join(s.folders.System, file), a.Armored())
			write(t, s.inConfig(file), nil)
		}, want: refusal.UnknownKey},
		"its key was revoked":     {x: recorded(stolens, stolen, hours(-1)), trust: func(s *Store, t *testing.T) { s.keep(t, Root, stolen) }, want: refusal.Revoked},
		"another signer's is not": {x: recorded(both, a, now), trust: func(s *Store, t *testing.T) { s.Remove(a.Fingerprint(), nil) }, by: b},
		"its key expired since":   {x: recorded(shorts, short, hours(-60)), trust: func(s *Store, t *testing.T) { s.keep(t, Root, short) }, by: short},
		"it expired since":        {x: recorded(briefs, brief, hours(-60)), trust: func(s *Store, t *testing.T) { s.keep(t, Root, brief) }, by: brief},

		// A record that somebody rewrote says no more than what can be found true.
		"without its words": {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.By = "" }), by: a},
		"with another key":  {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.Key = b.Fingerprint() }), by: a},
		"with a key that is trusted for all, and didn't sign": {x: but(recorded(nobody.Sign(image), nobody, now), func(_ *testing.T, x *Subject) {
			x.Recorded.Key = b.Fingerprint()
		}), want: refusal.UnknownKey, detail: nobody.KeyID()},
		"with a key that is a path": {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.Key = "../../etc/passwd" }), by: a},
		"without its signature":     {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.Signature = nil }), want: refusal.NoSignature},
		"with half a signature":     {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.Signature = x.Recorded.Signature[:40] }), want: refusal.BadSignature},
		"with a changed signature":  {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.Signature[len(x.Recorded.Signature)-5] ^= 1 }), want: refusal.BadSignature},
		"with another's signature":  {x: but(aWas, func(t *testing.T, x *Subject) { x.Recorded.Signature = signatureOf(t, a.Sign([]byte("other"))).Bytes() }), want: refusal.BadSignature},
		"with another's hashes":     {x: but(aWas, func(t *testing.T, x *Subject) { x.Evidence.Hashes = stateOf(t, []byte("other")) }), want: refusal.BadSignature},
		"without hashes":            {x: but(aWas, func(_ *testing.T, x *Subject) { x.Evidence.Hashes = nil }), want: refusal.NoSignature},
		"from before it was signed": {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.At = hours(-1000) }), want: refusal.BadSignature},
		"by a weak key":             {x: recorded(weak.Sign(image), weak, hours(-1)), trust: func(s *Store, t *testing.T) { s.keep(t, Root, weak) }, want: refusal.Weak, detail: "1024"},
		"with a weak digest":        {x: but(aWas, func(_ *testing.T, x *Subject) { x.Recorded.Signature = sha1 }), want: refusal.Weak, detail: "SHA-1"},
		"from no time at all":       {x: recorded(shorts, short, time.Time{}), trust: func(s *Store, t *testing.T) { s.keep(t, Root, short) }, want: refusal.Expired},
		"from the future":           {x: recorded(shorts, short, hours(1)), trust: func(s *Store, t *testing.T) { s.keep(t, Root, short) }, want: refusal.Expired},
		"with a pin that nobody gave": {x: but(aWas, func(_ *testing.T, x *Subject) {
			*x.Recorded = store.Verification{By: "digest approved", Pin: string(busy), At: now}
		}), want: refusal.NoSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			s.keep(t, "example.com/app", a)
			s.keep(t, Root, b)
			s.keep(t, Root, sub)
			if c.trust != nil {
				c.trust(s, t)
			}
			x := c.x(t)
			v, err := s.Judge(x)
			foresees(t, s, x, err)
			if c.want != 0 {
				if v != nil {
					t.Errorf("%+v vouches", v)
				}
				refused(t, err, c.want, c.detail)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := parsed(t, c.by.Armored())
			if v.Key != want.Fingerprint() || v.By != want.UserID() || v.Pin != "" || len(v.Signature) == 0 {
				t.Errorf("%+v; want %s", v, want.Fingerprint())
			}
			if x.Given == nil && x.Recorded.At.Before(now.Add(time.Hour)) && !v.At.Equal(x.Recorded.At) {
				t.Errorf("verified at %v, recorded at %v", v.At, x.Recorded.At)
			}
			// What was found can be found again, from what is kept of it.
			x.Given, x.Recorded = nil, v
			if again, err := s.Judge(x); err != nil || again.Key != v.Key || !again.At.Equal(v.At) {
				t.Errorf("later: %+v, %v", again, err)
			}
		})
	}
}

func TestSignersAreFoundBeforeTheNameIsKnown(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	a, b := home.Key("alice"), home.Key("bob")
	s := opened(t)
	s.keep(t, "example.com", a)
	state := *stateOf(t, image)
	for name, c := range map[string]struct {
		by   []byte
		want refusal.Kind
	}{
		"known":       {a.Sign(image), 0},
		"unknown":     {b.Sign(image), refusal.UnknownKey},
		"one of them": {b.Sign(image, gpg.And(a)), 0},
		"bad":         {a.Sign([]byte("x")), refusal.BadSignature},
	} {
		sig := signatureOf(t, c.by)
		signers, err := s.Signers(sig, state)
		if c.want != 0 {
			refused(t, err, c.want, "")
			_, err = signers.For("example.com/app")
			refused(t, err, refusal.NotTrusted, "") // nothing to misuse
			continue
		}
		if err != nil {
			t.Error(name, err)
		}
		if v, err := signers.For("example.com/app"); err != nil || v.Key != a.Fingerprint() {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		_, err = signers.For("example.org")
		refused(t, err, refusal.NotTrusted, "example.org")
	}
	_, err := s.Signers(nil, state)
	refused(t, err, refusal.NoSignature, "")
}

func TestApprovedDigestsVouch(t *testing.T) {
	t.Parallel()
	id := "sha512-" + hex128
	index, manifest := string(busy), "docker://docker.io/library/busybox@sha256:"+strings.Repeat("f", 64)
	image := Subject{Name: "docker.io/library/busybox", ID: id, Evidence: Evidence{Digests: []string{index, manifest}}}
	before := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	was := image
	was.Recorded = &store.Verification{By: "digest approved", Pin: index, At: before}
	for name, c := range map[string]struct {
		approved string
		x        Subject
		vouches  bool
		detail   string
	}{
		"the index":               {index, image, true, ""},
		"the manifest":            {manifest, image, true, ""},
		"the image":               {id, image, true, ""},
		"the image alone":         {id, Subject{Name: "example.com/app", ID: id}, true, ""},
		"another way to write it": {index, Subject{Name: "x", Evidence: Evidence{Digests: []string{"docker://busybox:1.36@" + strings.SplitAfter(index, "@")[1]}}}, true, ""},
		"recorded":                {index, was, true, ""},
		"nothing":                 {"", image, false, ""},
		"another repository":      {"docker://docker.io/evil/busybox@" + strings.SplitAfter(index, "@")[1], image, false, ""},
		"another image":           {"sha512-" + strings.Repeat("0", 128), image, false, ""},
		"withdrawn":               {"", was, false, "its digest was approved on 2026-01-02, and is not any more"},
		"digests that are none":   {index, Subject{Name: "x", ID: "../../etc", Evidence: Evidence{Digests: []string{"", "docker://../..@x", "/etc/passwd"}}}, false, ""},
		"another one approved":    {manifest, was, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			if c.approved != "" {
				if _, err := s.Approve(Pin(c.approved), ""); err != nil {
					t.Fatal(err)
				}
			}
			v, err := s.Judge(c.x)
			if !c.vouches {
				refused(t, err, refusal.NoSignature, c.detail)
				return
			}
			if err != nil || v.By != "digest approved" || v.Pin != c.approved || v.Key != "" {
				t.Fatalf("%+v, %v", v, err)
			}
			if r := c.x.Recorded; r != nil && r.Pin == v.Pin && !v.At.Equal(r.At) {
				t.Error("it was approved before", v.At)
			}
		})
	}
	s := opened(t)
	write(t, s.inConfig(busy.file()), []byte("torn"))
	_, err := s.Judge(image)
	refused(t, err, refusal.NoSignature, busy.file()+": not an approval")
}

// "For this image only": a key that is believed once leaves an approval of the image.
// Its signature stays, and counts when the key does.
func TestSignatureOfAnApprovedImageIsKept(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice", gpg.CreatedAt(time.Now().Add(-time.Hour)))
	s := opened(t)
	id := Pin("sha512-" + hex128)
	x := recorded(a.Sign(image), a, time.Now())(t)
	x.ID, x.Recorded.Pin = string(id), string(id)
	if _, err := s.Approve(id, ""); err != nil {
		t.Fatal(err)
	}
	v, err := s.Judge(x)
	if err != nil || !reflect.DeepEqual(v, x.Recorded) {
		t.Fatalf("%+v, %v", v, err)
	}
	// Who signed is told of that record alone.
	nameless, other := *x.Recorded, *x.Recorded
	nameless.By, nameless.Key, other.Pin = "", "", string(busy)
	for name, r := range map[string]store.Verification{"of nobody": nameless, "of another pin": other} {
		y := x
		y.Recorded = &r
		if v, err := s.Judge(y); err != nil || v.By != "digest approved" || v.Key != "" || v.Pin != string(id) || len(v.Signature) == 0 {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	if err := s.Withdraw(id); err != nil {
		t.Error(err)
	}
	x.Recorded = v
	_, err = s.Judge(x)
	refused(t, err, refusal.UnknownKey, a.KeyID()+": it was believed for this image alone on ")
	s.keep(t, "example.com", a)
	if v, err = s.Judge(x); err != nil || v.Key != a.Fingerprint() || v.Pin != "" {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestWhatCannotBeReadIsNoRefusal(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	s := opened(t)
	os.WriteFile(s.folders.Config, nil, 0o644)
	v, err := s.Judge(given(t, a.Sign(image)))
	if v != nil || err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Error(v, err)
	}
	if _, err := s.Book(); err == nil {
		t.Error("no error")
	}
	if _, err := s.Signers(signatureOf(t, a.Sign(image)), *stateOf(t, image)); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Error(err)
	}
}
