package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
)

// What "trust rm" takes, as people copy it from reviews and listings.
func TestWordsOfTrustRm(t *testing.T) {
	t.Parallel()
	const fp = "088cce558f4ca52ec662a7871b513acd8cc34312"
	groups := strings.Fields("088C CE55 8F4C A52E C662 A787 1B51 3ACD 8CC3 4312")
	for name, test := range map[string]struct {
		words []string
		scope trustScope
		keys  []string
		pins  []string
		wrong string
	}{
		"a fingerprint":           {words: []string{fp}, keys: []string{fp}},
		"quoted groups":           {words: []string{strings.Join(groups, " ")}, keys: []string{strings.Join(groups, " ")}},
		"groups":                  {words: groups, keys: []string{strings.ToUpper(fp)}},
		"two keys' groups":        {words: slices.Concat(groups, groups), keys: []string{strings.ToUpper(fp), strings.ToUpper(fp)}},
		"a key and groups":        {words: slices.Concat([]string{fp}, groups[8:]), keys: []string{fp, "8CC34312"}},
		"groups and a key":        {words: slices.Concat(groups[8:], []string{fp}), keys: []string{"8CC34312", fp}},
		"one group":               {words: groups[:1], wrong: `"088C" is no key; write its fingerprint, or at least 8 of its digits`},
		"as gpg writes it":        {words: []string{"0x1B513ACD8CC34312"}, keys: []string{"0x1B513ACD8CC34312"}},
		"a name":                  {words: []string{"alice"}, wrong: `"alice" is no key`},
		"nothing":                 {wrong: "an argument is missing"},
		"an empty word":           {words: []string{""}, wrong: `"" is no key`},
		"a digest as it is shown": {words: []string{"sha256:0123456789ab"}, pins: []string{"sha256:0123456789ab"}},
		"an image":                {words: []string{"sha512-01"}, pins: []string{"sha512-01"}},
		"a repository's":          {words: []string{"docker://a/b@sha256:0123"}, pins: []string{"docker://a/b@sha256:0123"}},
		"beside a flag's":         {words: []string{"sha512-01"}, scope: trustScope{digests: []string{"sha512-02"}}, pins: []string{"sha512-02", "sha512-01"}},
		"no digit":                {words: []string{"sha256:"}, wrong: "at least 2 hex digits"},
		"no repository":           {words: []string{"docker://sha256:00"}, wrong: "write docker://REGISTRY/REPOSITORY@sha256:00"},
		"a key and a digest":      {words: []string{fp, "sha512-01"}, wrong: "one after the other"},
		"a digest of a prefix":    {words: []string{"sha512-01"}, scope: trustScope{prefix: "a.com"}, wrong: "leave --root and --prefix out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys, pins, err := test.scope.sort(test.words)
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("%v, want %q", err, test.wrong)
				}
				return
			}
			if err != nil || !slices.Equal(keys, test.keys) || !slices.Equal(pins, test.pins) {
				t.Errorf("%q, %q, %v", keys, pins, err)
			}
		})
	}
}

// An approval is found by what a listing shows of it, if that is of no other.
func TestShortDigestsFindApprovals(t *testing.T) {
	t.Parallel()
	busybox := "docker://docker.io/library/busybox@sha256:" + strings.Repeat("01", 32)
	other := "docker://docker.io/library/other@sha256:" + strings.Repeat("02", 32)
	image := "sha512-" + strings.Repeat("01", 64)
	pins := []engine.TrustedPin{{Pin: busybox}, {Pin: other}, {Pin: image}}
	for short, want := range map[string]string{
		"sha256:0101": busybox, "sha256:02": other, "sha512-01": image, busybox: busybox, busybox[:60]: busybox,
		"docker://busybox@sha256:" + strings.Repeat("01", 32): busybox,
	} {
		if got, err := pinHere(pins, short); err != nil || got != want {
			t.Errorf("%s: %s, %v", short, got, err)
		}
	}
	for short, want := range map[string]string{
		"sha256:0": "sha256:0 is the beginning of 2 approvals: " + busybox + ", " + other,
		"sha256:1": "sha256:1 is not approved here; podtui trust list --full shows what is",
	} {
		if got, err := pinHere(pins, short); err == nil || err.Error() != want {
			t.Errorf("%s: %s, %v", short, got, err)
		}
	}
}

// What is left of a key that was removed somewhere is told.
func TestWhatIsLeftOfARemovedKey(t *testing.T) {
	t.Parallel()
	key := func(scope, problem string) engine.TrustedKey {
		return engine.TrustedKey{Scope: scope, KeyInfo: engine.KeyInfo{Fingerprint: "F", Problem: problem}}
	}
	list := func(scopes ...string) (held []engine.TrustedKey) {
		for _, scope := range scopes {
			held = append(held, key(scope, ""))
		}
		return held
	}
	const revoked = "revoked: it is"
	for name, test := range map[string]struct {
		key  engine.TrustedKey
		left []engine.TrustedKey
		want string
	}{
		"nothing":           {key("a.com", ""), nil, "key F is no longer trusted for a.com"},
		"all images":        {key("a.com/b", ""), list(""), "key F is removed for a.com/b, but still counts for a.com/b through all images"},
		"prefixes above":    {key("a.com/b/c", ""), list("a.com", "a.com/b"), "key F is removed for a.com/b/c, but still counts for a.com/b/c through a.com, a.com/b"},
		"a prefix below":    {key("a.com", ""), list("a.com/b"), "key F is no longer trusted for a.com; it still counts for a.com/b"},
		"not at a boundary": {key("a.com/bc", ""), list("a.com/b"), "key F is no longer trusted for a.com/bc; it still counts for a.com/b"},
		"prefixes":          {key("", ""), list("a.com"), "key F is no longer trusted for all images; it still counts for a.com"},
		"revoked":           {key("a.com", revoked), nil, "key F is removed for a.com, and its revocation is forgotten with it: an older copy could be trusted again. To refuse a revoked key for ever, keep it"},
		"revoked elsewhere": {key("a.com", revoked), list(""), "key F, which is revoked, is removed for a.com; it is kept, and refused, for all images"},
	} {
		if got := removed(test.key, test.left); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
