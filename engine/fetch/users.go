package fetch

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"

	"github.com/moby/sys/user"

	"github.com/podtui/podtui/store/union"
)

// users looks up who is who in the files of an image.
type users struct{ root *union.View }

// maxUserFile bounds /etc/passwd and /etc/group of an image, as at a start.
const maxUserFile = 4 << 20

func (u users) read(path string) ([]byte, error) {
	text, err := u.root.ReadFile(path, maxUserFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// User returns a user's numbers, with the groups that name it as a member.
func (u users) User(name string) (uid, gid int, groups []int, ok bool, err error) {
	return u.find(func(p user.User) bool { return p.Name == name })
}

// UserByID is User for who has this number.
func (u users) UserByID(id int) (uid, gid int, groups []int, ok bool, err error) {
	return u.find(func(p user.User) bool { return p.Uid == id })
}

func (u users) find(is func(user.User) bool) (uid, gid int, groups []int, ok bool, err error) {
	passwd, err := u.read("/etc/passwd")
	if err != nil {
		return 0, 0, nil, false, err
	}
	found, err := user.ParsePasswdFilter(bytes.NewReader(passwd), is)
	if err != nil || len(found) == 0 {
		return 0, 0, nil, false, err
	}
	who := found[0]
	table, err := u.read("/etc/group")
	if err != nil {
		return 0, 0, nil, false, err
	}
	memberships, err := user.ParseGroupFilter(bytes.NewReader(table), func(g user.Group) bool {
		return slices.Contains(g.List, who.Name)
	})
	for _, g := range memberships {
		if g.Gid != who.Gid && !slices.Contains(groups, g.Gid) {
			groups = append(groups, g.Gid)
		}
	}
	return who.Uid, who.Gid, groups, true, err
}
