package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/podtui/podtui/store/imagefile"
	"github.com/podtui/podtui/store/seal"
)

// commit imports an archive with what is known of why it is believed.
func commit(t testing.TB, s *Store, archive []byte, o CommitOptions) (Image, error) {
	t.Helper()
	d, err := s.Draft()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.ReadACI(context.Background(), bytes.NewReader(archive), ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	img, _, err := d.Commit(context.Background(), o)
	return img, err
}

func standingOf(img Image) standing { return standing{img.Verified, img.Evidence, img.Insecure} }

func signedBy(name string) *Verification {
	return &Verification{By: name, Key: strings.Repeat("ab", 20), Signature: []byte(name + "\x00\xff"), At: time.Unix(1_700_000_000, 5).UTC()}
}

func approved(pin string) *Verification {
	return &Verification{By: "digest approved", Pin: pin, At: time.Unix(1_700_000_000, 5).UTC()}
}

// What an image had and what comes with it once more: what it has then.
func TestImageThatComesAgain(t *testing.T) {
	t.Parallel()
	one, two := json.RawMessage(`{"hashes":"1"}`), json.RawMessage(`{"hashes":"2"}`)
	ann, bob := signedBy("Ann"), approved("docker://example.com/a@sha256:0")
	for name, test := range map[string]struct{ was, comes, want standing }{
		"nothing twice":                    {standing{}, standing{}, standing{}},
		"verified at last":                 {standing{nil, one, []string{"image"}}, standing{ann, two, nil}, standing{ann, two, nil}},
		"verified by another":              {standing{ann, one, nil}, standing{bob, two, []string{"http"}}, standing{bob, two, []string{"http"}}},
		"verified without evidence":        {standing{ann, one, nil}, standing{bob, nil, nil}, standing{bob, nil, nil}},
		"verified stays so":                {standing{ann, one, []string{"tls"}}, standing{nil, two, []string{"image"}}, standing{ann, one, []string{"tls"}}},
		"the newer evidence":               {standing{nil, one, []string{"image"}}, standing{nil, two, []string{"image", "tls"}}, standing{nil, two, []string{"image", "tls"}}},
		"evidence is not lost":             {standing{nil, one, []string{"image"}}, standing{}, standing{nil, one, nil}},
		"the first evidence comes later":   {standing{}, standing{nil, two, []string{"image"}}, standing{nil, two, []string{"image"}}},
		"what was done without is renewed": {standing{nil, one, []string{"image"}}, standing{nil, one, []string{"http"}}, standing{nil, one, []string{"http"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			archive := named(t, "example.com/a")
			for _, st := range []standing{test.was, test.comes} {
				if _, err := commit(t, s, archive, CommitOptions{Verified: st.Verified, Evidence: st.Evidence, Insecure: st.Insecure}); err != nil {
					t.Fatal(err)
				}
			}
			wantStanding(t, s, test.want)
			before := snapshot(t, s.path(imagesDir))
			if _, err := commit(t, s, archive, CommitOptions{Evidence: test.want.Evidence, Insecure: test.want.Insecure}); err != nil {
				t.Fatal(err)
			}
			if after := snapshot(t, s.path(imagesDir)); after != before {
				t.Error("the record was written anew with nothing new in it")
			}
		})
	}
}

// wantStanding expects it of the only image: of its record, of its line of the
// index, and of the index that a collection makes.
func wantStanding(t *testing.T, s *Store, want standing) {
	t.Helper()
	e := mustList(t, s)[0]
	img, err := s.Get(e.ID)
	if err != nil || !reflect.DeepEqual(standingOf(img), want) {
		t.Errorf("got %+v, %v, want %+v", standingOf(img), err, want)
	}
	told := Entry{}
	told.tell(want.Verified)
	for range 2 {
		if e := mustList(t, s)[0]; e.VerifiedBy != told.VerifiedBy || e.VerifiedKey != told.VerifiedKey || e.VerifiedPin != told.VerifiedPin {
			t.Errorf("listed as %+v, want %+v", e, told)
		}
		if found := verify(t, s, e.ID); len(found) > 0 {
			t.Errorf("damaged: %v", found)
		}
		collect(t, s)
	}
}

// vouchWhatever has an image say who vouches for it, whatever it is stacked on.
func (s *Store) vouchWhatever(id string, v *Verification) error {
	return s.vouch(id, func(record) bool { return true }, v)
}

func TestVouch(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a", "version=1")
	img, err := commit(t, s, archive, CommitOptions{Evidence: json.RawMessage("{\n \"x\": \"<>\"\n}"), Insecure: []string{"image"}})
	if err != nil {
		t.Fatal(err)
	}
	evidence := json.RawMessage(`{"x":"\u003c\u003e"}`) // a record is one line
	wantStanding(t, s, standing{nil, evidence, []string{"image"}})
	if img, err = s.Get(img.ID); err != nil {
		t.Fatal(err)
	}
	used := img.Used
	for _, v := range []*Verification{signedBy("Ann"), signedBy("Bob"), approved(img.ID), signedBy("Ann")} {
		if err := s.vouchWhatever(img.ID, v); err != nil {
			t.Fatal(err)
		}
		wantStanding(t, s, standing{v, evidence, []string{"image"}})
		if img, err := s.Get(img.ID); err != nil || !img.Used.Equal(used) {
			t.Errorf("to vouch counts as a use: %v, %v", img.Used, err)
		}
	}
	if !bytes.Equal(export(t, s, img.ID), archive) {
		t.Error("the export is another")
	}
}

func TestVouchRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	before := snapshot(t, s.dir)
	gone := idPrefix + strings.Repeat("0", 128)
	for _, test := range []struct {
		id   string
		v    *Verification
		want string
	}{
		{gone, signedBy("Ann"), (&NotFoundError{Image: gone}).Error()},
		{"../../" + img.ID, signedBy("Ann"), (&NotFoundError{Image: "../../" + img.ID}).Error()},
		{img.ID, nil, "a verification is expected, and nobody vouches"},
		{img.ID, &Verification{By: "Ann", Signature: make([]byte, maxSignature+1)}, "the signature of an image has 65537 bytes, and may have 65536"},
	} {
		if err := s.vouchWhatever(test.id, test.v); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	if after := snapshot(t, s.dir); after != before {
		t.Errorf("the store was\n%s and is\n%s", before, after)
	}
	truncate(t, s, img)
	var damaged *DamagedError
	if err := s.vouchWhatever(img.ID, signedBy("Ann")); !errors.As(err, &damaged) {
		t.Errorf("got %v", err)
	}
}

// A start reads all of a record: it is bounded when it is written.
func TestBoundsOfARecord(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a")
	quoted := func(n int) json.RawMessage { return json.RawMessage(`"` + strings.Repeat("x", n-2) + `"`) }
	for name, test := range map[string]struct {
		o    CommitOptions
		want string
	}{
		"evidence":                 {CommitOptions{Evidence: quoted(maxEvidence + 1)}, "the evidence of an image has 16385 bytes, and may have 16384"},
		"evidence that is escaped": {CommitOptions{Evidence: json.RawMessage(`"` + strings.Repeat("<", maxEvidence/6+1) + `"`)}, "the evidence of an image has 16388 bytes, and may have 16384"},
		"no JSON":                  {CommitOptions{Evidence: json.RawMessage("{}\n{}")}, "the evidence of an image is not JSON"},
		"empty":                    {CommitOptions{Evidence: json.RawMessage{}}, "the evidence of an image is not JSON"},
		"signature":                {CommitOptions{Verified: &Verification{Signature: make([]byte, maxSignature+1)}}, "the signature of an image has 65537 bytes, and may have 65536"},
	} {
		if _, err := commit(t, s, archive, test.o); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
		wantEmpty(t, s)
	}
	v := signedBy("Ann")
	v.Signature = bytes.Repeat([]byte{7}, maxSignature)
	if _, err := commit(t, s, archive, CommitOptions{Verified: v, Evidence: quoted(maxEvidence)}); err != nil {
		t.Fatal(err)
	}
	wantStanding(t, s, standing{v, quoted(maxEvidence), nil})
}

// Who vouches is what strangers call themselves. It is kept as text, cut, and as
// one line of the index.
func TestHostileUserIDsAreKept(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                             strings.Repeat("ab", 20), // a key without one: then its fingerprint is what listings have
		"Ann\tB\n=c\t=d\x1b[2J\x00 %":  "Ann\tB\n=c\t=d\x1b[2J\x00 %",
		"\xff\xfeAnn\xc3":              "\ufffdAnn\ufffd",
		strings.Repeat("x", 10_000):    strings.Repeat("x", maxBy) + "…",
		"a" + strings.Repeat("ö", 300): "a" + strings.Repeat("ö", maxBy/2-1) + "…",
		"日本の建設 \u202egpj.exe":          "日本の建設 \u202egpj.exe",
	} {
		t.Run(fmt.Sprintf("%.30q", given), func(t *testing.T) {
			t.Parallel()
			s := open(t)
			v := signedBy("Ann")
			v.By, v.Pin = given, given
			img, err := commit(t, s, named(t, "example.com/a", "version=1"), CommitOptions{Verified: v})
			if err != nil {
				t.Fatal(err)
			}
			if e := mustList(t, s)[0]; e.VerifiedBy != want || e.VerifiedKey != v.Key || e.Version() != "1" {
				t.Errorf("listed as %+v, want %q", e, want)
			}
			if v.By != given {
				t.Error("the caller's verification was changed")
			}
			if img, err = s.Get(img.ID); err != nil || img.Verified.By != want && given != "" {
				t.Errorf("recorded as %+v, %v", img.Verified, err)
			}
			if found := verify(t, s, img.ID); len(found) > 0 {
				t.Errorf("damaged: %v", found)
			}
		})
	}
}

// Records and lines of the index that an older podtui wrote are read as they are.
func TestOlderRecordsAreRead(t *testing.T) {
	t.Parallel()
	for verified, want := range map[string]*Verification{
		``: nil,
		`,"verified":{"by":"Ann B","key":"4b1f","at":"2023-11-14T22:13:20.000000005Z"}`: {By: "Ann B", Key: "4b1f", At: time.Unix(1_700_000_000, 5).UTC()},
	} {
		s := open(t)
		img := add(t, s, named(t, "example.com/a", "version=1"))
		manifest, err := s.ManifestJSON(img.ID)
		if err != nil {
			t.Fatal(err)
		}
		record := fmt.Sprintf(`{"id":%q,"size":%d,"imported":"2023-11-14T22:13:20Z","layers":[%q]%s}`, img.ID, img.Size, img.ID, verified)
		by := ""
		if want != nil {
			by = "\t=Ann+B"
		}
		line := fmt.Sprintf("%s\t1700000000000000000\t%d\texample.com/a%s\tversion=1", img.ID, img.Size, by)
		err = errors.Join(
			os.WriteFile(s.path(imagesDir, img.ID), seal.Seal(imagefile.Head, []byte(record+"\n"+string(manifest))), 0o600),
			os.WriteFile(s.path(indexFile), fmt.Appendf(nil, "%08x\t%s\n", crc32.ChecksumIEEE([]byte(line)), line), 0o600))
		if err != nil {
			t.Fatal(err)
		}
		e := mustList(t, s)[0]
		if (e.VerifiedBy == "Ann B") != (want != nil) || e.VerifiedKey != "" || e.Version() != "1" {
			t.Errorf("listed as %+v", e)
		}
		if found := verify(t, s, img.ID); len(found) > 0 {
			t.Errorf("damaged: %v", found)
		}
		if img, err := s.Get(img.ID); err != nil || !reflect.DeepEqual(standingOf(img), standing{Verified: want}) {
			t.Errorf("got %+v, %v", standingOf(img), err)
		}
		collect(t, s)
		wantStanding(t, s, standing{Verified: want})
		if err := s.vouchWhatever(img.ID, signedBy("Bob")); err != nil {
			t.Fatal(err)
		}
		wantStanding(t, s, standing{Verified: signedBy("Bob")})
	}
}

// Who changes by hand what a record says of why its image is believed has a
// damaged image, and it can't be vouched for. The same archive mends it.
func TestTamperedStandingIsDamage(t *testing.T) {
	t.Parallel()
	archive := named(t, "example.com/a")
	v := signedBy("Ann")
	for _, change := range [][2]string{
		{`"hashes":"1"`, `"hashes":"2"`},
		{`"insecure":["http"]`, `"insecure":[]`},
		{v.Key, strings.Repeat("cd", 20)},
		{`"by":"Ann"`, `"by":"Bob"`},
		{`"signature":"QW5uAP8="`, `"signature":"Qm9iAP8="`},
		{`"at":"2023`, `"at":"2024`},
		{`"verified":`, `"Nobody":`},
		{`"pin":"docker://x@sha256:0"`, `"pin":"docker://x@sha256:1"`},
	} {
		t.Run(change[0], func(t *testing.T) {
			t.Parallel()
			s := open(t)
			v := signedBy("Ann")
			v.Pin = "docker://x@sha256:0"
			img, err := commit(t, s, archive, CommitOptions{Verified: v, Evidence: json.RawMessage(`{"hashes":"1"}`), Insecure: []string{"http"}})
			if err != nil {
				t.Fatal(err)
			}
			path := s.path(imagesDir, img.ID)
			file, err := os.ReadFile(path)
			if err != nil || bytes.Count(file, []byte(change[0])) != 1 {
				t.Fatalf("%s, %v", file, err)
			}
			if err := os.WriteFile(path, bytes.Replace(file, []byte(change[0]), []byte(change[1]), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			var damaged *DamagedError
			if _, err := s.Get(img.ID); !errors.As(err, &damaged) {
				t.Errorf("got %v", err)
			}
			if err := s.vouchWhatever(img.ID, signedBy("Bob")); !errors.As(err, &damaged) {
				t.Errorf("vouched: %v", err)
			}
			if found := verify(t, s, img.ID); len(found) == 0 {
				t.Error("no damage is found")
			}
			if _, err := commit(t, s, archive, CommitOptions{}); err != nil {
				t.Fatal(err)
			}
			wantStanding(t, s, standing{})
		})
	}
}

// Many vouch at once, in one process and in several, while others remove, import
// and collect: record and index agree in the end.
func TestManyVouchAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a")
	id := add(t, s, archive).ID
	path := filepath.Join(t.TempDir(), "image.aci")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for n := range 5 {
				if err := s.vouchWhatever(id, signedBy(fmt.Sprint(i, " ", n))); err != nil && !errors.Is(err, ErrNotFound) {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			if out, err := spawn(s, "vouch", id, "").CombinedOutput(); err != nil && !bytes.Contains(out, []byte((&NotFoundError{Image: id}).Error())) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	group.Go(func() {
		if err := s.Remove(id); err != nil {
			t.Error(err)
		}
		add(t, s, archive)
		collect(t, s)
	})
	group.Wait()
	if err := s.vouchWhatever(id, signedBy("Ann")); err != nil {
		t.Fatal(err)
	}
	wantStanding(t, s, standing{Verified: signedBy("Ann")})
	if left := remains(t, s); !slices.Contains(left, indexFile) || len(left) != 3 {
		t.Errorf("the store has %q", left)
	}
}
