package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is its own child process: what a process does to a store and
// what its death leaves can't be told from within.
const (
	childRole  = "PODTUI_STORE_TEST_ROLE"
	childStore = "PODTUI_STORE_TEST_STORE"
	childArg   = "PODTUI_STORE_TEST_ARG"
	childPoint = "PODTUI_STORE_TEST_POINT"
)

func child(role string) {
	if point := os.Getenv(childPoint); point != "" {
		at = func(p crashPoint) {
			if string(p) == point {
				unix.Kill(os.Getpid(), unix.SIGKILL)
				time.Sleep(time.Minute)
			}
		}
	}
	s, err := Open(os.Getenv(childStore))
	if err == nil {
		err = act(s, role, os.Getenv(childArg))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func act(s *Store, role, arg string) error {
	switch role {
	case "import", "verify":
		var o ImportOptions
		if role == "verify" {
			o.Verified = &Verification{By: "Example Builds", At: time.Now()}
		}
		f, err := os.Open(arg)
		if err != nil {
			return err
		}
		defer f.Close()
		img, fresh, err := s.Import(context.Background(), f, o)
		fmt.Println(img.ID, fresh)
		return err
	case "remove":
		return s.Remove(arg)
	case "vouch":
		return s.vouchWhatever(arg, signedBy("Bob"))
	case "collect":
		_, err := s.GC(context.Background(), GCOptions{Unused: time.Nanosecond})
		return err
	case "starved":
		return starved(s, arg)
	case "restack":
		return restack(s, arg)
	case "restack, leasing":
		at = func(p crashPoint) {
			if p == layerRenamed || p == vouched {
				fmt.Println(p, "locked:", leasesAreLocked(s))
			}
		}
		return restack(s, arg)
	case "fetch":
		return fetch(s, strings.Split(arg, ":"))
	case "turn":
		turn, err := s.Turn(context.Background(), arg, nil)
		if err != nil {
			return err
		}
		return turn.Tell([]byte("news"))
	case "memory":
		return readFour(s, arg)
	case "verify memory":
		return verifyOnly(s, arg)
	case "download":
		return download(s, arg)
	case "remember":
		return s.Remember(Remembered{Reference: arg, ID: idPrefix + strings.Repeat("0", 128)})
	}
	return fmt.Errorf("no such role: %s", role)
}

// spawn is a child that acts on a store, and dies at a point if one is given.
func spawn(s *Store, role, arg string, point crashPoint) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childStore+"="+s.dir, childArg+"="+arg, childPoint+"="+string(point))
	return cmd
}

// fetch makes a registry image of layers that are in files.
func fetch(s *Store, files []string) error {
	d, err := s.Draft()
	if err != nil {
		return err
	}
	var diffIDs []string
	for _, path := range files {
		layer, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		id := diffID(layer)
		diffIDs = append(diffIDs, id)
		here, err := d.Keep(id)
		if err == nil && !here {
			err = d.ReadLayer(context.Background(), bytes.NewReader(layer), LayerOptions{DiffID: id})
		}
		if err != nil {
			return err
		}
		fmt.Println("layer", here)
	}
	_, fresh, err := d.Commit(context.Background(), registryImage(diffIDs))
	fmt.Println("fresh", fresh)
	return also(err, d.Close())
}

// restack commits an archive on an image, given as PATH:ID, as Bob's.
func restack(s *Store, arg string) error {
	path, id, _ := strings.Cut(arg, ":")
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	d, err := s.Draft()
	if err != nil {
		return err
	}
	if _, err = d.ReadACI(context.Background(), f, ImportOptions{}); err == nil {
		_, _, err = d.Commit(context.Background(), CommitOptions{Dependencies: []string{id}, Verified: signedBy("Bob")})
	}
	return also(err, d.Close())
}

// leasesAreLocked reports whether a lease would have to wait now.
func leasesAreLocked(s *Store) bool {
	f, err := os.Open(s.path(removalLock))
	if err != nil {
		return false
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == unix.EWOULDBLOCK
}

// registryImage is one of these layers, lowest first.
func registryImage(diffIDs []string) CommitOptions {
	manifest := manifestOf("example.com/registry/app", "version=1", "os=linux", "arch=amd64")
	return CommitOptions{
		ID: idPrefix + sum([]byte(manifest+strings.Join(diffIDs, " "))), Manifest: []byte(manifest), DiffIDs: diffIDs,
		Origin: "docker://example.com/registry/app:1",
	}
}

// download writes ten bytes, and ends without closing.
func download(s *Store, key string) error {
	p, err := s.Partial(context.Background(), key, nil)
	if err != nil {
		return err
	}
	if err := p.SetValidator(Validator{ETag: "x", Total: 10}); err != nil {
		return err
	}
	at(validated)
	for range 10 {
		if _, err := p.Write([]byte("0")); err != nil {
			return err
		}
	}
	at(downloaded)
	return nil
}

// Points of the test's own, outside the store.
const (
	validated  crashPoint = "validated"
	downloaded crashPoint = "downloaded"
)
