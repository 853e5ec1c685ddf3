package supervisor

import "github.com/podtui/podtui/engine/sandbox"

// app is one running app.
type app struct {
	process *sandbox.Process
	io      *stdio
}

// follow waits until both of the app's streams have ended, which they do with its
// last process, and tells how it ended.
func (a *app) follow(index int, ends chan<- end) {
	ending, err := a.process.Wait()
	a.io.drain()
	ends <- end{app: index, status: ending.Status, err: err}
}
