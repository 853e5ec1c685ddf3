package sandbox

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestInterpreterOfAFile(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"#!/bin/sh": "/bin/sh", "#!/bin/sh\n": "/bin/sh", "#! \t/usr/bin/env -S x\nexit": "/usr/bin/env", "#!sh": "sh",
		"#!": "", "#!  \n/bin/sh": "", "": "", "echo": "", "\x7fELF": "",
	} {
		got, err := interpreterOf(strings.NewReader(content))
		if got != want || (err == unix.ENOEXEC) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", content, got, err, want)
		}
	}
	for _, name := range []string{"/proc/self/exe", "/bin/sh"} {
		file, err := os.Open(name)
		if err != nil {
			continue
		}
		defer file.Close()
		if got, err := interpreterOf(file); err != nil || got != "" && !strings.HasPrefix(got, "/lib") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func FuzzInterpreter(f *testing.F) {
	f.Add("#! /bin/sh -e\n")
	if program, err := os.ReadFile("/bin/true"); err == nil {
		f.Add(string(program[:min(len(program), 4096)]))
	}
	f.Fuzz(func(t *testing.T, content string) {
		got, err := interpreterOf(strings.NewReader(content))
		if got != "" && (err != nil || !strings.Contains(content, got) || len(got) > maxInterpreterName) {
			t.Errorf("%q, %v", got, err)
		}
	})
}
