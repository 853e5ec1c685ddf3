package fetch

import (
	"context"
	"strings"

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
	return p.fetchACI(ctx, aciSource{
		url: p.Ref.URL.URL, known: p.known,
		plain: p.Ref.URL.Scheme == "http", // an explicit http:// URL is taken at its word
	})
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
