package supervisor

// preStart runs what an app's image wants to have run before it (aci.md,
// "eventHandlers"). The app is made and waits.
func (s *supervisor) preStart(*app) error { return nil }

// postStop runs what is to be run after it has ended.
func (s *supervisor) postStop(*app) error { return nil }
