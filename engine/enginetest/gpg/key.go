package gpg

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Key is a key pair of a home.
type Key struct {
	home        *Home
	fingerprint string // in upper case, as gpg has it
	created     time.Time
}

// recipe is how a key is made.
type recipe struct {
	algorithm  string
	expires    string
	created    time.Time
	subkeys    []string
	certDigest string
}

// Option is a wish about a key.
type Option func(*recipe)

// RSA makes an RSA key of so many bits; gpg takes 1024 to 4096.
func RSA(bits int) Option {
	return func(r *recipe) { r.algorithm = "rsa" + strconv.Itoa(bits) }
}

// DSA makes a DSA key of 1024 bits.
func DSA() Option { return Algorithm("dsa1024") }

// Algorithm makes any other, in gpg's words: "nistp256", "dsa2048".
func Algorithm(name string) Option { return func(r *recipe) { r.algorithm = name } }

// Expires lets the key end so long after it was made, in gpg's words: "1d",
// "seconds=100".
func Expires(after string) Option { return func(r *recipe) { r.expires = after } }

// CreatedAt makes the key at another time than now.
func CreatedAt(t time.Time) Option { return func(r *recipe) { r.created = t } }

// SigningSubkey gives the key a subkey, which then makes its signatures.
func SigningSubkey() Option { return func(r *recipe) { r.subkeys = append(r.subkeys, "sign") } }

// EncryptionSubkey gives the key a subkey that signs nothing.
func EncryptionSubkey() Option { return func(r *recipe) { r.subkeys = append(r.subkeys, "encr") } }

// SelfDigest makes the key's signatures over itself with another digest: "SHA1".
func SelfDigest(name string) Option { return func(r *recipe) { r.certDigest = name } }

// Key makes a key that signs, by default ed25519 that never expires.
func (h *Home) Key(userID string, wishes ...Option) Key {
	h.tb.Helper()
	r := recipeOf(wishes)
	// The status says which key was made: a user id need not be unique.
	status := h.run(nil, append(r.begin(), "--status-fd", "1", "--quick-gen-key", "--", userID, r.algorithm, "sign", r.expires)...)
	k := Key{home: h, created: r.created}
	for line := range strings.Lines(string(status)) {
		if words := strings.Fields(line); len(words) == 4 && words[1] == "KEY_CREATED" {
			k.fingerprint = words[3]
		}
	}
	if k.fingerprint == "" {
		h.tb.Fatalf("gpg doesn't say which key it made: %s", status)
	}
	for _, usage := range r.subkeys {
		k.addSubkey(r, usage)
	}
	return k
}

// begin are the arguments that everything about such a key begins with.
func (r recipe) begin() []string {
	args := append(at(r.created), "--batch")
	if r.certDigest != "" {
		args = append(args, weakDigest(r.certDigest)...)
	}
	return args
}

// AddSubkey gives the key a signing subkey that is unlike it, by default ed25519.
func (k Key) AddSubkey(wishes ...Option) {
	k.home.tb.Helper()
	k.addSubkey(recipeOf(wishes), "sign")
}

func (k Key) addSubkey(r recipe, usage string) {
	k.home.tb.Helper()
	algorithm := r.algorithm
	if usage == "encr" {
		algorithm = "cv25519"
	}
	k.home.run(nil, append(r.begin(), "--quick-add-key", k.fingerprint, algorithm, usage, r.expires)...)
}

func recipeOf(wishes []Option) recipe {
	r := recipe{algorithm: "ed25519", expires: "never"}
	for _, wish := range wishes {
		wish(&r)
	}
	return r
}

// Fingerprint is the primary key's, in lower-case hex.
func (k Key) Fingerprint() string { return strings.ToLower(k.fingerprint) }

// KeyID is the last 16 digits of the fingerprint, in upper case.
func (k Key) KeyID() string { return k.fingerprint[len(k.fingerprint)-16:] }

// Subkeys are the fingerprints of the subkeys, in lower-case hex.
func (k Key) Subkeys() []string {
	k.home.tb.Helper()
	var fingerprints []string
	for line := range strings.Lines(string(k.home.run(nil, "--batch", "--with-colons", "--list-keys", k.fingerprint))) {
		if fields := strings.Split(line, ":"); fields[0] == "fpr" {
			fingerprints = append(fingerprints, strings.ToLower(fields[9]))
		}
	}
	return fingerprints[1:]
}

// Armored is the public key as text, as it is now.
func (k Key) Armored() []byte { return k.export("--armor") }

// Binary is the public key as packets, as it is now.
func (k Key) Binary() []byte { return k.export() }

// Minimal is the public key as text, with its newest signatures only.
func (k Key) Minimal() []byte { return k.export("--armor", "--export-options", "export-minimal") }

func (k Key) export(options ...string) []byte {
	k.home.tb.Helper()
	return k.home.run(nil, append(append([]string{"--batch"}, options...), "--export", k.fingerprint)...)
}

// AddUserID gives the key another name, which becomes its first.
func (k Key) AddUserID(userID string) {
	k.home.tb.Helper()
	k.home.run(nil, "--batch", "--quick-add-uid", k.fingerprint, userID)
}

// Extend lets the key end so long after the time at which that is said.
func (k Key) Extend(when time.Time, after string) {
	k.home.tb.Helper()
	k.home.run(nil, append(at(when), "--batch", "--quick-set-expire", k.fingerprint, after)...)
}

// Revoke revokes the key, without a reason: it may have been stolen.
func (k Key) Revoke() {
	k.home.tb.Helper()
	k.home.run(k.Revocation(), "--batch", "--import")
}

// Revocation is the certificate that revokes the key for whoever gets it, as text.
func (k Key) Revocation() []byte {
	k.home.tb.Helper()
	certificate, err := os.ReadFile(filepath.Join(k.home.dir, "openpgp-revocs.d", k.fingerprint+".rev"))
	if err != nil {
		k.home.tb.Fatal(err)
	}
	// gpg puts a colon in front, lest somebody revokes a key by a slip.
	_, certificate, _ = bytes.Cut(certificate, []byte("\n:"))
	return certificate
}

// RevocationBy is such a certificate made with another digest: "RIPEMD160", "MD5".
func (k Key) RevocationBy(digest string) []byte {
	k.home.tb.Helper()
	return k.home.run([]byte("y\n0\n\ny\n"), append(weakDigest(digest), "--command-fd", "0", "--armor", "--gen-revoke", k.fingerprint)...)
}

// weakDigest lets gpg sign keys with any digest.
func weakDigest(name string) []string {
	return []string{"--allow-weak-digest-algos", "--allow-weak-key-signatures", "--cert-digest-algo", name}
}

// Supersede revokes the key because another took its place: a reason by which
// others still believe what was signed before.
func (k Key) Supersede() { k.edit(nil, "revkey", "y", "2", "", "y", "save") }

// RevokeSubkey revokes the first subkey, without a reason.
func (k Key) RevokeSubkey() { k.edit(nil, revokeFirst...) }

// RevokeSubkeyBy does so with another digest.
func (k Key) RevokeSubkeyBy(digest string) { k.edit(weakDigest(digest), revokeFirst...) }

var revokeFirst = []string{"key 1", "revkey", "y", "0", "", "y", "save"}

// edit says these lines to gpg's editor of a key.
func (k Key) edit(options []string, lines ...string) {
	k.home.tb.Helper()
	k.home.run([]byte(strings.Join(lines, "\n")+"\n"), append(options, "--command-fd", "0", "--edit-key", k.fingerprint)...)
}
