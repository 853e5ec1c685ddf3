package oci

import (
	"slices"
	"strconv"
	"strings"
)

// Users looks users up in the image's own files. A lookup that finds nothing is
// not an error but not ok.
type Users interface {
	// User finds a user by name: its own group, and those of /etc/group that it
	// is a member of.
	User(name string) (uid, gid int, groups []int, ok bool, err error)
	// UserByID likewise; the first of several with this number.
	UserByID(uid int) (id, gid int, groups []int, ok bool, err error)
}

// owner is whom an app runs as, in the words of an appc manifest.
type owner struct {
	user, group string
	groups      []int // supplementary, sorted
}

// account reads USER as docker does: nothing, USER, USER:GROUP, each a name or
// a number. Without a group it is the user's own, and then the supplementary
// ones of /etc/group count too; a number that nobody has gets group 0. A name
// that is unknown stays as it is, so that the run can say so; so does a group.
func account(spec string, u Users) (owner, error) {
	user, group, _ := strings.Cut(spec, ":")
	if user == "" {
		user = "0"
	}
	if group != "" {
		return owner{user: user, group: group}, nil
	}
	_, gid, groups, known, err := find(user, u)
	if err != nil || !known {
		return owner{user: user, group: "0"}, err
	}
	groups = slices.DeleteFunc(slices.Clone(groups), func(g int) bool { return g == gid })
	slices.Sort(groups)
	return owner{user: user, group: strconv.Itoa(gid), groups: slices.Compact(groups)}, nil
}

// find takes a name before a number, as every reader of passwd does: a user may
// be called 1000.
func find(user string, u Users) (id, gid int, groups []int, ok bool, err error) {
	if u == nil {
		return 0, 0, nil, false, nil
	}
	id, gid, groups, ok, err = u.User(user)
	if err != nil || ok {
		return id, gid, groups, ok, err
	}
	if number, err := strconv.ParseUint(user, 10, 31); err == nil {
		return u.UserByID(int(number))
	}
	return 0, 0, nil, false, nil
}
