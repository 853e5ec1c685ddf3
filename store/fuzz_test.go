package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
	"github.com/klauspost/compress/zstd"

	"github.com/podtui/podtui/store/imagefile"
	"github.com/podtui/podtui/store/seal"
	"github.com/podtui/podtui/store/storetest"
)

// FuzzImport: whatever comes, Import returns, touches nothing outside, and
// leaves nothing or an image whose export is what came.
func FuzzImport(f *testing.F) {
	recipes, _ := filepath.Glob("../testdata/hostile/*.txt")
	for _, path := range recipes {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		archive, err := storetest.Build(string(text), map[string]string{"OUTSIDE": "/tmp/outside"})
		if err == nil && len(archive) < 64<<10 {
			f.Add(archive)
		}
	}
	for _, recipe := range []string{everything, everything + "compress gzip\n", "manifest\ndir rootfs\n"} {
		archive, err := storetest.Build(recipe, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive)
	}
	dir := shm(f) // an import syncs its disk: that would be all a fuzzer waits for
	f.Fuzz(func(t *testing.T, archive []byte) {
		sandbox, err := os.MkdirTemp(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(sandbox)
		s, err := Open(filepath.Join(sandbox, "a", "store"))
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{MaxSize: 1 << 20, MaxEntries: 1000})
		if names, _ := readNames(sandbox); len(names) != 1 {
			t.Fatalf("there is something new beside the store: %q", names)
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b\x00") {
				t.Fatalf("the error is not one clean line: %q", err)
			}
			wantEmpty(t, s)
			return
		}
		plain := unpacked(t, archive)
		if got := export(t, s, img.ID); !bytes.Equal(got, plain) {
			t.Fatalf("the export has %d bytes, what came %d", len(got), len(plain))
		}
	})
}

// FuzzLayer: the same of a layer, in which less is refused.
func FuzzLayer(f *testing.F) {
	for _, recipe := range []string{
		everything,
		"file a/b/f x\nfile .wh.a\nfile a/.wh..wh..opq\ndir a mode=01777\nsymlink l /a\nfile l/g y\nhardlink h a/g\n",
		"file f 1\nfile f 22\nhardlink g f\nfile f 333\ndir f\nfile f/x y\nsymlink f /\nfile f/z a\n",
		"dir a\nfile a/f x\nfile a z\nsymlink a b\ndir b\nfile a/g y\nfile .wh.b\nfile .wh.b/c x\n",
		"dir .wh..wh.plnk\nfile .wh..wh.plnk/1 x\nfile .wh..wh..opq\nfile .wh.a\nfile a/f x\nhardlink b a\n",
	} {
		layer, err := storetest.Build(recipe, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(layer)
	}
	dir := shm(f)
	f.Fuzz(func(t *testing.T, layer []byte) {
		sandbox, err := os.MkdirTemp(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(sandbox)
		s, err := Open(filepath.Join(sandbox, "a", "store"))
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.Draft()
		if err != nil {
			t.Fatal(err)
		}
		o := LayerOptions{DiffID: diffID(layer), MaxSize: 1 << 20, MaxEntries: 1000}
		err = d.ReadLayer(context.Background(), bytes.NewReader(layer), o)
		if names, _ := readNames(sandbox); len(names) != 1 {
			t.Fatalf("there is something new beside the store: %q", names)
		}
		if err == nil {
			if got := assembled(t, layerDir(t, s, layer)); !bytes.Equal(got, layer) {
				t.Fatalf("%d bytes came, %d come back", len(layer), len(got))
			}
		} else if strings.ContainsAny(err.Error(), "\n\x1b\x00") {
			t.Fatalf("the error is not one clean line: %q", err)
		}
		if closed := d.Close(); closed != nil {
			t.Fatal(closed)
		}
		if err != nil {
			wantEmpty(t, s)
		}
	})
}

func FuzzAbout(f *testing.F) {
	line := []byte(`{"kind":"oci","size":5}` + "\n\x00a\x00a/b\x00")
	f.Add(line)
	f.Add([]byte(`{"kind":"oci","moved":1}` + "\n\x00a\x00b\x00c\x003\x00"))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, file := range [][]byte{body, seal.Seal(aboutHead, body)} {
			a, err := decodeAbout(file)
			if err != nil {
				continue
			}
			dir := t.TempDir()
			if err := writeAbout(dir, a); err != nil {
				t.Fatal(err)
			}
			if again, err := readAbout(dir); err != nil || !reflect.DeepEqual(again, a) {
				t.Fatalf("%+v became %+v, %v", a, again, err)
			}
		}
	})
}

func unpacked(t *testing.T, archive []byte) []byte {
	d, err := decompress(context.Background(), bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	plain, err := io.ReadAll(d)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func FuzzRecord(f *testing.F) {
	file, err := encodeRecord(record{ID: "x", Size: 1, Imported: time.Unix(1, 2).UTC(), Layers: []string{"x"}}, []byte(storetest.Manifest))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	why, err := standing{&Verification{By: "Ann", Signature: []byte{0, 1}}, json.RawMessage(`{"x":1}`), []string{"image"}}.fit()
	if err != nil {
		f.Fatal(err)
	}
	if file, err = encodeRecord(record{ID: "x", standing: why}, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(seal.Seal(imagefile.Head, []byte("{}\n")))
	f.Add([]byte(imagefile.Head))
	f.Fuzz(func(t *testing.T, file []byte) {
		// The digest keeps a fuzzer out: let it try what lies behind.
		for _, file := range [][]byte{file, seal.Seal(imagefile.Head, file)} {
			r, manifest, err := decodeRecord(file)
			if err != nil {
				continue
			}
			again, err := encodeRecord(r, manifest)
			if err != nil {
				continue // a time that JSON reads and does not write
			}
			// Its evidence is written without spaces.
			r2, manifest2, err := decodeRecord(again)
			third, err2 := encodeRecord(r2, manifest2)
			if err := errors.Join(err, err2); err != nil || !bytes.Equal(again, third) || !bytes.Equal(manifest, manifest2) {
				t.Fatalf("%+v became %+v, %v", r, r2, err)
			}
		}
	})
}

func FuzzIndexLine(f *testing.F) {
	f.Add("example.com/a", "version", "1.0\t\n%\x00", "Ann\t=", "4b1f", "docker://x@sha256:0", int64(5), int64(6), uint8(0))
	f.Add("example.com/a", "version", "1.0", "", "", "sha512-00", int64(5), int64(6), uint8(1))
	f.Add("example.com/a", "version", "1.0", "", "", "", int64(5), int64(6), uint8(2))
	f.Fuzz(func(t *testing.T, name, label, value, by, key, pin string, size, nanos int64, dependencies uint8) {
		if strings.ContainsAny(name+label, "\t\n=") || label == "" {
			return // the appc schema allows none of them
		}
		m := schema.ImageManifest{Name: types.ACIdentifier(name), Labels: types.Labels{{Name: types.ACIdentifier(label), Value: value}}}
		e := Image{ID: idPrefix + strings.Repeat("0", 128), Manifest: &m, Size: size, Imported: time.Unix(0, nanos), Verified: &Verification{By: by, Key: key, Pin: pin}, Dependencies: make([]string, dependencies)}.Entry()
		line := bytes.TrimSuffix(appendLine(nil, e), []byte("\n"))
		got, ok := new(lineParser).parse(line, string(line))
		if !ok || !reflect.DeepEqual(got, e) {
			t.Fatalf("%+v became %+v", e, got)
		}
		if v, ok := got.Labels()[label]; !ok || v != value {
			t.Fatalf("%q became %q", value, v)
		}
		if _, ok := new(lineParser).parse(line[:len(line)-1], string(line[:len(line)-1])); ok {
			t.Fatal("a torn line was read")
		}
		new(lineParser).parse([]byte(name+"\t"+value), name+"\t"+value) // anything at all
	})
}

func FuzzSkeleton(f *testing.F) {
	var b bytes.Buffer
	w, err := newSkeletonWriter(&b)
	if err != nil {
		f.Fatal(err)
	}
	w.literal([]byte("header"))
	w.file("etc/passwd", 100)
	w.literal(make([]byte, 100_000))
	w.content([]byte("content"))
	w.file("etc/group", 7)
	if err := w.close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(packedSkeleton("\x03\x01a\x06abc"))                 // of format 1
	f.Add(packedSkeleton("\x00\x03\x03a\x01\x02\x03\x04"))    // with a checksum
	f.Add(packedSkeleton("\x00\x03\xff\xff\xff\xff\xff\x7f")) // a path without end
	f.Fuzz(func(t *testing.T, skeleton []byte) {
		// The compression keeps a fuzzer out: let it try what lies behind.
		for _, skeleton := range [][]byte{skeleton, packedSkeleton(string(skeleton))} {
			readSkeleton(t, skeleton)
		}
	})
}

func packedSkeleton(parts string) []byte {
	z, _ := zstd.NewWriter(nil)
	defer z.Close()
	return z.EncodeAll([]byte(parts), nil)
}

func readSkeleton(t *testing.T, skeleton []byte) {
	r, err := newSkeletonReader(bytes.NewReader(skeleton))
	if err != nil {
		return
	}
	defer r.close()
	for range 1000 {
		p, err := r.next()
		if err != nil {
			return
		}
		if p.literal != nil {
			io.Copy(io.Discard, io.LimitReader(p.literal, 1<<20))
		} else if len(p.path) > maxPartPath || p.length < 0 {
			t.Fatalf("%+v", p)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(storetest.Manifest))
	f.Add([]byte("{\n x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("the error is not one line: %q", err)
		}
		if err == nil && m.Name.Empty() {
			t.Fatal("an image without a name")
		}
	})
}
