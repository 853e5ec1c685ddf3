package fetch

import (
	"bytes"

	"github.com/moby/sys/user"

	"github.com/podtui/podtui/store/union"
)

// Person is a user or a group that an image has a name for.
type Person struct {
	Name string
	ID   int
}

// People are those that the files of an image name, in the order of the files.
type People struct{ Users, Groups []Person }

// mostPeople bounds what is told of each file: nobody chooses among more.
const mostPeople = 1000

// PeopleOf reads who is who in the image of these layers, the uppermost first. A
// file that is not there names nobody.
func PeopleOf(layers []string) (people People, err error) {
	root, err := union.Open(layers)
	if err != nil {
		return People{}, err
	}
	defer root.Close()
	passwd, err := users{root}.read("/etc/passwd")
	if err != nil {
		return People{}, err
	}
	_, err = user.ParsePasswdFilter(bytes.NewReader(passwd), func(u user.User) bool {
		people.Users = with(people.Users, Person{u.Name, u.Uid})
		return false
	})
	if err != nil {
		return People{}, err
	}
	group, err := users{root}.read("/etc/group")
	if err != nil {
		return People{}, err
	}
	_, err = user.ParseGroupFilter(bytes.NewReader(group), func(g user.Group) bool {
		people.Groups = with(people.Groups, Person{g.Name, g.Gid})
		return false
	})
	return people, err
}

// with leaves out lines without a name, which mean nobody.
func with(all []Person, p Person) []Person {
	if p.Name == "" || len(all) == mostPeople {
		return all
	}
	return append(all, p)
}
