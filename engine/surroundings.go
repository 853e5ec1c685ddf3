package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// Surroundings are what a pod finds here: the environment of podtui's caller, and
// what its files of variables hold. A file that can't be read is a RefutedError, one
// that is none of variables an InvalidError.
func (e *Engine) Surroundings(ctx context.Context, pod spec.Pod) (spec.Surroundings, error) {
	around := spec.Surroundings{Environ: e.options.Environ}
	for i, name := range pod.EnvFiles {
		at := fmt.Sprintf("envFiles[%d]", i)
		data, err := readGiven(ctx, name, spec.MaxEnvFile)
		if err != nil {
			return around, &RefutedError{[]spec.Problem{{Path: at, Message: "--set-env-file: " + err.Error()}}}
		}
		vars, err := spec.ParseEnvFile(name, data, around.EnvFile)
		if err != nil {
			return around, &InvalidError{[]spec.Problem{{Path: at, Message: err.Error()}}}
		}
		around.EnvFile = append(around.EnvFile, vars...)
	}
	return around, nil
}

// readGiven reads what a user has given as a file: it may as well be a pipe, which
// whoever gives up need not wait for.
func readGiven(ctx context.Context, name string, most int64) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	}
	defer file.Close()
	stop := context.AfterFunc(ctx, func() { file.Close() })
	defer stop()
	err = awaitWriter(file)
	var data []byte
	if err == nil {
		data, err = io.ReadAll(io.LimitReader(file, most+1))
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	case int64(len(data)) > most:
		return nil, fmt.Errorf("%s is larger than %d MiB, the most that a file of variables has", name, most>>20)
	}
	return data, nil
}

// awaitWriter waits until somebody has opened the other end of a pipe. One that was
// not opened so far would read as if it were empty.
func awaitWriter(file *os.File) error {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return err
	}
	pipe, err := file.SyscallConn()
	if err != nil {
		return err
	}
	return pipe.Read(func(fd uintptr) bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return n > 0 || err != nil && !errors.Is(err, unix.EINTR)
	})
}
