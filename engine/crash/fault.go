package crash

// FaultHook is told of each point at which something may go wrong, if a test has set
// it before anything else ran; what it returns went wrong there.
var FaultHook func(Point) error

// Fault is Here for a place before a step that can fail as well: a test may have the
// process die there, or the step.
func Fault(p Point) error {
	if Hook != nil {
		Hook(p)
	}
	if FaultHook != nil {
		return FaultHook(p)
	}
	return nil
}
