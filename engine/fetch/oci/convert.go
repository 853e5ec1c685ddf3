package oci

// Names is what an image is called, which it doesn't know itself.
type Names struct {
	Name      string // an appc identifier
	Version   string // the tag, or ""
	Reference string // as it was asked for, or ""; a digest at its end is left out
}

// Users looks users up in the image's own files. A lookup that finds nothing is
// not an error but not ok.
type Users interface {
	// User finds a user by name: its own group, and those of /etc/group that it
	// is a member of.
	User(name string) (uid, gid int, groups []int, ok bool, err error)
	// UserByID likewise; the first of several with this number.
	UserByID(uid int) (id, gid int, groups []int, ok bool, err error)
	// Group finds a group by name.
	Group(name string) (gid int, ok bool, err error)
}
