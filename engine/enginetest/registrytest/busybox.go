package registrytest

import (
	"fmt"
	"os"
	"runtime"
	"testing"
)

// version belongs to the key of a cached layout: it changes with what is made
// of busybox here.
const version = "1"

// BusyboxLayout is an OCI layout folder with an image of three gzip layers: an
// entrypoint with a command, environment, a user by name, a folder to work in,
// a volume with content, ports and labels; the second layer deletes /etc/gone,
// the third makes /var/lib/app opaque. In a registry it is oci:FOLDER:latest.
func BusyboxLayout(tb testing.TB) string {
	return busyboxLayout(tb, "busybox", "gzip")
}

// ZstdLayout is the same with zstd layers.
func ZstdLayout(tb testing.TB) string {
	return busyboxLayout(tb, "busybox-zstd", "zstd")
}

func busyboxLayout(tb testing.TB, name, compression string) string {
	tb.Helper()
	busybox := readBusybox(tb)
	return layout(tb, name, version+compression+busybox, func(dir string) error {
		blobs := Blobs{}
		img := Busybox(busybox)
		img.Compression = compression
		top, err := blobs.AddImage(img)
		if err != nil {
			return err
		}
		return WriteLayout(dir, blobs, top)
	})
}

// IndexLayout is an OCI layout folder whose image is an index: of amd64, arm64
// and arm, each with its own /etc/arch, and busybox where it is the host's.
func IndexLayout(tb testing.TB) string {
	tb.Helper()
	busybox := readBusybox(tb)
	return layout(tb, "index", version+busybox, func(dir string) error {
		blobs := Blobs{}
		var manifests []Descriptor
		for _, p := range []struct{ arch, variant string }{{"amd64", ""}, {"arm64", "v8"}, {"arm", "v7"}} {
			program := "not for " + runtime.GOARCH
			if p.arch == runtime.GOARCH {
				program = busybox
			}
			d, err := blobs.AddImage(Image{
				Arch: p.arch, Variant: p.variant,
				Layers: [][]Entry{base(program), {{Name: "etc/arch", Body: p.arch + p.variant + "\n"}}},
				Config: map[string]any{"Cmd": []string{"/bin/cat", "/etc/arch"}},
			})
			if err != nil {
				return err
			}
			manifests = append(manifests, d)
		}
		top, err := blobs.AddJSON(TypeIndex, map[string]any{
			"schemaVersion": 2, "mediaType": TypeIndex, "manifests": manifests,
		})
		if err != nil {
			return err
		}
		return WriteLayout(dir, blobs, top)
	})
}

// Busybox is the image of BusyboxLayout, for those that want one almost like it.
func Busybox(busybox string) Image {
	return Image{
		Layers: [][]Entry{
			append(base(busybox),
				Entry{Name: "etc/gone", Body: "deleted by the second layer\n"},
				Entry{Name: "var/lib/app/", UID: 1000, GID: 1000},
				Entry{Name: "var/lib/app/first", Body: "hidden by the third layer\n"},
				Entry{Name: "srv/seed/", UID: 1000, GID: 50, Mode: 0o750},
				Entry{Name: "srv/seed/hello", Body: "what a volume starts with\n", UID: 1000, GID: 50},
			),
			{
				{Name: "etc/.wh.gone"},
				{Name: "opt/"}, {Name: "opt/app/"},
				{Name: "opt/app/run", Mode: 0o755, Body: "#!/bin/sh\n" +
					"echo args \"$@\"\necho greeting \"$GREETING\"\necho user $(id -u):$(id -g)\necho folder $(pwd)\n" +
					"echo app $(ls /var/lib/app)\necho gone $(ls /etc/gone 2>&1)\necho seed $(cat /srv/seed/hello)\n"},
			},
			{
				{Name: "var/lib/app/", UID: 1000, GID: 1000},
				{Name: "var/lib/app/.wh..wh..opq"},
				{Name: "var/lib/app/third", Body: "all that is left\n", UID: 1000, GID: 1000},
			},
		},
		Config: map[string]any{
			"Entrypoint":   []string{"/opt/app/run", "--as"},
			"Cmd":          []string{"demo", "two words"},
			"Env":          []string{"PATH=/bin:/opt/app", "GREETING=hello, world"},
			"User":         "app",
			"WorkingDir":   "/srv",
			"Volumes":      map[string]any{"/srv/seed": map[string]any{}},
			"ExposedPorts": map[string]any{"8080/tcp": map[string]any{}, "5353/udp": map[string]any{}},
			"Labels":       map[string]string{"org.opencontainers.image.title": "A busybox", "Vendor": "podtui's tests"},
			"StopSignal":   "SIGINT",
		},
	}
}

// base is a root with busybox, an account and the usual folders.
func base(busybox string) []Entry {
	entries := []Entry{{Name: "bin/"}, {Name: "bin/busybox", Body: busybox, Mode: 0o755}}
	for _, applet := range []string{"cat", "echo", "id", "ls", "sh", "sleep", "stat"} {
		entries = append(entries, Entry{Name: "bin/" + applet, Symlink: "busybox"})
	}
	return append(entries,
		Entry{Name: "etc/"},
		Entry{Name: "etc/passwd", Body: "root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/srv:/bin/sh\n"},
		Entry{Name: "etc/group", Body: "root:x:0:\nstaff:x:50:app\napp:x:1000:\n"},
		Entry{Name: "srv/"},
		Entry{Name: "tmp/", Mode: 0o1777},
		Entry{Name: "var/"}, Entry{Name: "var/lib/"},
	)
}

// readBusybox reads the one of Debian's busybox-static. Where it is missing the
// test is skipped, loudly.
func readBusybox(tb testing.TB) string {
	tb.Helper()
	program, err := os.ReadFile("/bin/busybox")
	if err != nil {
		missing(tb, fmt.Errorf("busybox-static: %w", err))
	}
	return string(program)
}
