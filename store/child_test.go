package store

import (
	"context"
	"fmt"
	"os"
	"os/exec"
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
	}
	return fmt.Errorf("no such role: %s", role)
}

// spawn is a child that acts on a store, and dies at a point if one is given.
func spawn(s *Store, role, arg string, point crashPoint) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childStore+"="+s.dir, childArg+"="+arg, childPoint+"="+string(point))
	return cmd
}
