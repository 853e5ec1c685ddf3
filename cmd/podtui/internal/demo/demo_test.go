package demo

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/appc/spec/schema"
)

// built returns the demo's images, or skips a test binary that was compiled
// before they were made.
func built(t *testing.T) []Image {
	t.Helper()
	images, err := Images()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(`the demo's images are not built; "make test" builds them first`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return images
}

// unpack returns the files of an image by their names in the archive.
func unpack(t *testing.T, image Image) map[string][]byte {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(image.Data))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for archive := tar.NewReader(plain); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

func TestImagesAreWhatTheBinaryPins(t *testing.T) {
	pinned := Pinned()
	for _, image := range built(t) {
		plain, err := gzip.NewReader(bytes.NewReader(image.Data))
		if err != nil {
			t.Fatal(err)
		}
		hash := sha512.New()
		if _, err := io.Copy(hash, plain); err != nil {
			t.Fatal(err)
		}
		if id := "sha512-" + hex.EncodeToString(hash.Sum(nil)); id != image.ID || pinned[id] == "" {
			t.Errorf("%s is %s, pinned as %s", image.Name, id, image.ID)
		}
		var manifest schema.ImageManifest
		if err := manifest.UnmarshalJSON(unpack(t, image)["manifest"]); err != nil {
			t.Errorf("%s: %v", image.Name, err)
		}
		if manifest.Name.String() != image.Name {
			t.Errorf("%s calls itself %s", image.Name, manifest.Name)
		}
	}
}

func TestPodIsValidAndKnowsItsImages(t *testing.T) {
	images := built(t)
	pod, err := Pod(8081)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range pod.Check() {
		t.Error(problem)
	}
	for i, app := range pod.Apps {
		if !strings.HasPrefix(images[i].ID, app.Image) {
			t.Errorf("app %s runs %s, not %s", app.Name, app.Image, images[i].ID)
		}
	}
}

func TestWithoutImagesTheErrorSaysHowToGetThem(t *testing.T) {
	if !strings.Contains(ErrMissing.Error(), "make build") {
		t.Error(ErrMissing)
	}
}

// program starts the demo's program in a root folder, as a pod would.
func program(root string, port int, role string) (*exec.Cmd, *bytes.Buffer) {
	var output bytes.Buffer
	cmd := exec.Command("/demo", role, strconv.Itoa(port))
	cmd.Dir = "/"
	cmd.Env = []string{"GREETING=Good day", "VISITS=2"}
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Pdeathsig: syscall.SIGKILL}
	return cmd, &output
}

func TestVisitorAndServerMeet(t *testing.T) {
	images := built(t)
	if os.Getuid() != 0 {
		t.Skip("chroot needs root")
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "var/lib/visitors"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "demo"), unpack(t, images[0])["rootfs/demo"], 0o755); err != nil {
		t.Fatal(err)
	}
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	visitor, told := program(root, port, "visitor")
	if err := visitor.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // the visitor may well be first
	web, said := program(root, port, "web")
	if err := errors.Join(web.Run(), visitor.Wait()); err != nil {
		t.Fatalf("%v\n%s%s", err, said, told)
	}
	for _, want := range []string{`is told "Good day, visitor 1"`, `is told "Good day, visitor 2"`, "finds the number 2"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("no %q in\n%s", want, told)
		}
	}
	if !strings.Contains(said.String(), "visitor 2 is here\n2 visitors, that will do\n") {
		t.Errorf("the server said\n%s", said)
	}
}
