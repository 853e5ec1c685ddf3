package console

import (
	"context"
	"os"

	"github.com/podtui/podtui/engine"
)

// Enterer is what Enter needs of *engine.Engine.
type Enterer interface {
	Enter(ctx context.Context, word string, o engine.EnterOptions) (int, error)
}

// Enter runs a program beside an app, on the terminal if there is one, and returns
// its exit status.
func (t Terminal) Enter(ctx context.Context, e Enterer, word string, o engine.EnterOptions) (int, error) {
	o.Stdin, o.Stdout, o.Stderr = t.In, t.Out, t.Err
	if !Is(t.In, t.Out) {
		return e.Enter(ctx, word, o)
	}
	console, err := Open(t.In, t.Out)
	if err != nil {
		return 0, err
	}
	defer console.Close()
	resized := make(chan [2]int, 1)
	go console.Resized(func(rows, cols int) {
		select {
		case <-resized: // nobody needs the one before
		default:
		}
		resized <- [2]int{rows, cols}
	})
	o.Terminal, o.Screen, o.Resized = true, console, resized
	o.Rows, o.Cols = console.Size()
	if name := os.Getenv("TERM"); name != "" {
		o.Env = append(o.Env, "TERM="+name)
	}
	return e.Enter(ctx, word, o)
}
