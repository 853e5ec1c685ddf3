package sandbox

import (
	"bytes"
	"strings"
	"testing"
)

const (
	ofNobody = "\x01\x00\x00\x02" + "\x00\x20\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	ofAPod   = "\x01\x00\x00\x03" + "\x00\x20\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x40\x77"
)

func TestFileCapabilitiesAreOfThoseWhoHaveTheCopy(t *testing.T) {
	t.Parallel()
	users := Users{0x77400000, 1 << 16}
	inside := func(id int) int { in, _ := users.Inside(id); return in }
	for name, c := range map[string]struct {
		attribute, value string
		as               func(int) int
		want             string
	}{
		"given to a pod":         {fileCapability, ofNobody, users.Host, ofAPod},
		"taken out of it":        {fileCapability, ofAPod, inside, ofNobody},
		"for the same users":     {fileCapability, ofNobody, Users{}.Host, ofNobody},
		"of another pod's root":  {fileCapability, strings.Replace(ofAPod, "\x40\x77", "\x50\x77", 1), Users{}.Host, strings.Replace(ofAPod, "\x40\x77", "\x50\x77", 1)},
		"another attribute":      {"user.note", ofNobody, users.Host, ofNobody},
		"too short":              {fileCapability, ofNobody[:19], users.Host, ofNobody[:19]},
		"too long":               {fileCapability, ofNobody + "x", users.Host, ofNobody + "x"},
		"of an unknown version":  {fileCapability, strings.Replace(ofNobody, "\x02", "\x04", 1), users.Host, strings.Replace(ofNobody, "\x02", "\x04", 1)},
		"nothing":                {fileCapability, "", users.Host, ""},
		"with its flags as well": {fileCapability, "\x00" + ofNobody[1:], users.Host, "\x00" + ofAPod[1:]},
	} {
		if got := AttributeFor(c.attribute, []byte(c.value), c.as); string(got) != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Whatever an image has there, what is given to a pod and taken back is the same.
func FuzzFileCapability(f *testing.F) {
	f.Add([]byte(ofNobody))
	f.Add([]byte(ofAPod))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		users := Users{0x77400000, 1 << 16}
		before := bytes.Clone(value)
		given := AttributeFor(fileCapability, value, users.Host)
		if !bytes.Equal(value, before) {
			t.Error("the original was changed")
		}
		again := AttributeFor(fileCapability, given, func(id int) int { return id - users.First })
		named := len(value) == endOfSets+4 && value[3] == 3 // of the root that it names anyhow
		if !named && !bytes.Equal(again, value) {
			t.Errorf("%q became %q, and %q", value, given, again)
		}
	})
}
