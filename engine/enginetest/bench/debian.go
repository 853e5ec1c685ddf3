package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
)

// descriptor is how manifests call a blob.
type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

// pushed are two images of a registry that share all layers but one.
type pushed struct {
	first, second string // docker://…
	size, plain   int64  // of the first, packed and unpacked
	changed       int64  // size of the layer that only the second has
}

const (
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// pushDebian packs what this machine has installed into layers.
func (w *workshop) pushDebian(ctx context.Context, r *debianRegistry) (p pushed, err error) {
	folders, err := installed()
	if err != nil {
		return p, err
	}
	var layers []descriptor
	var diffIDs []string
	for i := range layerCount + 1 {
		limit := w.pulled << 20 / layerCount
		if i == layerCount {
			limit = 5 << 20 // the one that changes
		}
		var l layer
		if folders, l, err = packLayer(ctx, folders, limit); err != nil {
			return p, err
		}
		d, err := r.blob(typeLayer, l.packed)
		if err != nil {
			return p, err
		}
		layers, diffIDs = append(layers, d), append(diffIDs, l.diffID)
		if i < layerCount {
			p.size, p.plain = p.size+d.Size, p.plain+l.plain
		} else {
			p.changed = d.Size
		}
	}
	p.first, p.second = "docker://"+r.host+"/debian:first", "docker://"+r.host+"/debian:second"
	last := layerCount - 1
	return p, errors.Join(
		r.image("first", layers[:layerCount], diffIDs[:layerCount]),
		r.image("second", append(layers[:last:last], layers[layerCount]), append(diffIDs[:last:last], diffIDs[layerCount])))
}

func (r *debianRegistry) image(tag string, layers []descriptor, diffIDs []string) error {
	config, err := r.json(typeConfig, map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": map[string]any{"Cmd": []string{"/bin/sh"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	})
	if err != nil {
		return err
	}
	return r.manifest(tag, typeManifest, map[string]any{
		"schemaVersion": 2, "mediaType": typeManifest, "config": config, "layers": layers,
	})
}

// layer is one of an image.
type layer struct {
	packed []byte
	diffID string
	plain  int64
}

// packLayer makes a layer of the first folders, and returns the others.
func packLayer(ctx context.Context, folders []string, limit int64) (rest []string, l layer, err error) {
	var out bytes.Buffer
	packed := &counter{w: &out}
	z := gzip.NewWriter(packed)
	sum := sha256.New()
	t := &tree{archive: tar.NewWriter(io.MultiWriter(z, sum)), packed: packed, limit: limit, seen: map[string]bool{}, links: map[inode]string{}}
	rest, err = t.fill(ctx, folders)
	if err := errors.Join(err, t.archive.Close(), z.Close()); err != nil {
		return nil, l, err
	}
	return rest, layer{packed: out.Bytes(), diffID: "sha256:" + hex.EncodeToString(sum.Sum(nil)), plain: t.plain}, nil
}
