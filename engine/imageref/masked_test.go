package imageref

import (
	"strings"
	"testing"
)

func TestNoPasswordIsInAnError(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"https://user:hunter2@h/x.aci", "docker://user:hunter2@h/x", "ftp://user:hunter2@h/x", "https://user:hunter2@/x",
		"https://user:hunter2@h:port/x", "https://user:hunter2%zz@h/x", "https://user:hunter2 @h/x", "file://user:hunter2@h/x",
		"docker://user:hunter2@h", "https://user:hunter2@h@h2/x", "HTTPS://user:hunter2@h",
	} {
		_, err := Parse(s, nil)
		if err == nil {
			t.Errorf("%s was taken", s)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(Masked(s), "hunter2") || !strings.Contains(Masked(s), "@") {
			t.Errorf("%v; masked it is %s", err, Masked(s))
		}
	}
	for _, s := range []string{"docker://busybox@" + digest, "docker://h/x@" + digest, "https://h/x@y", "./user:a@b", "example.com/app"} {
		if Masked(s) != s {
			t.Errorf("%s became %s", s, Masked(s))
		}
	}
}

func TestAPortIsNoVersion(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"127.0.0.1:5000/team/app", "localhost:5000/app:1.0", "quay.io:443/x"} {
		if _, err := Parse(s, nil); err == nil || !strings.Contains(err.Error(), "write docker://"+s) {
			t.Errorf("%s: %v", s, err)
		}
	}
	if _, err := Parse("example.com/app:1/2", nil); err != nil {
		t.Error(err)
	}
}
