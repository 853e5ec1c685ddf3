package supervisor

import (
	"os"
	"sync"
)

// input is what goes into an app, from all that are attached, in the order in
// which it comes. An app that does not read keeps nobody waiting but who writes,
// and holds of each no more than inputWindow.
type input struct {
	mu      sync.Mutex
	changed *sync.Cond
	file    *os.File // the app's, while it runs
	queue   []piece
	ended   bool // no more comes, and what has come is written: each start has an empty input
	closed  bool // the app has ended for good
}

// piece is input of one who is attached.
type piece struct {
	from *attached
	data []byte
	end  bool // the input ends here
}

// inputWindow is how much input of one who is attached may be on its way.
const inputWindow = 64 << 10

func newInput() *input {
	in := &input{}
	in.changed = sync.NewCond(&in.mu)
	go in.run() // ends with close
	return in
}

// give is the app's input at a start.
func (in *input) give(file *os.File) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		file.Close()
		return
	}
	in.file = file
	in.changed.Broadcast()
}

// take ends the input of an app that has ended. What it has not read is lost, as
// with any pipe; what was not written waits for the next start.
func (in *input) take() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.file != nil {
		in.file.Close() // a write that waits returns
		in.file = nil
	}
}

func (in *input) close() {
	in.take()
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed, in.queue = true, nil
	in.changed.Broadcast()
}

// add queues a piece.
func (in *input) add(p piece) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return
	}
	if last := len(in.queue) - 1; last >= 0 && in.queue[last].from == p.from && !in.queue[last].end && !p.end {
		in.queue[last].data = append(in.queue[last].data, p.data...) // single keys cost no more than their bytes
	} else {
		in.queue = append(in.queue, p)
	}
	in.changed.Broadcast()
}

// forget drops what somebody has sent who has gone. What the app is taking now
// goes on.
func (in *input) forget(who *attached) {
	in.mu.Lock()
	defer in.mu.Unlock()
	left := in.queue[:0]
	for _, p := range in.queue {
		if p.from != who {
			left = append(left, p)
		}
	}
	clear(in.queue[len(left):])
	in.queue = left
}

// next waits for a piece and for an app that can take it.
func (in *input) next() (piece, *os.File, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for !in.closed && (len(in.queue) == 0 || in.file == nil && !in.ended) {
		in.changed.Wait()
	}
	if in.closed {
		return piece{}, nil, false
	}
	p := in.queue[0]
	in.queue[0] = piece{}
	in.queue = in.queue[1:]
	if p.end {
		in.ended = true
	}
	return p, in.file, true
}

func (in *input) run() {
	for {
		p, file, more := in.next()
		if !more {
			return
		}
		if p.end {
			in.take()
			continue
		}
		if file != nil {
			_, _ = file.Write(p.data) // an app that has closed its input wants no more of it
		}
		p.from.taken(len(p.data))
	}
}
