package stages

// Progress sums up how far images are, each as much as any other, whatever its size:
// of those that are still to come nobody knows that.
type Progress struct {
	images int
	done   float64
}

// Add counts the images of one pod or fetch.
func (p *Progress) Add(s *Stages) {
	for _, img := range s.Images {
		p.images++
		p.done += img.part()
	}
}

// Percent is how much of all of it is there; false if nobody can tell.
func (p *Progress) Percent() (int, bool) {
	if p.images == 0 || p.done == 0 {
		return 0, false
	}
	return int(100 * p.done / float64(p.images)), true
}

// part is how much of an image is there, from 0 to 1.
func (img *Image) part() float64 {
	if img.ready() {
		return 1
	}
	for _, st := range []*Step{&img.Fetch, &img.Unpack} {
		if st.Total > 0 {
			return min(float64(st.Bytes)/float64(st.Total), 1)
		}
	}
	return 0
}
