package supervisor

// serveMetadata begins to answer the apps' questions to the metadata service. It
// comes before any program of an app runs.
func (s *supervisor) serveMetadata() error { return nil }

// environ is an app's environment, with what is known only as it starts.
func (s *supervisor) environ(a *app) []string { return a.Environ() }
