package keymap

import "slices"

// together are the scopes whose keys work at the same time, as screens, fields and
// questions ask for them: who comes first wins. A test holds them to what they ask.
func together() [][]Scope {
	return [][]Scope{
		{Inside, Offer, Images, List, Everywhere},
		{Fetches, List, Everywhere},
		{Compose, List, Everywhere},
		{Shelf, List, Everywhere},
		{Written, List, Everywhere},
		{Watch, Pod, List, Everywhere},
		{Pods, Pod, List, Everywhere},
		{PodPage, Pod, List, Everywhere},
		{Trust, List, Everywhere},
		{Search, Edit, Everywhere},
		{TrustFor, Edit, Everywhere},
		{Palette, Edit, Everywhere},
		{Review, Everywhere},
		{List, Dialog, Everywhere},
	}
}

// nearer are the actions that may have a key of another's: where both could be
// meant it is the nearer thing, and the other is not missed.
func nearer(a, other Action) bool {
	var others []Action
	switch a {
	case OfferFetch:
		others = []Action{ImagesChoose} // each takes what is under the cursor
	case OfferTags:
		others = []Action{OfferFetch, ImagesChoose}
	case SearchComplete, PaletteComplete:
		others = []Action{EditNext}
	case TrustForAll:
		others = []Action{EditNext, EditPrev, EditUp, EditDown} // there is no other field
	case PaletteTake:
		others = []Action{EditAccept}
	case EditCancel, DialogNo, ReviewRefuse:
		others = []Action{Back, Quit}
	}
	return slices.Contains(others, other)
}

// typed are the scopes of whoever is typing: a character is text there.
func typed(s Scope) bool { return s == Edit || s == Search || s == TrustFor || s == Palette }

// needed are the actions without which somebody would be caught in something, or
// could do nothing in it, and why.
func needed(a Action) string {
	switch a {
	case Up, Down:
		return "lists could not be moved in"
	case Back, Quit, Cancel:
		return "there would be one way out less"
	case EditAccept, EditCancel:
		return "a field could not be left"
	case DialogTake, DialogNo, ReviewTake, ReviewRefuse, PaletteTake:
		return "a question could not be answered"
	}
	return ""
}

// clash is a key that means two things at once.
type clash struct {
	key  string
	a, b int // of the bindings
}

// clashes returns all keys of which one meaning would hide another.
func clashes(bindings []Binding) []clash {
	of := map[Scope][]int{}
	for i, b := range bindings {
		of[b.Scope] = append(of[b.Scope], i)
	}
	var all []clash
	for _, scopes := range together() {
		taken := map[string][]int{}
		for _, s := range scopes {
			for _, i := range of[s] {
				for _, key := range bindings[i].Keys() {
					for _, first := range taken[key] {
						if !nearer(bindings[first].Action, bindings[i].Action) {
							all = append(all, clash{key, first, i})
						}
					}
					taken[key] = append(taken[key], i)
				}
			}
		}
	}
	return all
}
