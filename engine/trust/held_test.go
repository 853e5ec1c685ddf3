package trust

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/openpgp"
)

// parsed is the key that gpg exported.
func parsed(t testing.TB, raw []byte) *openpgp.Key {
	t.Helper()
	keys, err := openpgp.ReadKeys(bytes.NewReader(raw))
	if err != nil || len(keys) != 1 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	return keys[0]
}

// private is a key file that should never have left its owner.
func private(t testing.TB) (fingerprint string, raw []byte) {
	t.Helper()
	entity, err := pgp.NewEntity("careless", "", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := entity.SerializePrivate(&out, nil); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", entity.PrimaryKey.Fingerprint), out.Bytes()
}

// trusted is where keys count, a line for each.
func trusted(s *Store) (list string, warnings []error) {
	held, warnings := s.Keys()
	var lines []string
	for _, h := range held {
		folder, from := s.folders.Config, "config"
		if h.System {
			folder, from = s.folders.System, "system"
		}
		name, _ := filepath.Rel(folder, h.Path)
		lines = append(lines, fmt.Sprintf("%q %s %s/%s", h.Scope, h.Key.UserID(), from, name))
	}
	return sortedLines(strings.Join(lines, "\n")), warnings
}

func sortedLines(s string) string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Files are written as "config/…" and "system/…", with {a} and {b} for fingerprints.
func TestKeysCountByTheirPlaceAndName(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	a, b := home.Key("alice"), home.Key("bob")
	secretName, secret := private(t)
	names := strings.NewReplacer("{A}", strings.ToUpper(a.Fingerprint()), "{a}", a.Fingerprint(), "{b}", b.Fingerprint(), "{s}", secretName)
	armored, binary, bobs := string(a.Armored()), string(a.Binary()), string(b.Armored())

	const top = "config/trustedkeys/"
	for name, c := range map[string]struct {
		files    map[string]string
		special  func(dir string) error // dir has config and system
		want     string
		warnings []string // parts of each, in their order
	}{
		"none":                    {},
		"for all":                 {files: map[string]string{top + "root.d/{a}": armored}, want: `"" alice config/trustedkeys/root.d/{a}`},
		"binary":                  {files: map[string]string{top + "root.d/{a}": binary}, want: `"" alice config/trustedkeys/root.d/{a}`},
		"capitals":                {files: map[string]string{top + "root.d/{A}": armored}, want: `"" alice config/trustedkeys/root.d/{A}`},
		"both cases are one key":  {files: map[string]string{top + "root.d/{A}": armored, top + "root.d/{a}": binary}, want: `"" alice config/trustedkeys/root.d/{A}`},
		"one case masks it":       {files: map[string]string{top + "root.d/{A}": "", top + "root.d/{a}": binary}},
		"the system's":            {files: map[string]string{"system/trustedkeys/prefix.d/coreos.com/etcd/{a}": armored}, want: `"coreos.com/etcd" alice system/trustedkeys/prefix.d/coreos.com/etcd/{a}`},
		"masked":                  {files: map[string]string{"system/trustedkeys/root.d/{a}": armored, top + "root.d/{a}": ""}},
		"masked in capitals":      {files: map[string]string{"system/trustedkeys/root.d/{a}": armored, top + "root.d/{A}": ""}},
		"masked for a prefix":     {files: map[string]string{"system/trustedkeys/prefix.d/x.y/{a}": armored, top + "prefix.d/x.y/{a}": ""}},
		"masked elsewhere":        {files: map[string]string{"system/trustedkeys/root.d/{a}": armored, top + "prefix.d/x.y/{a}": ""}, want: `"" alice system/trustedkeys/root.d/{a}`},
		"another one is masked":   {files: map[string]string{"system/trustedkeys/root.d/{a}": armored, top + "root.d/{b}": ""}, want: `"" alice system/trustedkeys/root.d/{a}`},
		"the system masks nobody": {files: map[string]string{"system/trustedkeys/root.d/{a}": "", top + "root.d/{a}": armored}, want: `"" alice config/trustedkeys/root.d/{a}`},
		"ours goes before theirs": {files: map[string]string{"system/trustedkeys/root.d/{a}": armored, top + "root.d/{a}": armored}, want: `"" alice config/trustedkeys/root.d/{a}`},
		"ours is broken": {files: map[string]string{"system/trustedkeys/root.d/{a}": armored, top + "root.d/{a}": "x"},
			warnings: []string{"config/trustedkeys/root.d/{a}: "}},
		"two folders deep": {
			files: map[string]string{top + "prefix.d/x.y/{a}": armored, top + "prefix.d/x.y/z/{a}": armored, top + "prefix.d/x.y/z/{b}": bobs, "system/trustedkeys/root.d/{b}": bobs},
			want: `"" bob system/trustedkeys/root.d/{b}
"x.y" alice config/trustedkeys/prefix.d/x.y/{a}
"x.y/z" alice config/trustedkeys/prefix.d/x.y/z/{a}
"x.y/z" bob config/trustedkeys/prefix.d/x.y/z/{b}`,
		},
		"another's name":       {files: map[string]string{top + "root.d/{a}": bobs}, warnings: []string{"root.d/{a}: holds the key {b}, and is named for another"}},
		"two keys":             {files: map[string]string{top + "root.d/{a}": armored + bobs}, warnings: []string{"root.d/{a}: 2 keys; a file has one"}},
		"a private key":        {files: map[string]string{top + "root.d/{s}": string(secret)}, warnings: []string{"root.d/{s}: "}},
		"torn":                 {files: map[string]string{top + "root.d/{a}": binary[:len(binary)/2]}, warnings: []string{"root.d/{a}: "}},
		"10 MB":                {files: map[string]string{top + "root.d/{a}": long(armored, 10<<20/len(armored))}, warnings: []string{"root.d/{a}: larger than 1048576 bytes"}},
		"a text":               {files: map[string]string{top + "root.d/README": "keys"}, warnings: []string{"root.d/README: not named by a key's fingerprint"}},
		"a key ID":             {files: map[string]string{top + "root.d/" + a.KeyID(): armored}, warnings: []string{"not named by a key's fingerprint"}},
		"an ending":            {files: map[string]string{top + "root.d/{a}.asc": armored}, warnings: []string{"{a}.asc: not named by a key's fingerprint"}},
		"leftovers":            {files: map[string]string{top + "root.d/.{a}.swp": "x", top + "root.d/{a}~": "x", top + "root.d/{a}.bak": "x", top + "root.d/{a}.dpkg-old": "x", top + "prefix.d/.git/x": "x", top + "root.d/.podtui-new": armored}},
		"of no prefix":         {files: map[string]string{top + "prefix.d/{a}": armored}, warnings: []string{"prefix.d/{a}: in the folder of no prefix; it belongs in root.d"}},
		"a folder in root.d":   {files: map[string]string{top + "root.d/x.y/{a}": armored}, warnings: []string{"root.d/x.y: a folder"}},
		"a prefix in capitals": {files: map[string]string{top + "prefix.d/X.y/{a}": armored}, warnings: []string{"prefix.d/X.y: no prefix of images' names: names of images have no capitals; write x.y"}},
		"a prefix of a cursor": {files: map[string]string{top + "prefix.d/\x1b[2J\u202e\xff/{a}": armored}, warnings: []string{`prefix.d/\x1b[2J\u202e\xff: no prefix`}},
		"a cursor":             {files: map[string]string{top + "root.d/\x1b[2J\nx": armored}, warnings: []string{`root.d/\x1b[2J\nx: not named`}},
		"a prefix as a key":    {files: map[string]string{top + "prefix.d/x.y/{b}/{a}": armored}, warnings: []string{"looks like the fingerprint of a key"}},
		"the folder is a file": {files: map[string]string{"config/trustedkeys": "x", "system/trustedkeys/root.d/{a}": armored},
			warnings: []string{"trustedkeys/root.d: not a directory", "trustedkeys/prefix.d: not a directory", "system/trustedkeys: not read, since "}},
		"root.d is a file": {files: map[string]string{top + "root.d": "x", top + "prefix.d/x.y/{a}": armored},
			warnings: []string{"trustedkeys/root.d: not a directory", "system/trustedkeys: not read"}, want: `"x.y" alice config/trustedkeys/prefix.d/x.y/{a}`},
		"the system's is a file": {files: map[string]string{"system/trustedkeys": "x", top + "root.d/{a}": armored},
			warnings: []string{"trustedkeys/root.d: not a directory", "trustedkeys/prefix.d: not a directory"}, want: `"" alice config/trustedkeys/root.d/{a}`},
		"CONFIG is a file": {files: map[string]string{"config": "x"}, warnings: []string{"not a directory"}},
		"CONFIG is a link": {
			files:   map[string]string{"elsewhere/trustedkeys/root.d/{a}": armored},
			special: func(dir string) error { return os.Symlink("elsewhere", dir+"/config") },
			want:    `"" alice config/trustedkeys/root.d/{a}`,
		},
		"a FIFO": {special: func(dir string) error {
			os.MkdirAll(dir+"/"+top+"root.d", 0o755)
			return unix.Mkfifo(dir+"/"+top+"root.d/"+a.Fingerprint(), 0o644)
		}, warnings: []string{"root.d/{a}: not a file"}},
		"a FIFO for a folder": {special: func(dir string) error {
			os.MkdirAll(dir+"/"+top, 0o755)
			return unix.Mkfifo(dir+"/"+top+"root.d", 0o644)
		}, warnings: []string{"root.d: not a directory", "not read, since"}},
		"a socket": {special: func(dir string) error {
			os.MkdirAll(dir+"/"+top+"root.d", 0o755)
			here, _ := os.MkdirTemp("/tmp", "s") // the path of a socket must be short
			defer os.RemoveAll(here)
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: here + "/s"})
			if err != nil {
				return err
			}
			defer l.Close()
			return os.Rename(here+"/s", dir+"/"+top+"root.d/"+a.Fingerprint())
		}, warnings: []string{"root.d/{a}: "}},
		"a folder for a key": {special: func(dir string) error {
			return os.MkdirAll(dir+"/"+top+"root.d/"+a.Fingerprint(), 0o755)
		}, warnings: []string{"root.d/{a}: a folder"}},
		"a link inside": {
			files: map[string]string{"config/keys/alice.asc": armored, top + "root.d/{b}": bobs},
			special: func(dir string) error {
				return os.Symlink("../../keys/alice.asc", dir+"/"+top+"root.d/"+a.Fingerprint())
			},
			want: "\"\" alice config/trustedkeys/root.d/{a}\n\"\" bob config/trustedkeys/root.d/{b}",
		},
		"root.d and prefix.d are links inside": {
			files: map[string]string{"config/shared/all/{a}": armored, "config/shared/some/x.y/{b}": bobs, top + ".keep": ""},
			special: func(dir string) error {
				os.Symlink("../shared/all", dir+"/"+top+"root.d")
				return os.Symlink("../shared/some", dir+"/"+top+"prefix.d")
			},
			want: "\"\" alice config/trustedkeys/root.d/{a}\n\"x.y\" bob config/trustedkeys/prefix.d/x.y/{b}",
		},
		"trustedkeys leads out": {
			files:    map[string]string{"outside/root.d/{a}": armored, "config/.keep": ""},
			special:  func(dir string) error { return os.Symlink("../outside", dir+"/config/trustedkeys") },
			warnings: []string{"trustedkeys/root.d: ", "trustedkeys/prefix.d: ", "system/trustedkeys: not read"},
		},
		"a link out of CONFIG": {
			files: map[string]string{"alice.asc": armored, "system/trustedkeys/root.d/{a}": armored, top + "root.d/.keep": ""},
			special: func(dir string) error {
				return os.Symlink("../../../alice.asc", dir+"/"+top+"root.d/"+a.Fingerprint())
			},
			warnings: []string{"root.d/{a}: a link to nothing, or out of "},
		},
		"a link to /dev/null masks": {
			files:   map[string]string{"system/trustedkeys/root.d/{a}": armored, top + "root.d/.keep": ""},
			special: func(dir string) error { return os.Symlink("/dev/null", dir+"/"+top+"root.d/"+a.Fingerprint()) },
		},
		"a link to a device": {
			files:    map[string]string{top + "root.d/.keep": ""},
			special:  func(dir string) error { return os.Symlink("/dev/zero", dir+"/"+top+"root.d/"+a.Fingerprint()) },
			warnings: []string{"root.d/{a}: a link to nothing, or out of "},
		},
		"a link to a folder": {
			files:    map[string]string{top + "prefix.d/x.y/{a}": armored},
			special:  func(dir string) error { return os.Symlink("..", dir+"/"+top+"prefix.d/x.y/circle") },
			want:     `"x.y" alice config/trustedkeys/prefix.d/x.y/{a}`,
			warnings: []string{"prefix.d/x.y/circle: a link that is not named by a key's fingerprint; links to folders are not followed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			dir := filepath.Dir(s.folders.Config)
			for name, content := range c.files {
				write(t, filepath.Join(dir, names.Replace(name)), []byte(content))
			}
			if c.special != nil {
				if err := c.special(dir); err != nil {
					t.Fatal(err)
				}
			}
			list, warnings := trusted(s)
			if want := sortedLines(names.Replace(c.want)); list != want {
				t.Errorf("%s\nwant\n%s", list, want)
			}
			if len(warnings) != len(c.warnings) {
				t.Fatalf("%q\nwant %q", warnings, c.warnings)
			}
			for i, want := range c.warnings {
				got := warnings[i].Error()
				if !strings.Contains(got, names.Replace(want)) || printable(got) != got || len(got) > 1000 {
					t.Errorf("%q; want %q", got, names.Replace(want))
				}
			}
		})
	}
}
