package mds

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store/imagemanifest"
)

// question is a request of somebody who has the pod's token.
type question struct {
	Source
	pod    string // UUID
	form   form   // of an endpoint that takes one
	record poddir.Record
}

func (q question) answer(at place) (answer, error) {
	switch at.endpoint {
	case podUUID:
		return answer{typeText, []byte(q.pod)}, nil
	case podManifest:
		manifest, _, err := q.manifest()
		return inJSON(manifest, err)
	case podAnnotations:
		return inJSON(q.annotations())
	case hmacSign:
		return q.sign()
	case hmacVerify:
		return q.verify()
	}
	app := slices.IndexFunc(q.record.Resolved.Apps, func(a spec.Effective) bool { return a.Name.Value == at.app })
	if app < 0 {
		return answer{}, &refusal{status: 404, message: "the pod has no such app"}
	}
	return q.answerOf(app, at.endpoint)
}

func (q question) answerOf(app int, what endpoint) (answer, error) {
	image := q.record.Images[app].ID
	switch what {
	case imageID:
		return answer{typeText, []byte(image)}, nil
	case imageManifest:
		manifest, err := q.ImageManifest(image)
		return answer{typeJSON, manifest}, err
	default:
		return inJSON(q.annotationsOf(app))
	}
}

func inJSON(value any, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	body, err := json.Marshal(value)
	return answer{typeJSON, body}, err
}

// annotations are the pod's own: null where its manifest has none, and [] where
// it has an empty list.
func (q question) annotations() (types.Annotations, error) {
	pod, _, err := q.manifest()
	if err != nil {
		return nil, err
	}
	return pod.Annotations, nil
}

// annotationsOf are those of an app's image, with the pod manifest's for the app
// over them.
func (q question) annotationsOf(app int) (types.Annotations, error) {
	pod, images, err := q.manifest()
	if err != nil {
		return nil, err
	}
	merged := images[app].Manifest.Annotations
	for _, own := range pod.Apps[app].Annotations {
		merged.Set(own.Name, own.Value)
	}
	return merged, nil
}

// manifest is the pod's, fully reified, and the images that it is made with. It is
// made anew each time: it is asked for once, if at all.
func (q question) manifest() (*schema.PodManifest, []spec.Image, error) {
	images, err := q.images()
	if err != nil {
		return nil, nil, err
	}
	pod, err := q.record.Pod.ToldManifest(images, q.record.Around())
	return pod, images, err
}

// images are the pod's, one for each app.
func (q question) images() ([]spec.Image, error) {
	images := make([]spec.Image, len(q.record.Images))
	for i, image := range q.record.Images {
		id, err := types.NewHash(image.ID)
		if err != nil {
			return nil, err
		}
		data, err := q.ImageManifest(image.ID)
		if err != nil {
			return nil, err
		}
		images[i] = spec.Image{ID: *id}
		if images[i].Manifest, err = imagemanifest.Decode(data); err != nil {
			return nil, fmt.Errorf("image %s: its manifest: %w", image.ID, err)
		}
	}
	return images, nil
}
