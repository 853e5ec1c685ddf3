// Command generate builds the program of a pod's own processes and puts it,
// compressed, into assets, for go:embed. It runs in the folder of package
// podprogram, with the environment and the flags of "make build":
//
//	go run ./generate BUILD-FLAGS…
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

func main() {
	if err := generate(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "building the program of pods:", err)
		os.Exit(1)
	}
}

func generate(flags []string) error {
	work, err := os.MkdirTemp("", "podtui-pod-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	built := filepath.Join(work, "podtui-pod")
	build := exec.Command("go", append(append([]string{"build", "-o", built}, flags...), "./program")...)
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	program, err := os.ReadFile(built)
	if err != nil {
		return err
	}
	return replace(program)
}

// replace leaves one program in assets, untouched if it is the same: what embeds
// it need not be linked again.
func replace(program []byte) error {
	digest := sha256.Sum256(program)
	name := "assets/podtui-pod-" + hex.EncodeToString(digest[:8]) + ".zst"
	others, err := filepath.Glob("assets/podtui-pod-*")
	if err != nil {
		return err
	}
	for _, other := range others {
		if other == name {
			return nil
		}
		if err := os.Remove(other); err != nil {
			return err
		}
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", encoder.EncodeAll(program, nil), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
