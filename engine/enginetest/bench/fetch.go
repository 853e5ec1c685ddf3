package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// layerCount is how many layers the fetched image has.
const layerCount = 5

// prepareFetch asks how long it takes until an image of a registry is unpacked
// on this host, which had nothing of it.
func prepareFetch(ctx context.Context, w *workshop) (*measure, error) {
	if why := lacking("docker-registry", "docker-registry"); why != "" {
		return nil, errors.New(why)
	}
	r, err := w.startRegistry(ctx)
	if err != nil {
		return nil, err
	}
	w.atEnd(r.stop)
	images, err := w.pushDebian(ctx, r)
	if err != nil {
		return nil, err
	}
	in, err := newNamespace()
	if err != nil {
		return nil, err
	}
	return &measure{
		title: "Fetching from a registry",
		explanation: fmt.Sprintf("An image of %d MB in %d gzip layers, %d MB unpacked, from a docker-registry on loopback, into an empty store: fetched,\n"+
			"checked and unpacked. skopeo copies it into an OCI layout, and umoci unpacks that.", w.pulled, layerCount, images.plain>>20),
		rounds: w.importRounds, warm: 1, cpu: true,
		after:       func(ctx context.Context) (string, error) { return w.bytesServed(ctx, r, images) },
		contestants: []*contestant{w.podtuiFetch(images.first), w.podmanPull(images.first, in), w.skopeoUmoci(images.first)},
	}, nil
}

func (w *workshop) podtuiFetch(image string) *contestant {
	data := w.path("fetched")
	return &contestant{name: "`podtui --batch fetch docker://…`", must: true, once: func(ctx context.Context) (took, error) {
		t, err := runOnce(w.fetch(ctx, data, image), nil, nil)
		return t, errors.Join(err, os.RemoveAll(data))
	}}
}

func (w *workshop) podmanPull(image string, in *namespace) *contestant {
	c := &contestant{name: "`podman pull`", peer: true, mark: mark{must: 0.6, aim: 0.4}, absent: lacking("podman", "podman")}
	c.once = func(ctx context.Context) (t took, err error) {
		in.do(func() {
			t, err = runOnce(w.podmanCommand(ctx, w.podmanArgs("pull", "--quiet", "--tls-verify=false", image)), nil, nil)
			if err == nil {
				_, err = w.call(ctx, "podman", w.podmanArgs("rmi", "--all", "--force")...)
			}
		})
		return t, err
	}
	return c
}

func (w *workshop) skopeoUmoci(image string) *contestant {
	layout, bundle := w.path("skopeo"), w.path("umoci")
	c := &contestant{name: "`skopeo copy`, `umoci raw unpack`", peer: true, mark: mark{must: 0.6, aim: 0.4}}
	c.absent = lacking("skopeo", "skopeo") + lacking("umoci", "umoci")
	script := `skopeo --insecure-policy copy --quiet --src-tls-verify=false "$1" "oci:$2:image" && umoci raw unpack --image "$2:image" "$3"`
	c.once = func(ctx context.Context) (took, error) {
		cmd := w.command(ctx, "sh", "-c", script, "sh", image, layout, bundle)
		// skopeo remembers for root, below /var, where blobs are: it is told to be
		// somebody else, with a home that goes.
		cmd.Env = append(cmd.Env, "_CONTAINERS_ROOTLESS_UID=65534", "XDG_DATA_HOME="+w.path("skopeo-home"))
		t, err := runOnce(cmd, nil, nil)
		return t, errors.Join(err, os.RemoveAll(layout), os.RemoveAll(bundle), os.RemoveAll(w.path("skopeo-home")))
	}
	return c
}

// bytesServed fetches once more, past a counter, and then an image that shares
// all layers but one.
func (w *workshop) bytesServed(ctx context.Context, r *debianRegistry, images pushed) (string, error) {
	counting, err := r.count()
	if err != nil {
		return "", err
	}
	defer counting.close()
	data := w.path("counted")
	defer os.RemoveAll(data)
	var served []int64
	var most int64
	for _, image := range []string{images.first, images.second} {
		before := counting.served()
		peak, err := peakOf(w.fetch(ctx, data, strings.Replace(image, r.host, counting.host, 1)))
		if err != nil {
			return "", err
		}
		served, most = append(served, counting.served()-before), max(most, peak)
	}
	return fmt.Sprintf(" The registry served %.1f MB of layers for\nan image of %.1f MB, and then %.1f MB for a second one with a layer of %.1f MB in place of one of them.\n"+
		"podtui had %d MB of memory at most (must: 100).",
		mega(served[0]), mega(images.size), mega(served[1]), mega(images.changed), most/1_000_000), nil
}

// fetch is podtui as it fetches into a data folder.
func (w *workshop) fetch(ctx context.Context, data, image string) *exec.Cmd {
	return w.command(ctx, w.podtui, w.fetchArgs(data, image)...)
}

func (w *workshop) fetchArgs(data, image string) []string {
	return []string{"--dir", data, "--batch", "--insecure-skip-verify", "fetch", image}
}

func mega(n int64) float64 { return float64(n) / 1e6 }
