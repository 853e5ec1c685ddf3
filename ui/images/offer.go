package images

import (
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/ui/text"
)

// offer is a row of what could be fetched.
type offer struct {
	reference string // what is fetched; "" nothing
	inside    string // what the search becomes for who looks inside; "": there is nothing
	more      *source
	guess     bool // whether it is there is being asked

	name    string // what the row says; marks count from skip
	skip    int
	version string
	size    int64
	note    string
	facts   []fact
}

// key tells offers apart while the list changes.
func (o offer) key() string {
	if o.more != nil {
		return moreKey
	}
	return o.reference
}

// moreKey is the key of the row that leads to more. The cursor does not go along
// with it to the end: what came in its place is what was wanted.
const moreKey = "more"

// offersKey is the key of the first offer, whatever that is.
const offersKey = "offers"

// offer is what row i of a part offers.
func (p part) offer(i int, direct string) offer {
	switch p.kind {
	case typedPart:
		return typedOffer(direct)
	case namePart:
		return nameOffer(p.src.found)
	case repoPart:
		return repoOffer(p.src)
	case listPart:
		return p.src.offer(p.src.rows[i])
	case morePart:
		return offer{name: "more ›", more: p.src}
	}
	return offer{}
}

func typedOffer(direct string) offer {
	o := offer{reference: direct, name: direct, note: "as typed"}
	switch {
	case strings.HasPrefix(direct, "docker://"):
		o.note, o.facts = "by digest only", registryFacts
	case strings.HasPrefix(direct, "http://"):
		o.note = "! not encrypted"
	}
	return o
}

func nameOffer(d engine.Discovered) offer {
	o := offer{reference: d.Reference, name: d.Reference, note: "not signed"}
	if ref, err := imageref.Parse(d.Reference, nil); err == nil && ref.Kind == imageref.Name {
		o.name = ref.Name.Name
		if o.version, _ = ref.Name.Label("version"); o.version == "" {
			o.version = "latest"
		}
	}
	if d.Signed {
		o.note = "signed"
	}
	for i, u := range d.URLs {
		f := fact{"", u}
		if i == 0 {
			f.name = "from"
		}
		o.facts = append(o.facts, f)
	}
	if d.Prefix != "" {
		o.facts = append(o.facts, fact{"told by", d.Prefix})
	}
	return o
}

// registryFacts is what is known of any image of a registry.
var registryFacts = []fact{{"checked", "by its digests: that it comes as the registry has it, not who made it"}}

// repoOffer is a repository. What is fetched without looking inside is its
// "latest".
func repoOffer(src *source) offer {
	o := offer{reference: src.of, inside: src.of + ":", name: src.of, note: "by digest only", facts: registryFacts}
	switch n := len(src.names); {
	case src.heard && src.next != "":
		o.version = text.Number(n) + "+ ›"
	case src.heard && n < 1000:
		o.version = text.Count(n, "tag") + " ›"
	case src.heard:
		o.version = text.Number(n) + " ›"
	case src.busy:
		o.version, o.note, o.guess = "…", "not known yet", true
	default:
		o.inside = ""
	}
	return o
}

// offer is name i of a list.
func (src *source) offer(i int) offer {
	name := src.names[i]
	switch src.kind {
	case tags:
		return offer{reference: src.of + ":" + name, name: name, facts: registryFacts}
	case repositories:
		of := "docker://" + src.of + "/" + name
		return offer{reference: of, inside: of + ":", name: of, skip: len(of) - len(name), version: "tags ›", note: "by digest only", facts: registryFacts}
	}
	f := src.files[i]
	return offer{reference: reference(f.Path), name: f.Path, skip: len(f.Path) - len(name), size: f.Size, note: f.Kind}
}

// stored reports whether the list of stored images has a tag of a repository.
func stored(all []engine.Entry, reference string) map[string]bool {
	ref, err := imageref.Parse(reference, nil)
	if err != nil || ref.Kind != imageref.Registry {
		return nil
	}
	name := ref.Registry.ImageName()
	var has map[string]bool
	for i := range all {
		if all[i].Name == name {
			if has == nil {
				has = map[string]bool{}
			}
			has[all[i].Version()] = true
		}
	}
	return has
}
