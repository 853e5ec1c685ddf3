package poddir

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/podtui/podtui/engine/crash"
)

// hostNamesDir is beside the pods. In it, each pod with a private network that others
// are to know by its name has a link that is called as its UUID, and says what it is
// called and where it is. So nobody has to be asked whose it is, and nothing has to be
// decided between two pods: of one name there is one pod (Claim). Beside the links are
// the bells of those who want to know (NamesWatch).
const hostNamesDir = "networks/names"

// goingSuffix is of a link that counts no more, and of which not everybody has heard.
const goingSuffix = ".going"

// maxHostNames bounds how many named pods are told of.
const maxHostNames = 1024

// HostName is a pod as others find it by its name.
type HostName struct {
	UUID      string
	Name      string
	Addresses []HostAddress // in the order of its networks
}

// HostAddress is where a pod is in one of its networks.
type HostAddress struct {
	Network string
	Address netip.Addr
}

// AnnounceHostName tells others that the pod, whose life we are, has a name and
// addresses. It counts until WithdrawHostName, or until nobody owns the pod.
func (d *Dir) AnnounceHostName(said HostName) error {
	if !said.Known() {
		return nil
	}
	names, err := openLinks(filepath.Dir(d.Path), hostNamesDir)
	if err != nil {
		return err
	}
	if err := os.Symlink(said.target(), names.link(d.UUID)); err != nil {
		return err
	}
	if err := crash.Fault("host name announced"); err != nil { // and nobody told: it goes with the pod's network
		return err
	}
	return names.ring()
}

// WithdrawHostName has the pod known by no name any more, nor told of others. It comes
// before its addresses may be another's, and may be repeated.
func (d *Dir) WithdrawHostName() error {
	return linkFolder{filepath.Dir(d.Path), hostNamesDir}.withdraw(d.UUID)
}

// withdraw rings between two steps: who is killed there has left what rings again.
func (l linkFolder) withdraw(id string) error {
	going := l.link(id + goingSuffix)
	if err := ignoreGone(os.Rename(l.link(id), going)); err != nil {
		return err
	}
	if _, err := os.Lstat(going); err == nil {
		if err := crash.Fault("host name going"); err != nil { // it counts no more, and others have it still
			return err
		}
		if err := errors.Join(l.ring(), ignoreGone(os.Remove(going))); err != nil {
			return err
		}
	}
	return ignoreGone(os.Remove(l.link(id + bellSuffix)))
}

// SweepHostNames withdraws the names of pods that have no folder.
func SweepHostNames(pods string) error {
	names := linkFolder{pods, hostNamesDir}
	entries, err := os.ReadDir(names.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, entry := range entries {
		id, _, _ := strings.Cut(entry.Name(), ".")
		if uuid.Validate(id) == nil && !names.alive(id) { // what is not called as a pod is nobody's
			errs = append(errs, names.withdraw(id))
		}
	}
	return errors.Join(errs...)
}

// HostNames are the pods of a data folder that others find by name now, in order of
// their names. Those whose owner was killed are not among them.
func HostNames(pods string) ([]HostName, error) {
	names := linkFolder{pods, hostNamesDir}
	entries, err := os.ReadDir(names.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	folder, err := os.Open(pods)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	look := newLooker(folder)
	var list []HostName
	for _, entry := range entries {
		id := entry.Name()
		if uuid.Validate(id) != nil || len(list) == maxHostNames {
			continue
		}
		target, err := os.Readlink(names.link(id))
		if err != nil {
			continue // it has gone
		}
		named, ok := parseHostName(id, target)
		if owned, err := look.owned(id); ok && owned && err == nil {
			list = append(list, named)
		}
	}
	slices.SortFunc(list, func(a, b HostName) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// HostNameOf is the pod as others are to know it.
func (d *Dir) HostNameOf(name string, interfaces []Interface) HostName {
	said := HostName{UUID: d.UUID, Name: name}
	for _, at := range interfaces {
		for _, address := range at.Addresses {
			if prefix, err := netip.ParsePrefix(address); err == nil {
				said.Addresses = append(said.Addresses, HostAddress{at.Network, prefix.Addr()})
			}
		}
	}
	return said
}

// Known reports whether anybody knows the pod by name: without an address nobody could
// come there.
func (n HostName) Known() bool { return n.Name != "" && len(n.Addresses) > 0 }

// target is what the link says: "NAME NETWORK=ADDRESS …".
func (n HostName) target() string {
	words := []string{n.Name}
	for _, at := range n.Addresses {
		words = append(words, at.Network+"="+at.Address.String())
	}
	return strings.Join(words, " ")
}

// parseHostName takes only what can stand in a line of /etc/hosts as it is.
func parseHostName(id, target string) (n HostName, ok bool) {
	words := strings.Fields(target)
	if len(words) < 2 || !isHostName(words[0]) {
		return HostName{}, false
	}
	n = HostName{UUID: id, Name: words[0]}
	for _, word := range words[1:] {
		network, address, _ := strings.Cut(word, "=")
		parsed, err := netip.ParseAddr(address)
		if err != nil || parsed.Zone() != "" {
			return HostName{}, false
		}
		n.Addresses = append(n.Addresses, HostAddress{network, parsed})
	}
	return n, true
}

// isHostName reports whether a word is a name as pods have them.
func isHostName(name string) bool {
	return len(name) < 256 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && name[0] != '-'
}
