package supervisor

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// hosts is what a pod with networks of its own knows of others by name, and is known
// by. A pod with the host's network has nothing of it.
type hosts struct {
	own        poddir.HostName    // the pod itself, as others know it
	interfaces []poddir.Interface // of the pod; none: it knows nobody

	met      chan struct{}      // closed once others know the pod, and it knows them
	watch    *poddir.NamesWatch // from then on; nil: it can't be told of changes
	watching sync.WaitGroup
	changed  chan struct{} // has one while something may have changed

	mu    sync.Mutex // of the files, which are made anew with their apps
	files map[string]bool

	nameless sync.Once // the warning of no name server
}

// meetPods has others know the pod by its name, if it has one, and the pod know others,
// while its apps are being made.
func (s *supervisor) meetPods() {
	if s.network.setup == nil {
		return
	}
	s.hosts.interfaces = s.network.setup.Interfaces
	s.hosts.own = s.dir.HostNameOf(s.record.Pod.Name, s.hosts.interfaces)
	s.hosts.files = make(map[string]bool)
	s.hosts.met, s.hosts.changed = make(chan struct{}), make(chan struct{}, 1)
	s.hosts.watching.Go(func() { // until partPods
		s.meet()
		close(s.hosts.met)
		if s.hosts.watch != nil {
			s.hosts.hear()
		}
	})
}

// hear tells of changes, and at once too: files may be older than the watch.
func (h *hosts) hear() {
	for err := error(nil); err == nil; err = h.watch.Wait() {
		select {
		case h.changed <- struct{}{}:
		default:
		}
	}
}

// meet does what can go wrong of it. A pod runs without that as well.
func (s *supervisor) meet() {
	var err error
	if s.hosts.watch, err = s.dir.WatchHostNames(); err != nil {
		s.emit(event.Event{Type: event.Warning, Message: fmt.Sprintf("pods that come later are not known by name: %v", err)})
	}
	if err := s.dir.AnnounceHostName(s.hosts.own); err != nil {
		s.emit(event.Event{Type: event.Warning, Message: fmt.Sprintf("other pods don't know this one by name: %v", err)})
	}
}

// awaitPods waits until others know the pod: none of its apps runs before.
func (s *supervisor) awaitPods() {
	if s.hosts.met != nil {
		<-s.hosts.met
	}
}

// partPods ends the watch. The name goes with the networks.
func (s *supervisor) partPods() {
	s.awaitPods()
	if s.hosts.watch != nil {
		s.hosts.watch.Close()
	}
	s.hosts.watching.Wait()
}

// known are the pods that are known by name now, where this one comes to them, and this
// one in any case.
func (s *supervisor) known() []poddir.HostName {
	pods, _ := poddir.HostNames(filepath.Dir(s.dir.Path)) // else they come with the next change
	pods = slices.DeleteFunc(pods, func(p poddir.HostName) bool { return p.UUID == s.dir.UUID })
	for i, p := range pods {
		pods[i].Addresses = reachable(p.Addresses, s.hosts.interfaces)
	}
	if s.hosts.own.Known() {
		pods = append(pods, s.hosts.own)
	}
	return pods
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
	if len(s.hosts.interfaces) == 0 {
		return s.writeNew(name, content)
	}
	s.hosts.mu.Lock()
	defer s.hosts.mu.Unlock()
	content, _ = renewed(withBlock(content), s.known())
	s.hosts.files[name] = true
	return s.writeNew(name, content)
}

// renewHosts has the apps know the pods that are there now. A file that can't be
// changed stays as it is until the next time.
func (s *supervisor) renewHosts() {
	s.hosts.mu.Lock()
	defer s.hosts.mu.Unlock()
	pods := s.known()
	for name := range s.hosts.files {
		_ = renewFile(name, func(hosts []byte) ([]byte, bool) { return renewed(hosts, pods) })
	}
}
