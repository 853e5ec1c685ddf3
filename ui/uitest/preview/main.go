// Preview shows the interface over a scripted engine, to be looked at while
// screens are being drawn: go run ./ui/uitest/preview testdata/events/*.jsonl
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/uitest"
)

func main() {
	speed := flag.Float64("speed", 1, "seconds of a recording that pass in one")
	many := flag.Int("many", 0, "show that many images")
	trouble := flag.String("trouble", "", "what stands in the way")
	flag.Parse()

	e := enginetest.NewScripted(append(uitest.Samples(), uitest.Many(*many)...)...)
	e.Speed = *speed
	e.AddPods(uitest.Pods()...)
	uitest.Trusted(e)
	if err := errors.Join(uitest.Elsewhere(e), uitest.Refused(e)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, path := range flag.Args() {
		events, err := enginetest.ReadEvents(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		e.Recordings = append(e.Recordings, events)
	}
	if err := ui.Run(context.Background(), e, ui.Options{Trouble: *trouble}); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}
