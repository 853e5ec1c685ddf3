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

// findMetadata takes the service for all pods, if one runs, and else makes one.
func (s *supervisor) findMetadata() error {
	key, err := mds.OpenKey(s.data())
	if err != nil {
		return err
	}
	address := mds.Shared(s.data())
	if address == "" {
		listener, err := listenLocally()
		if err != nil {
			return err
		}
		address = listener.Addr().String()
		s.metadata.server = mds.Serve(listener, mds.Source{Key: key, Record: s.itsRecord, ImageManifest: s.imageManifest})
	}
	s.metadata.url, s.status.Metadata = key.URL(address, s.dir.UUID), address
	return nil
}

// listenLocally listens where nobody outside this host comes, at a port that the
// kernel chooses.
func listenLocally() (*net.TCPListener, error) {
	return net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
}

// data is the data folder.
func (s *supervisor) data() string { return filepath.Dir(filepath.Dir(s.dir.Path)) }

// itsRecord is what the service may tell: nothing of any other pod.
func (s *supervisor) itsRecord(uuid string) (poddir.Record, error) {
	if uuid != s.dir.UUID {
		return poddir.Record{}, errors.New("it is another pod's")
	}
	return s.record, nil
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
