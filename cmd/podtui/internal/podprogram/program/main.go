// Command program is what a pod's own processes run: its supervisor, its init and
// the starts of its apps. podtui carries it and starts it; people don't.
package main

import (
	"fmt"
	"os"

	"github.com/podtui/podtui/engine/supervisor"
)

func main() {
	supervisor.Role()
	fmt.Fprintln(os.Stderr, "this is a part of podtui, which starts it by itself")
	os.Exit(2)
}
