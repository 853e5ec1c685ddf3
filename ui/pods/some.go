package pods

// Some reports whether any pod is known to be there, or to be started.
func (s *Screen) Some() bool { return len(s.all) > 0 }
