// Command podtui runs app containers: composed on a screen, or in batch.
//
// The same executable is every process of a pod: what starts here as the
// supervisor of a pod, or as an app that is about to become itself, never gets
// to the command line.
package main

import (
	"io"
	"log"
	"os"

	"github.com/podtui/podtui/cmd/podtui/internal/cli"
	"github.com/podtui/podtui/engine"
)

// version is set by the linker.
var version = "unknown"

func main() {
	engine.Role()
	log.SetOutput(io.Discard) // the standard library's words about servers would go over the screen
	os.Exit(cli.Main(version, os.Args[1:]))
}
