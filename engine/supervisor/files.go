package supervisor

import "github.com/podtui/podtui/engine/sandbox"

// fileMounts are the files of an app that are the pod's and not the image's
// (contract, section 3): /etc/resolv.conf, /etc/hosts, /etc/hostname.
func (s *supervisor) fileMounts(*app) ([]sandbox.Mount, error) { return nil, nil }
