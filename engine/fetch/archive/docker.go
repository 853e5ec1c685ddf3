package archive

import (
	"context"
	"encoding/json"
	"io"
	"path"
	"strings"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// dockerFile is where docker save tells what it has saved.
const dockerFile = "manifest.json"

// maxSaved is how many images an archive of docker save may have.
const maxSaved = 10_000

// saved is one image of docker save: paths in the archive, lowest layer first.
type saved struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// dockerImages are the images that manifest.json names.
func (a *Archive) dockerImages() ([]image, error) {
	raw, err := readDocument(a.tree, dockerFile)
	if err != nil {
		return nil, err
	}
	var list []saved
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, refuse("%s is not what docker save writes", dockerFile)
	}
	if len(list) > maxSaved {
		return nil, refuse("%d images; at most %d are taken", len(list), maxSaved)
	}
	images := make([]image, len(list))
	for i, s := range list {
		images[i].saved = s
		for _, tag := range s.RepoTags {
			images[i].name(tag)
		}
	}
	return images, nil
}

// manifestOf makes a manifest of what docker save has instead of one.
func (a *Archive) manifestOf(ctx context.Context, s saved) (oci.Document, error) {
	config, err := a.savedConfig(s.Config)
	if err != nil {
		return oci.Document{}, err
	}
	parsed, err := oci.ParseConfig(config.Raw)
	if err != nil {
		return oci.Document{}, err
	}
	diffIDs := parsed.RootFS.DiffIDs
	if len(diffIDs) != len(s.Layers) {
		return oci.Document{}, refuse("%s names %d layers, the config has %d diff IDs", dockerFile, len(s.Layers), len(diffIDs))
	}
	var layers []oci.Descriptor
	for i, name := range s.Layers {
		layer, err := a.savedLayer(ctx, name, diffIDs[i])
		if err != nil {
			return oci.Document{}, err
		}
		layers = append(layers, layer)
	}
	doc := oci.NewManifest(oci.Descriptor{MediaType: oci.DockerConfig, Digest: config.Digest, Size: int64(len(config.Raw))}, layers)
	a.keep(doc.Digest, known{raw: doc.Raw})
	return doc, nil
}

// savedConfig reads a config. Its name is its digest, in most versions.
func (a *Archive) savedConfig(name string) (oci.Document, error) {
	at, ok := clean(name)
	if !ok {
		return oci.Document{}, refuse("the config %s lies outside of it", show(name))
	}
	raw, err := readDocument(a.tree, at)
	if err != nil {
		return oci.Document{}, err
	}
	digest := oci.DigestOf(raw)
	named := oci.Digest("sha256:" + strings.TrimSuffix(path.Base(at), ".json"))
	if named.Valid() && named != digest {
		return oci.Document{}, &oci.DigestError{Want: named, Got: digest}
	}
	a.keep(digest, known{raw: raw})
	return oci.Document{MediaType: oci.DockerConfig, Digest: digest, Raw: raw}, nil
}

// savedLayer describes a layer. An uncompressed one, which is what docker save
// writes, is named by its diff ID and not read for it: who unpacks it checks
// that. A compressed one, which docker load takes as well, has another digest.
func (a *Archive) savedLayer(ctx context.Context, name string, diffID oci.Digest) (oci.Descriptor, error) {
	at, ok := clean(name)
	if !ok {
		return oci.Descriptor{}, refuse("the layer %s lies outside of it", show(name))
	}
	f, err := a.tree.open(at)
	if err != nil {
		return oci.Descriptor{}, err
	}
	defer f.Close()
	d := oci.Descriptor{MediaType: oci.DockerLayer, Digest: diffID, Size: f.Size()}
	if format := formatOf(f); format != nil {
		d.MediaType += "." + format.name
		if d.Digest, err = hashOf(ctx, f); err != nil {
			return oci.Descriptor{}, err
		}
	}
	a.keep(d.Digest, known{path: at})
	return d, nil
}

func hashOf(ctx context.Context, r io.Reader) (oci.Digest, error) {
	const algorithm oci.Digest = "sha256:"
	h := algorithm.Hash()
	_, err := io.Copy(h, &interruptible{ctx: ctx, Reader: r})
	return algorithm.Of(h), err
}

// interruptible ends with its context.
type interruptible struct {
	io.Reader
	ctx context.Context
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.Reader.Read(p)
}
