package main

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/podtui/podtui/engine/enginetest/gpg"
)

// Keys and signatures of scripts are made by gnupg, and end with the script.

// cmdKey makes a key, of a kind that is good if none is named.
func cmdKey(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "key VAR USERID [weak|dsa|expired|subkey]")
	s := sessionOf(ts)
	if s.gnupg == nil {
		s.gnupg = gpg.New(s.tb)
	}
	var wishes []gpg.Option
	for _, kind := range args[2:] {
		switch kind {
		case "weak":
			wishes = append(wishes, gpg.RSA(1024))
		case "dsa":
			wishes = append(wishes, gpg.DSA())
		case "expired":
			wishes = append(wishes, gpg.CreatedAt(time.Now().Add(-72*time.Hour)), gpg.Expires("1d"))
		case "subkey":
			wishes = append(wishes, gpg.SigningSubkey())
		default:
			ts.Fatalf("no key is %s", kind)
		}
	}
	key := s.gnupg.Key(args[1], wishes...)
	s.keys[args[0]] = key
	ts.Setenv(args[0], key.Fingerprint())
	ts.Setenv(args[0]+"_ID", key.KeyID())
	writeKey(ts, args[0])
}

func writeKey(ts *testscript.TestScript, name string) {
	ts.Check(os.WriteFile(ts.MkAbs(name+".asc"), keyOf(ts, name).Armored(), 0o644))
}

func keyOf(ts *testscript.TestScript, name string) gpg.Key {
	key, made := sessionOf(ts).keys[name]
	if !made {
		ts.Fatalf("no key %s was made", name)
	}
	return key
}

// cmdSign signs a file, as podtui wants it if no kind is named.
func cmdSign(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "sign VAR FILE SIGNATURE [binary|sha1|clear|expired]")
	var wishes []gpg.SignOption
	for _, kind := range args[3:] {
		switch kind {
		case "binary":
			wishes = append(wishes, gpg.Binary())
		case "sha1":
			wishes = append(wishes, gpg.Digest("SHA1"))
		case "clear":
			wishes = append(wishes, gpg.Clearsign())
		case "expired":
			wishes = append(wishes, gpg.ExpiresIn("seconds=1"))
		default:
			ts.Fatalf("no signature is %s", kind)
		}
	}
	signature := keyOf(ts, args[0]).Sign([]byte(ts.ReadFile(args[1])), wishes...)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), signature, 0o644))
}

// cmdRevoke revokes a key, and writes its copy that says so.
func cmdRevoke(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "revoke VAR")
	keyOf(ts, args[0]).Revoke()
	writeKey(ts, args[0])
}

// cmdPrivate writes a key as nobody should hand it on.
func cmdPrivate(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "private VAR FILE")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), sessionOf(ts).gnupg.Private(keyOf(ts, args[0])), 0o600))
}
