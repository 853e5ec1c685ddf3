package fetch

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/fetch/discovery"
	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// namePlace is where discovery leads an appc name to.
type namePlace struct {
	*job
	labels    map[string]string // asked for, and the host's os and arch
	known     store.Remembered  // what the name led to before
	endpoints []discovery.Endpoint
}

func newNamePlace(j *job) *namePlace {
	return &namePlace{job: j, labels: hostLabels(j.Ref.Name)}
}

// hostLabels are the labels that were asked for, with the host's os and arch
// where none is. An image without them fits any host.
func hostLabels(name imageref.AppName) map[string]string {
	labels := map[string]string{"os": runtime.GOOS, "arch": runtime.GOARCH}
	if os, arch, ok := oci.AppcPlatform(oci.Host()); ok {
		labels["os"], labels["arch"] = os, arch
	}
	for _, label := range name.Labels {
		labels[label.Name] = label.Value
	}
	return labels
}

// key is the name with all its labels in order, so that two ways to write the
// same are one.
func (p *namePlace) key() string {
	var labels []string
	for name, value := range p.labels {
		if name != "version" {
			labels = append(labels, name+"="+value)
		}
	}
	slices.Sort(labels)
	key := p.Ref.Name.Name
	if version, ok := p.labels["version"]; ok {
		key += ":" + version
	}
	return key + "," + strings.Join(labels, ",")
}

// stored finds the image by name and labels. Without a version it is the one
// that was the latest when that was asked, or else the last that came.
func (p *namePlace) stored() (store.Image, error) {
	if _, versioned := p.labels["version"]; !versioned {
		_, img, err := p.recalled()
		if !errors.Is(err, store.ErrNotFound) {
			return img, err
		}
	}
	img, err := p.store.FindName(p.Ref.Name.Name, p.labels)
	if err == nil && p.fits(img) != nil || errors.Is(err, store.ErrNotFound) {
		err = &NotStoredError{Reference: p.Ref.String(), Hint: p.Ref.Hint(FileExists)}
	}
	return img, err
}

// FileExists is what a reference is told apart by, where its form leaves it open.
func FileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// locate asks discovery. An image that its source called fresh, when it was
// asked, needs no asking.
func (p *namePlace) locate(ctx context.Context, known store.Remembered) (string, error) {
	if fresh(known) {
		return "", stillFresh
	}
	p.known = known
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	p.endpoints = found.Endpoints
	return shown(p.endpoints[0].ACI), nil
}

// discover finds out where the name leads: by the simple template, as older appc
// specifications had it, or by what its pages say.
func (p *namePlace) discover(ctx context.Context) (discovery.Found, error) {
	name := p.asked()
	for _, endpoint := range discovery.Simple(name) {
		if p.answers(ctx, endpoint.ACI) {
			return discovery.Found{Endpoints: []discovery.Endpoint{endpoint}}, nil
		}
	}
	found, err := p.web().discovery.Meta(ctx, name)
	if err != nil {
		return found, p.notFound(err)
	}
	return found, nil
}

// answers reports whether there is a file. A page is none: many sites have one
// for whatever is asked.
func (p *namePlace) answers(ctx context.Context, url string) bool {
	web := p.web()
	r := transfer.Request{Method: http.MethodHead, URL: url, Authorize: web.credentials.Authorize}
	response, err := web.http.Do(ctx, r)
	if err == nil && (response.Status == http.StatusMethodNotAllowed || response.Status == http.StatusNotImplemented) {
		response.Body.Close()
		r.Method = http.MethodGet // and look no further than its header
		response, err = web.http.Do(ctx, r)
	}
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.Status == http.StatusOK && !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html")
}

// notFound adds what else the name could have meant: those who come from docker
// leave docker:// out.
func (p *namePlace) notFound(err error) error {
	hint := p.Ref.Hint(FileExists)
	if hint == "" && len(p.Ref.Name.Labels) <= 1 {
		hint = "for an image of a registry write docker://" + strings.TrimPrefix(p.Ref.String(), "docker.io/")
	}
	if hint == "" {
		return err
	}
	return &hintedError{err, hint}
}

// asked is the name with every label that templates can have.
func (p *namePlace) asked() imageref.AppName {
	name := imageref.AppName{Name: p.Ref.Name.Name}
	for _, label := range []string{"version", "os", "arch"} {
		if value, ok := p.labels[label]; ok {
			name.Labels = append(name.Labels, imageref.Label{Name: label, Value: value})
		}
	}
	for _, label := range p.Ref.Name.Labels {
		if _, has := name.Label(label.Name); !has {
			name.Labels = append(name.Labels, label)
		}
	}
	return name
}

// bring downloads from the first endpoint that has the image, and its signature.
func (p *namePlace) bring(ctx context.Context) (store.Image, error) {
	var failed []error
	for _, endpoint := range p.endpoints {
		img, err := p.fetchACI(ctx, aciSource{
			place: endpointPlace{p, endpoint}, url: endpoint.ACI, known: p.known,
			name: p.Ref.Name.Name, fits: p.fits,
		})
		if err == nil || ctx.Err() != nil || !elsewhere(err) {
			return img, err
		}
		failed = append(failed, err)
	}
	return store.Image{}, nowhere(failed)
}

// nowhere is the error of an image that no endpoint gave. That one has it, but
// nobody who vouches for it, says more than that others have it not.
func nowhere(failed []error) error {
	for _, err := range failed {
		var unverified *UnverifiedError
		if errors.As(err, &unverified) {
			return err
		}
	}
	if len(failed) == 1 {
		return failed[0]
	}
	return &NowhereError{failed}
}

// endpointPlace is one of the places that a name leads to.
type endpointPlace struct {
	*namePlace
	endpoint discovery.Endpoint
}

func (p endpointPlace) signature(ctx context.Context) (*openpgp.Signatures, error) {
	return p.signatureAt(ctx, p.endpoint.Signature, false)
}

// signature is that of an image that is in the store: where it was from the name
// leads to.
func (p *namePlace) signature(ctx context.Context) (signed *openpgp.Signatures, err error) {
	endpoints := p.endpoints
	if endpoints == nil {
		found, err := p.discover(ctx)
		if err != nil {
			return nil, err
		}
		endpoints = found.Endpoints
	}
	for _, endpoint := range endpoints {
		if signed, err = p.signatureAt(ctx, endpoint.Signature, false); err == nil || !elsewhere(err) {
			return signed, err
		}
	}
	return signed, err
}

// elsewhere reports whether the next endpoint may have what this one did not
// give: the server is at fault, and not the image or this host.
func elsewhere(err error) bool {
	var status *transfer.StatusError
	var connect *transfer.ConnectError
	var stall *transfer.StallError
	var redirect *transfer.RedirectError
	var plain *transfer.PlainHTTPError
	var length *transfer.LengthError
	var part *transfer.RangeError
	var encoding *transfer.EncodingError
	var refused *refusal.Error
	if errors.As(err, &refused) && refused.Kind == refusal.NoSignature {
		return !ofAnother(err)
	}
	return !ofAnother(err) && (errors.As(err, &status) || errors.As(err, &connect) || errors.As(err, &stall) ||
		errors.As(err, &redirect) || errors.As(err, &plain) || errors.As(err, &length) || errors.As(err, &part) || errors.As(err, &encoding))
}

// fits compares what came with what was asked for (discovery.md, "Validation").
// The host's os and arch, if nobody asked for others, need not be there.
func (p *namePlace) fits(img store.Image) error {
	if img.Name() != p.Ref.Name.Name {
		return &MismatchError{What: "name", Want: p.Ref.Name.Name, Got: img.Name()}
	}
	for _, label := range slices.Sorted(maps.Keys(p.labels)) {
		want := p.labels[label]
		got, has := img.Manifest.Labels.Get(label)
		if _, asked := p.Ref.Name.Label(label); !has && !asked {
			continue
		}
		if !has || got != want {
			return &MismatchError{What: "label " + label, Want: want, Got: got}
		}
	}
	return nil
}
