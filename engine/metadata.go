package engine

import (
	"context"
	"fmt"
	"net"

	"github.com/podtui/podtui/engine/mds"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// ServeMetadata is the metadata service for all pods of the data folder, at an
// address of this host. It tells ready where that is, and returns when the
// context ends. Pods that start meanwhile have no service of their own, and their
// apps are told of this one.
func (e *Engine) ServeMetadata(ctx context.Context, address string, ready func(url string)) error {
	at, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return err
	}
	claim, err := mds.NewClaim(e.options.Dir)
	if err != nil {
		return err
	}
	defer claim.Release()
	key, err := mds.OpenKey(e.options.Dir)
	if err != nil {
		return err
	}
	listener, err := net.ListenTCP("tcp4", at)
	if err != nil {
		return err
	}
	server := mds.Serve(listener, mds.Source{Key: key, Record: e.runningRecord, ImageManifest: e.store.ManifestJSON})
	defer server.Close()
	if err := claim.Tell(listener.Addr().String()); err != nil {
		return err
	}
	ready("http://" + listener.Addr().String())
	<-ctx.Done()
	claim.Release() // first: no pod is told of us any more
	return nil
}

// runningRecord is what is executed of a pod that runs, or is about to, and that
// has a metadata service.
func (e *Engine) runningRecord(uuid string) (poddir.Record, error) {
	dir := poddir.Open(e.pods(), uuid)
	status, err := dir.Status()
	if err != nil {
		return poddir.Record{}, err
	}
	if status.State != poddir.Running && status.State != poddir.Preparing {
		return poddir.Record{}, fmt.Errorf("pod %s is %s", uuid, status.State)
	}
	record, err := dir.ReadRecord()
	if err == nil && !record.Resolved.Metadata {
		err = fmt.Errorf("pod %s has no metadata service", uuid)
	}
	return record, err
}

// withMetadata is the environment of an app of a running pod, with where its
// metadata service is.
func (e *Engine) withMetadata(environ []string, status poddir.Status) ([]string, error) {
	if status.Metadata == "" {
		return environ, nil
	}
	key, err := mds.OpenKey(e.options.Dir)
	if err != nil {
		return nil, err
	}
	return append(environ, spec.MetadataURL+"="+key.URL(status.Metadata, status.UUID)), nil
}
