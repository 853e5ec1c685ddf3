package oci

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Platform is what an image runs on, in the words of Go: linux, amd64; and
// for 32-bit ARM a variant: v5, v6, v7.
type Platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant,omitempty"`
}

// String is OS/ARCHITECTURE[/VARIANT], safe to be shown.
func (p Platform) String() string {
	var parts []string
	for _, s := range []string{cmp.Or(p.OS, "unknown"), cmp.Or(p.Architecture, "unknown"), p.Variant} {
		if s != "" {
			parts = append(parts, strings.Trim(show(s), `"`))
		}
	}
	return strings.Join(parts, "/")
}

// Host is the platform of this machine.
func Host() Platform {
	p := Platform{OS: runtime.GOOS, Architecture: runtime.GOARCH}
	var host unix.Utsname
	if p.Architecture == "arm" && unix.Uname(&host) == nil {
		p.Variant = armVariant(unix.ByteSliceToString(host.Machine[:]))
	}
	return p
}

// armVariant is the variant that a kernel's machine name stands for. A 64-bit
// kernel under a 32-bit podtui runs all that v7 is.
func armVariant(machine string) string {
	for _, version := range []string{"v5", "v6"} {
		if strings.HasPrefix(machine, "arm"+version) {
			return version
		}
	}
	return "v7"
}

// normal is the platform with the usual other spellings of the same undone, and
// variants that say nothing left out. ARM without a variant is v7, as others
// take it.
func (p Platform) normal() Platform {
	p.OS, p.Architecture, p.Variant = strings.ToLower(p.OS), strings.ToLower(p.Architecture), strings.ToLower(p.Variant)
	switch p.Architecture {
	case "x86_64", "x86-64":
		p.Architecture = "amd64"
	case "i386", "i486", "i586", "i686":
		p.Architecture = "386"
	case "aarch64":
		p.Architecture = "arm64"
	case "armhf":
		p.Architecture, p.Variant = "arm", "v7"
	case "armel":
		p.Architecture, p.Variant = "arm", "v6"
	}
	switch {
	case p.Architecture == "arm" && p.Variant != "":
		p.Variant = "v" + strings.TrimPrefix(p.Variant, "v")
	case p.Architecture == "arm":
		p.Variant = "v7"
	case p.Architecture == "arm64" && (p.Variant == "v8" || p.Variant == "8"),
		p.Architecture == "amd64" && p.Variant == "v1":
		p.Variant = ""
	}
	return p
}

// rank tells how well an image for have runs on p: 0 is exactly, more is worse,
// -1 is not at all. An older ARM runs on a newer one.
func (p Platform) rank(have Platform) int {
	want, have := p.normal(), have.normal()
	if want.OS != have.OS || want.Architecture != have.Architecture {
		return -1
	}
	if want.Variant == have.Variant {
		return 0
	}
	if want.Architecture != "arm" {
		return -1
	}
	versions := []string{"v7", "v6", "v5"}
	w, h := slices.Index(versions, want.Variant), slices.Index(versions, have.Variant)
	if w < 0 || h < w {
		return -1
	}
	return h - w
}
