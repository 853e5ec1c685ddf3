package supervisor

import (
	"errors"
	"net"
	"path/filepath"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/mds"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store/imagefile"
)

// metadata is the pod's metadata service.
type metadata struct {
	server *mds.Server // nil: none, or one for all pods of the data folder
	url    string      // what the apps are told; "": nothing
}

// serveMetadata begins to answer the apps' questions to the metadata service. It
// comes before any program of an app runs. A host on which that can't be done
// runs the pod all the same: few apps ask.
func (s *supervisor) serveMetadata() {
	if !s.record.Resolved.Metadata {
		return
	}
	if err := s.findMetadata(); err != nil {
		s.emit(event.Event{Type: event.Warning, Message: "there is no metadata service for the pod: " + err.Error()})
	}
}

// findMetadata takes the service for all pods, if one runs, and else makes one. A pod
// with a network of its own has its own: it can't reach the host's loopback, and
// nobody outside is to reach what is told to its apps.
func (s *supervisor) findMetadata() error {
	key, err := mds.OpenKey(s.data())
	if err != nil {
		return err
	}
	var address string
	if s.pod.NetworkNamespace() == "" {
		address = mds.Shared(s.data())
	}
	if address == "" {
		listener, err := s.listenLocally()
		if err != nil {
			return err
		}
		address = listener.Addr().String()
		s.metadata.server = mds.Serve(listener, mds.Source{Key: key, Record: s.itsRecord, ImageManifest: s.imageManifest})
	}
	s.metadata.url, s.status.Metadata = key.URL(address, s.dir.UUID), address
	return nil
}

// rktsPort is where rkt's service was. A pod with a network of its own has it there,
// out of the way of the ports that the kernel chooses for apps.
const rktsPort = 18112

// listenLocally listens where nobody outside of the pod's network comes, which may be
// the host's: there it is at a port that the kernel chooses.
func (s *supervisor) listenLocally() (listener *net.TCPListener, err error) {
	at := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	if s.pod.NetworkNamespace() != "" {
		at.Port = rktsPort
	}
	err = s.pod.InNetwork(func() error {
		listener, err = net.ListenTCP("tcp4", &at)
		return err
	})
	return listener, err
}

// data is the data folder.
func (s *supervisor) data() string { return filepath.Dir(filepath.Dir(s.dir.Path)) }

// itsRecord is what the service may tell: nothing of any other pod. The supervisor's
// own copy is gone soon after the start (rest), and is another goroutine's.
func (s *supervisor) itsRecord(uuid string) (poddir.Record, error) {
	if uuid != s.dir.UUID {
		return poddir.Record{}, errors.New("it is another pod's")
	}
	return s.dir.ReadRecord()
}

// imageManifest is what an image's manifest says, byte for byte. What the store
// needs beside its files is not linked with a supervisor.
func (s *supervisor) imageManifest(id string) ([]byte, error) {
	return imagefile.Manifest(filepath.Join(s.data(), "store"), id)
}

// closeMetadata ends the service, after the last program of an app.
func (s *supervisor) closeMetadata() {
	if s.metadata.server != nil {
		s.metadata.server.Close()
	}
	s.metadata, s.status.Metadata = metadata{}, ""
}

// environ is an app's environment, with what is known only as it starts.
func (s *supervisor) environ(a *app) []string {
	if s.metadata.url == "" {
		return a.Environ()
	}
	return append(a.Environ(), spec.MetadataURL+"="+s.metadata.url)
}
