// Command generate builds the images of the demo: it compiles their program
// with the host's C compiler and packs it into two ACIs, which go:embed then
// puts into podtui. It writes assets/NAME.aci and, last, assets/images.json.
//
// It runs in the folder of package demo, by "make build" or "go generate".
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/podtui/podtui/engine/enginetest/recipe"
)

var images = []string{"demo-web", "demo-visitor"}

// entry is one image as assets/images.json lists it and package demo reads it.
type entry struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	File string `json:"file"`
}

func main() {
	if err := generate("assets"); err != nil {
		fmt.Fprintln(os.Stderr, "building the demo:", err)
		os.Exit(1)
	}
}

func generate(assets string) error {
	index := filepath.Join(assets, "images.json")
	if err := os.Remove(index); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // a list that stayed would vouch for images that are gone
	}
	work, err := os.MkdirTemp("", "podtui-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := compile(filepath.Join(work, "demo")); err != nil {
		return err
	}
	var list []entry
	for _, name := range images {
		e, err := build(name, work, assets)
		if err != nil {
			return err
		}
		list = append(list, e)
	}
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(index, append(data, '\n'), 0o644)
}

// compile makes a static program whose bytes depend on source and compiler only.
func compile(program string) error {
	compiler := os.Getenv("CC")
	if compiler == "" {
		compiler = "gcc"
	}
	cc := exec.Command(compiler, "-std=gnu11", "-Os", "-Wall", "-Wextra", "-Werror",
		"-static", "-s", "-Wl,--build-id=none", "-o", program, filepath.Join("program", "demo.c"))
	cc.Stdout, cc.Stderr = os.Stderr, os.Stderr
	if err := cc.Run(); err != nil {
		return fmt.Errorf("%s: %w", compiler, err)
	}
	return nil
}

func build(name, programs, assets string) (entry, error) {
	r, err := recipe.Read(filepath.Join("images", name+".txtar"))
	if err != nil {
		return entry{}, err
	}
	r.Dir = programs
	file, err := os.Create(filepath.Join(assets, name+".aci"))
	if err != nil {
		return entry{}, err
	}
	id, err := r.Write(file)
	return entry{Name: "podtui.local/" + name, ID: id, File: name + ".aci"}, errors.Join(err, file.Close())
}
