package poddir

import (
	"bufio"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// IDRange are the users and groups of the host that a pod with users of its own
// has: its own user N is First+N there. The zero IDRange is none.
type IDRange struct {
	First int `json:"first"`
	Count int `json:"count"`
}

// Where ranges are: above what sssd gives to the users of a directory
// (ldap_idmap_range_max, 2000200000) and systemd to containers (0x6fffffff), and
// below systemd's IDs of foreign files (0x7ffe0000) and those that a program may
// take for negative.
const (
	idCount = 1 << 16
	idsFrom = 0x7740 << 16
	idsTo   = 0x7ffe << 16
)

const (
	leasesDir = "ids" // beside the pods: for each range in use, a link to the pod that has it
	idsFile   = "ids" // in a pod's folder: a link that says which one
)

// maxSubIDs bounds /etc/subuid and /etc/subgid.
const maxSubIDs = 4 << 20

// IDsTakenError says that all ranges are in use, and by whom.
type IDsTakenError struct {
	Ranges int
	Pods   []string // UUIDs of a few
}

func (e *IDsTakenError) Error() string {
	if e.Ranges == 0 {
		return fmt.Sprintf("no IDs are left for a pod with private users: /etc/subuid and /etc/subgid give away all from %d to %d", idsFrom, idsTo-1)
	}
	return fmt.Sprintf("no IDs are left for a pod with private users: all %d ranges are in use, by pod %s and others; rm or gc frees those of pods that have ended",
		e.Ranges, strings.Join(e.Pods, ", "))
}

// IDs is the range that the pod has leased; none is no error.
func (d *Dir) IDs() (IDRange, error) {
	said, err := os.Readlink(d.file(idsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return IDRange{}, nil
	}
	first, notNumber := strconv.Atoi(said)
	if err != nil || notNumber != nil || first < idsFrom || first >= idsTo || first%idCount != 0 {
		return IDRange{}, fmt.Errorf("pod %s: its folder doesn't say which IDs it has", d.UUID)
	}
	return IDRange{first, idCount}, nil
}

// LeaseIDs gives the pod a range that no other pod of this data folder has, or the
// one that it has already: what it has on its volumes belongs to it. The lease ends
// with the pod's folder.
func (d *Dir) LeaseIDs() (IDRange, error) {
	leases, err := openLinks(filepath.Dir(d.Path), leasesDir)
	if err != nil {
		return IDRange{}, err
	}
	ids, err := d.IDs()
	if err != nil {
		return IDRange{}, err
	}
	if ids.Count > 0 { // its lease is there, unless somebody has removed it
		holder, err := leases.claim(strconv.Itoa(ids.First), d.UUID)
		if err == nil && holder != d.UUID {
			err = fmt.Errorf("the IDs from %d that pod %s had are those of pod %s now", ids.First, d.UUID, holder)
		}
		return ids, err
	}
	given, err := givenAway()
	if err != nil {
		return IDRange{}, err
	}
	ids, err = lease(leases, d.UUID, given)
	if err != nil {
		return IDRange{}, err
	}
	return ids, os.Symlink(strconv.Itoa(ids.First), d.file(idsFile))
}

// lease begins its search at a place of the pod's own: so those who ask at once
// seldom meet, nor do the pods of another data folder, and IDs that somebody's files
// still have are not given out again at once.
func lease(leases linkFolder, id string, given []IDRange) (IDRange, error) {
	free, err := idRanges(given)
	if err != nil {
		return IDRange{}, err
	}
	leased, err := os.ReadDir(leases.path())
	if err != nil {
		return IDRange{}, err
	}
	taken := make(map[string]bool, len(leased))
	for _, lease := range leased {
		taken[lease.Name()] = true
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(id))
	start := int(hash.Sum32()) % len(free)
	full := &IDsTakenError{Ranges: len(free)}
	for _, ofTheDead := range []bool{false, true} {
		for i := range free {
			first := free[(start+i)%len(free)]
			name := strconv.Itoa(first)
			if taken[name] != ofTheDead {
				continue
			}
			holder, err := leases.claim(name, id)
			if err == nil && holder == id {
				return IDRange{first, idCount}, nil
			}
			if err == nil && len(full.Pods) < 3 {
				full.Pods = append(full.Pods, holder)
			}
		}
	}
	return IDRange{}, full
}

// idRanges are the first IDs of all ranges that nobody else was given.
func idRanges(given []IDRange) ([]int, error) {
	var free []int
	for first := idsFrom; first < idsTo; first += idCount {
		if !overlaps(given, first) {
			free = append(free, first)
		}
	}
	if len(free) == 0 {
		return nil, &IDsTakenError{}
	}
	return free, nil
}

func overlaps(given []IDRange, first int) bool {
	for _, g := range given {
		if g.First < first+idCount && g.First+g.Count > first {
			return true
		}
	}
	return false
}

// givenAway are the IDs that the host gives to users, for user namespaces of theirs.
func givenAway() (given []IDRange, err error) {
	for _, path := range []string{"/etc/subuid", "/etc/subgid"} {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		given = append(given, parseSubIDs(io.LimitReader(file, maxSubIDs))...)
		file.Close()
	}
	return given, nil
}

// parseSubIDs reads lines of the form USER:FIRST:COUNT, and leaves out the others as
// newuidmap does.
func parseSubIDs(r io.Reader) (given []IDRange) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Split(strings.TrimSpace(lines.Text()), ":")
		if len(fields) != 3 {
			continue
		}
		first, err := strconv.ParseUint(fields[1], 10, 32)
		count, wrong := strconv.ParseUint(fields[2], 10, 32)
		if err == nil && wrong == nil && count > 0 {
			given = append(given, IDRange{int(first), int(count)})
		}
	}
	return given
}

// ReleaseIDs ends the lease of a pod whose folder is gone.
func ReleaseIDs(pods, id string, ids IDRange) error {
	if ids.Count == 0 {
		return nil
	}
	return linkFolder{pods, leasesDir}.release(strconv.Itoa(ids.First), func(holder string) bool { return holder == id })
}

// SweepIDs ends the leases of pods that have no folder.
func SweepIDs(pods string) error { return linkFolder{pods, leasesDir}.sweep() }
