package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// describeMachine tells when and where it was measured, and with what.
func describeMachine(w *workshop) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s: %d cores, %s, Linux %s, %s, load %s.\n\n",
		time.Now().UTC().Format("2 January 2006"), runtime.NumCPU(),
		field("/proc/cpuinfo", "model name"), release(), distribution(), load())
	for _, program := range []struct{ name, argument string }{
		{w.podtui, "version"}, {"runc", "--version"}, {"crun", "--version"},
		{"podman", "--version"}, {"skopeo", "--version"}, {"umoci", "--version"}, {"tar", "--version"}, {"gzip", "--version"}, {"htop", "--version"},
	} {
		if version := firstLine(w, program.name, program.argument); version != "" {
			b.WriteString("- " + version + "\n")
		}
	}
	return b.String()
}

func firstLine(w *workshop, program, argument string) string {
	out, err := w.call(context.Background(), program, argument)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(out, "\n")
	return line
}

// field returns the first value of a name in a file of lines "name : value".
func field(path, name string) string {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

func release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Release[:])
}

func distribution() string {
	text, _ := os.ReadFile("/etc/os-release")
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(name, "\"\n")
		}
	}
	return "unknown distribution"
}

// load is what the machine was doing besides, as the kernel counts it; the
// measures themselves are worth about 1.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// lacking tells how to get a program that isn't there, or nothing.
func lacking(program, pkg string) string {
	if _, err := exec.LookPath(program); err != nil {
		return "not installed: apt-get install " + pkg
	}
	return ""
}
