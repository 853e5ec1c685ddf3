package fetch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/store"
)

// order is what a child is to fetch: a process of its own, which can be killed.
type order struct {
	Store, Config, Reference, Proxy string
}

const orderVariable = "PODTUI_FETCH_ORDER"

// child fetches if this process is one, prints the ID, and ends.
func child() {
	text := os.Getenv(orderVariable)
	if text == "" {
		return
	}
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	img, err := o.fetch()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(img.ID)
	os.Exit(0)
}

func (o order) fetch() (store.Image, error) {
	s, err := store.Open(o.Store)
	if err != nil {
		return store.Image{}, err
	}
	proxy, err := url.Parse(o.Proxy)
	if err != nil {
		return store.Image{}, err
	}
	f := fetch.New(fetch.Options{Store: s, ConfigDir: o.Config, Trust: trust.Open(trust.Folders{Config: o.Config}), HTTP: transfer.Options{
		SkipTLS: true, Backoff: func(int) time.Duration { return 0 },
		Proxy: func(r *http.Request) (*url.URL, error) {
			if transfer.Loopback(r.URL.Hostname()) {
				return nil, nil
			}
			return proxy, nil
		},
	}})
	defer f.Close()
	return fetchBy(context.Background(), f, o.Reference, spec.PullNew, func(event.Event) {})
}

// command is the child that fetches a reference into the world's store. It dies
// with the test.
func (w *world) command(reference string) *exec.Cmd {
	w.tb.Helper()
	text, err := json.Marshal(order{w.dir + "/store", w.options.ConfigDir, reference, w.Proxy()})
	if err != nil {
		w.tb.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		w.tb.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), orderVariable+"="+string(text))
	cmd.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	return cmd
}
