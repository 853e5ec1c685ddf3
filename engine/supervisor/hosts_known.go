package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"sync"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// hosts is what a pod with networks of its own knows of others by name, and is known
// by. A pod with the host's network has nothing of it.
type hosts struct {
	watch    *poddir.NamesWatch // nil: it knows of none
	watching sync.WaitGroup
	changed  chan struct{} // has one while something may have changed
	networks []string      // that the pod has

	mu    sync.Mutex // of the files, which are made anew with their apps
	files map[string]bool

	nameless sync.Once // the warning of no name server
}

// meetPods has others know the pod by its name, if it has one, and the pod know others.
// A pod runs without that as well.
func (s *supervisor) meetPods() {
	if s.network.setup == nil {
		return
	}
	for _, at := range s.network.setup.Interfaces {
		s.hosts.networks = append(s.hosts.networks, at.Network)
	}
	if err := s.watchPods(); err != nil {
		s.emit(event.Event{Type: event.Warning, Message: fmt.Sprintf("the pod knows no other by name: %v", err)})
	}
	if s.record.Pod.Name == "" {
		return
	}
	if err := s.dir.AnnounceHostName(s.record.Pod.Name, s.network.setup.Interfaces); err != nil {
		s.emit(event.Event{Type: event.Warning, Message: fmt.Sprintf("other pods don't know this one by name: %v", err)})
	}
}

func (s *supervisor) watchPods() error {
	watch, err := s.dir.WatchHostNames()
	if err != nil {
		return err
	}
	changed := make(chan struct{}, 1)
	s.hosts.watch, s.hosts.changed, s.hosts.files = watch, changed, make(map[string]bool)
	s.hosts.watching.Go(func() { // until partPods
		for watch.Wait() == nil {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	})
	return nil
}

// partPods ends the watch. The name goes with the networks.
func (s *supervisor) partPods() {
	if s.hosts.watch != nil {
		s.hosts.watch.Close()
		s.hosts.watching.Wait()
	}
}

// ownAddresses are those of the pod in its first network.
func (s *supervisor) ownAddresses() (own []netip.Addr) {
	if s.network.setup == nil {
		return nil
	}
	for _, at := range s.network.setup.Interfaces {
		for _, address := range at.Addresses {
			if prefix, err := netip.ParsePrefix(address); err == nil {
				own = append(own, prefix.Addr())
			}
		}
		if len(own) > 0 {
			break
		}
	}
	return own
}

// writeHosts makes an app's file of hosts, with the pods that are known now.
func (s *supervisor) writeHosts(name string, content []byte) error {
	if s.hosts.watch == nil {
		return s.writeNew(name, content)
	}
	s.hosts.mu.Lock()
	defer s.hosts.mu.Unlock()
	pods, _ := poddir.HostNames(filepath.Dir(s.dir.Path)) // else they come with the next change
	content, _ = renewed(withBlock(content), pods, s.hosts.networks)
	s.hosts.files[name] = true
	return s.writeNew(name, content)
}

// renewHosts has the apps know the pods that are there now. A file that can't be
// changed stays as it is until the next time.
func (s *supervisor) renewHosts() {
	s.hosts.mu.Lock()
	defer s.hosts.mu.Unlock()
	pods, err := poddir.HostNames(filepath.Dir(s.dir.Path))
	if err != nil {
		return
	}
	for name := range s.hosts.files {
		err := renewFile(name, func(hosts []byte) ([]byte, bool) { return renewed(hosts, pods, s.hosts.networks) })
		if errors.Is(err, fs.ErrNotExist) {
			delete(s.hosts.files, name)
		}
	}
}
