package oci

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxLayers is how many layers an image may have. Docker stops at 127.
const maxLayers = 500

// maxItems is how many labels, variables, ports or volumes a config may have.
// What is made of them takes more time than they take space.
const maxItems = 1000

// Config is what an image says of itself: where it runs, what its layers are
// when they are unpacked, and how it is run.
type Config struct {
	Platform
	Created string `json:"created"`
	Author  string `json:"author"`
	Run     Run    `json:"config"`
	RootFS  RootFS `json:"rootfs"`
}

// RootFS are the layers, lowest first.
type RootFS struct {
	Type    string   `json:"type"`
	DiffIDs []Digest `json:"diff_ids"`
}

// Run is how the image is run, unless somebody says otherwise.
type Run struct {
	User         string                     `json:"User"`
	ExposedPorts map[string]json.RawMessage `json:"ExposedPorts"`
	Env          []string                   `json:"Env"`
	Entrypoint   []string                   `json:"Entrypoint"`
	Cmd          []string                   `json:"Cmd"`
	Volumes      map[string]json.RawMessage `json:"Volumes"`
	WorkingDir   string                     `json:"WorkingDir"`
	Labels       map[string]string          `json:"Labels"`
	StopSignal   string                     `json:"StopSignal"`
	Healthcheck  *Healthcheck               `json:"Healthcheck"`
	Shell        []string                   `json:"Shell"`
}

// Healthcheck is Docker's alone. Its fields are in the order in which they are
// written down again; times are nanoseconds.
type Healthcheck struct {
	Test          []string `json:"Test,omitempty"`
	Interval      int64    `json:"Interval,omitempty"`
	Timeout       int64    `json:"Timeout,omitempty"`
	StartPeriod   int64    `json:"StartPeriod,omitempty"`
	StartInterval int64    `json:"StartInterval,omitempty"`
	Retries       int      `json:"Retries,omitempty"`
}

// ParseConfig reads an image's config.
func ParseConfig(raw []byte) (Config, error) {
	var c Config
	err := decode(raw, &c)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Config{}, &InvalidError{What: "config " + string(DigestOf(raw)), Reason: err.Error()}
	}
	return c, nil
}

func (c Config) check() error {
	if t := c.RootFS.Type; t != "" && t != "layers" {
		return fmt.Errorf("its root filesystem is of the type %s; only layers are known", show(t))
	}
	if n := len(c.RootFS.DiffIDs); n > maxLayers {
		return fmt.Errorf("%d layers; at most %d are taken", n, maxLayers)
	}
	for _, d := range c.RootFS.DiffIDs {
		if !d.Valid() || d.Algorithm() != "sha256" {
			return fmt.Errorf("the diff ID %s is not sha256: and 64 hex digits", show(string(d)))
		}
	}
	return c.Run.check()
}

// check refuses what is too much, and NUL bytes where the kernel ends a string
// at one: what is shown would not be what is executed.
func (r Run) check() error {
	for _, n := range []int{len(r.Labels), len(r.Env), len(r.ExposedPorts), len(r.Volumes)} {
		if n > maxItems {
			return fmt.Errorf("%d labels, variables, ports or volumes; at most %d of each are taken", n, maxItems)
		}
	}
	texts := slices.Concat([]string{r.User, r.WorkingDir, r.StopSignal}, r.Env, r.Entrypoint, r.Cmd, sortedKeys(r.Volumes))
	for _, text := range texts {
		if strings.ContainsRune(text, 0) {
			return fmt.Errorf("%s holds a NUL byte", show(text))
		}
	}
	return nil
}
