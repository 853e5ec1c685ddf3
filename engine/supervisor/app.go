package supervisor

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// app is one running app and where its output goes.
type app struct {
	process *sandbox.Process
	log     *poddir.LogWriter
	front   *sender // nil: the front end doesn't want the output
	index   int
	ours    [2]*os.File // our ends of stdout and stderr
	theirs  [2]*os.File
}

// pipeSize is how much an app can write ahead of us.
const pipeSize = 256 << 10

func (s *supervisor) newApp(index int, name string) (*app, error) {
	log, err := s.dir.CreateLog(name)
	if err != nil {
		return nil, err
	}
	a := &app{log: log, index: index}
	if s.wantOutput {
		a.front = s.front
	}
	for i := range a.ours {
		a.ours[i], a.theirs[i], err = os.Pipe()
		if err != nil {
			return nil, err
		}
		// A larger pipe saves turns; the limit for all users may refuse it.
		_, _ = unix.FcntlInt(a.ours[i].Fd(), unix.F_SETPIPE_SZ, pipeSize)
		_ = unix.SetNonblock(int(a.ours[i].Fd()), true)
	}
	return a, nil
}

func (a *app) closeTheirs() {
	for _, file := range a.theirs {
		file.Close()
	}
}

// follow keeps the app's output until both of its streams end, which they do
// with its last process, and tells how it ended.
func (a *app) follow(index int, ends chan<- end) {
	var copying sync.WaitGroup
	for stream := range a.ours {
		copying.Go(func() { a.copyStream(stream) })
	}
	ending, err := a.process.Wait()
	copying.Wait()
	a.log.Close()
	ends <- end{app: index, status: ending.Status, err: err}
}

// copyStream moves output from the pipe to the log, and then to the front end.
// A log that can't be written (a full disk) is no reason to stop the app.
func (a *app) copyStream(stream int) {
	defer a.ours[stream].Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := a.ours[stream].Read(buffer)
		if n > 0 {
			_ = a.log.Write(time.Now(), streams[stream], buffer[:n])
			if a.front != nil {
				a.front.output(a.index, stream, buffer[:n])
			}
		}
		if err != nil { // the end, or a pipe that can't be read: the same for us
			return
		}
	}
}
