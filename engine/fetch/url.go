package fetch

import (
	"context"
	"strings"

	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/store"
)

// urlPlace is a server that has the image as a file.
type urlPlace struct {
	*job
	known store.Remembered // what the URL led to before
}

func newURLPlace(j *job) *urlPlace { return &urlPlace{job: j} }

func (p *urlPlace) key() string { return p.Ref.URL.URL }

func (p *urlPlace) stored() (store.Image, error) {
	_, img, err := p.recalled()
	return img, err
}

func (p *urlPlace) locate(_ context.Context, known store.Remembered) (string, error) {
	if fresh(known) {
		return "", stillFresh
	}
	p.known = known
	return shown(p.Ref.URL.URL), nil
}

func (p *urlPlace) bring(ctx context.Context) (store.Image, error) {
	return p.fetchACI(ctx, aciSource{place: p, url: p.Ref.URL.URL, known: p.known, plain: p.plain()})
}

// plain: an explicit http:// URL is taken at its word.
func (p *urlPlace) plain() bool { return p.Ref.URL.Scheme == "http" }

func (p *urlPlace) signature(ctx context.Context) (*openpgp.Signatures, error) {
	return p.signatureAt(ctx, beside(p.Ref.URL.URL), p.plain())
}

// shown is a URL for people and records, without its query: that may be as good
// as a password.
func shown(url string) string {
	before, _, cut := strings.Cut(url, "?")
	if cut {
		return before + "?…"
	}
	return before
}
