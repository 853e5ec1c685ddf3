package engine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/spec"
)

// StatusCannotRun is the exit status when podtui could not run the pod
// (contract, section 3).
const StatusCannotRun = 125

// ExitStatus is what a front end exits with after an error of Run.
func ExitStatus(err error) int {
	var start *StartError
	var invalid *InvalidError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &invalid):
		return 2
	case errors.As(err, &start):
		return start.Status
	}
	return StatusCannotRun
}

// InvalidError says that the pod is wrong by form alone.
type InvalidError struct{ Problems []spec.Problem }

func (e *InvalidError) Error() string { return joinProblems(e.Problems) }

// RefutedError says that what the pod asks for is not so on this host, or with
// these images.
type RefutedError struct{ Problems []spec.Problem }

func (e *RefutedError) Error() string { return joinProblems(e.Problems) }

func joinProblems(problems []spec.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Message
	}
	return strings.Join(lines, "; ")
}

// ImageError says that an image could not be had.
type ImageError struct {
	Image string // as it was asked for
	Err   error
}

func (e *ImageError) Error() string {
	why := strings.TrimPrefix(reason(e.Err), e.Image+": ") // a URL that is asked for is named once
	return fmt.Sprintf("image %s: %s", e.Image, why)
}
func (e *ImageError) Unwrap() error { return e.Err }

func reason(err error) string { return fetch.Reason(err) }

// StartError says that the pod could not be started. Its supervisor, another
// process, found out: only words and the exit status came over.
type StartError struct {
	Message string
	Status  int // 125, 126 or 127
}

func (e *StartError) Error() string { return e.Message }
