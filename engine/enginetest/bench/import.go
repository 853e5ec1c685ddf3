package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// prepareImport asks how long it takes to have a big image in the store, against
// GNU tar, which neither hashes nor checks what it unpacks.
func prepareImport(ctx context.Context, w *workshop) (*measure, error) {
	image := w.path("debian.aci")
	files, plain, err := packTree(ctx, image, w.megabytes<<20)
	if err != nil {
		return nil, err
	}
	data, folder := w.path("import"), w.path("unpacked")
	podtui := &contestant{name: "`podtui --batch fetch FILE`", must: true, once: func(ctx context.Context) (took, error) {
		t, err := runOnce(w.command(ctx, w.podtui, "--dir", data, "--batch", "--insecure-skip-verify", "fetch", image), nil, nil)
		return t, errors.Join(err, os.RemoveAll(data))
	}}
	gnu := &contestant{name: "`tar xzf FILE`", peer: true, mark: mark{must: 0.8, aim: 0.5}, absent: lacking("tar", "tar"),
		once: func(ctx context.Context) (took, error) {
			if err := os.Mkdir(folder, 0o755); err != nil {
				return took{}, err
			}
			t, err := runOnce(w.command(ctx, "tar", "xzf", image, "-C", folder), nil, nil)
			return t, errors.Join(err, os.RemoveAll(folder))
		}}
	return &measure{
		title: "Importing an image",
		explanation: fmt.Sprintf("An ACI of %d MB, gzip, with %d entries and %d MB in them, into an empty store. podtui decompresses, hashes, checks\n"+
			"and unpacks; tar decompresses and unpacks.", w.megabytes, files, plain>>20),
		rounds: w.importRounds, warm: 1, cpu: true,
		contestants: []*contestant{podtui, gnu},
	}, nil
}
