package poddir

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
)

// said are the messages of the pod's events.
func said(t testing.TB, d *Dir) (messages []string) {
	t.Helper()
	r, err := d.OpenEvents()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return messages
		}
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, e.Message)
	}
}

func narrate(t testing.TB, d *Dir, message string) {
	t.Helper()
	w, err := d.AppendEvents()
	if err == nil {
		defer w.Close()
		err = w.Write(event.Event{Type: event.Warning, Message: message})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTornEventsTakeNoOthersWithThem(t *testing.T) {
	t.Parallel()
	for name, torn := range map[string][]byte{
		"cut off":     []byte(`{"type":"warn`),
		"zeros":       make([]byte, 100),
		"not events":  []byte("x\n\n[1]\n\xff\n"),
		"an endless":  append(bytes.Repeat([]byte("x"), maxEvent+100), '\n'),
		"and no line": bytes.Repeat([]byte("x"), maxEvent+100),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := create(t, podsOf(t))
			narrate(t, d, "before")
			file, err := os.OpenFile(d.file(eventsFile), os.O_WRONLY|os.O_APPEND, 0)
			if err == nil {
				_, err = file.Write(torn)
				file.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			narrate(t, d, "after")
			if got := said(t, d); len(got) != 2 || got[0] != "before" || got[1] != "after" {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestEventsThatArePipesHoldNobodyUp(t *testing.T) {
	t.Parallel()
	d := create(t, podsOf(t))
	if err := unix.Mkfifo(d.file(eventsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := said(t, d); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte("{\"type\":\"warning\",\"message\":\"m\"}\n{"))
	f.Add([]byte("null\n0\n\"\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := create(t, podsOf(t))
		if err := os.WriteFile(d.file(eventsFile), data, 0o600); err != nil {
			t.Fatal(err)
		}
		narrate(t, d, "the last word")
		got := said(t, d)
		if len(got) == 0 || got[len(got)-1] != "the last word" {
			t.Errorf("%q", got)
		}
	})
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"state":"running","boot":"x","apps":[{"exit":3}]}`))
	f.Add([]byte(`{"state":"preparing","before":"running"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := create(t, podsOf(t))
		d.Unlock()
		if err := os.WriteFile(d.file(stateFile), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if s := look(t, d); s.UUID != d.UUID || s.alive() || s.State == "" {
			t.Errorf("%q is %+v", data, s)
		}
	})
}
