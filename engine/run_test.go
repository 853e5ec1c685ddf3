package engine_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

func TestRun(t *testing.T) {
	e, err := engine.Open(engine.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	pod := spec.Pod{Apps: []spec.App{{Image: enginetest.BuildImage(t, "busybox"), Exec: "/bin/sh", Args: []string{"-c", "echo hello; id; exit 3"}}}}
	r, err := e.Run(context.Background(), pod, engine.RunOptions{SkipVerify: true, Output: func(app int, stream string, p []byte) {
		fmt.Printf("OUT %d %s %q\n", app, stream, p)
	}}, func(ev event.Event) { fmt.Printf("%+v\n", ev) })
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(r.Wait())
}
