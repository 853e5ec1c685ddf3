package spec

import (
	"fmt"
	"strconv"
	"strings"
)

// volumeOptions are those of --volume, after the name.
func volumeOptions() []string {
	return []string{"kind", "source", "readOnly", "recursive", "mode", "uid", "gid", "medium", "size"}
}

// addVolume reads NAME,kind=…,source=…. What is wrong with the values is for
// Check to tell; here it is only what a Volume can't hold.
func addVolume(p *parser, value string) error {
	const form = "NAME,kind=host|empty,source=PATH"
	if name, _, _ := strings.Cut(value, ","); name == "" {
		return usage("--volume=%s names no volume; write --volume=%s", show(value), form)
	}
	options, err := splitOptions("--volume", form, "name="+value)
	if err != nil {
		return err
	}
	var v Volume
	for _, o := range options {
		if err := v.setOption(o); err != nil {
			return err
		}
	}
	p.pod.Volumes = append(p.pod.Volumes, v)
	return nil
}

func (v *Volume) setOption(o option) (err error) {
	switch o.name {
	case "name":
		v.Name = o.value
	case "kind":
		v.Kind = o.value
	case "source":
		v.Source = o.value
	case "readOnly":
		v.ReadOnly, err = boolOption("--volume", v.Name, o)
	case "recursive":
		v.Recursive, err = boolOption("--volume", v.Name, o)
	case "mode":
		v.Mode = o.value
	case "uid":
		v.UID, err = idOption("--volume", v.Name, o)
	case "gid":
		v.GID, err = idOption("--volume", v.Name, o)
	case "medium":
		v.Medium = o.value
	case "size":
		v.Size = o.value
	default:
		err = unknownOption("--volume", o, volumeOptions())
	}
	return err
}

func idOption(flag, name string, o option) (*int, error) {
	id, err := strconv.Atoi(o.value)
	if err != nil {
		return nil, usage("%s=%s,…%s=%s: write a number from 0 to %d", flag, show(name), o.name, show(o.value), maxID)
	}
	return &id, nil
}

// flag is the inverse.
func (v Volume) flag() string {
	text := "--volume=" + v.Name
	add := func(name, value string) {
		if value != "" {
			text += "," + joinOption(name, value)
		}
	}
	add("kind", v.Kind)
	add("source", v.Source)
	add("readOnly", showOptional(v.ReadOnly))
	add("recursive", showOptional(v.Recursive))
	add("mode", v.Mode)
	add("uid", showOptional(v.UID))
	add("gid", showOptional(v.GID))
	add("medium", v.Medium)
	add("size", v.Size)
	return text
}

func showOptional[T any](value *T) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(*value)
}

func (c *checker) volumes(volumes []Volume) {
	seen := make(map[string]bool)
	for i, v := range volumes {
		at := indexed("volumes", i)
		c.name(at+".name", "volume name", v.Name)
		if seen[v.Name] {
			c.add(at+".name", "volume %s is given twice", show(v.Name))
		}
		seen[v.Name] = true
		switch v.Kind {
		case HostVolume:
			c.absolute(at+".source", "source of volume "+show(v.Name), v.Source)
			c.hostVolume(at, v)
		case EmptyVolume:
			c.emptyVolume(at, v)
		case "":
			c.add(at+".kind", "volume %s has no kind; write kind=host,source=PATH or kind=empty", show(v.Name))
		default:
			c.add(at+".kind", "volume %s: kind %s is neither host nor empty", show(v.Name), show(v.Kind))
		}
	}
}

func (c *checker) hostVolume(at string, v Volume) {
	for _, own := range []struct{ name, value string }{
		{"mode", v.Mode}, {"uid", showOptional(v.UID)}, {"gid", showOptional(v.GID)}, {"medium", v.Medium}, {"size", v.Size},
	} {
		if own.value != "" {
			c.add(at+"."+own.name, "volume %s is of the host and can't have %s=%s; kind=empty has one", show(v.Name), own.name, show(own.value))
		}
	}
}

func (c *checker) emptyVolume(at string, v Volume) {
	if v.Source != "" {
		c.add(at+".source", "volume %s is empty and can't have the source %s; kind=host has one", show(v.Name), show(v.Source))
	}
	if _, err := ParseMode(v.Mode); err != nil {
		c.add(at+".mode", "volume %s: %v", show(v.Name), err)
	}
	for _, id := range []struct {
		name  string
		value *int
	}{{"uid", v.UID}, {"gid", v.GID}} {
		if id.value == nil {
			continue
		}
		if err := checkID(*id.value); err != nil {
			c.add(at+"."+id.name, "volume %s: %s %v", show(v.Name), id.name, err)
		}
	}
	if v.Medium != "" && v.Medium != MemoryMedium {
		c.add(at+".medium", "volume %s: medium %s: write memory, or leave it out for the disk", show(v.Name), show(v.Medium))
	}
	if _, err := ParseSize(v.Size); err != nil {
		c.add(at+".size", "volume %s: %v", show(v.Name), err)
	} else if v.Size != "" && v.Medium == "" {
		c.add(at+".size", "volume %s: only medium=memory has a size", show(v.Name))
	}
}

// DefaultMode is what an empty volume has if nobody says (pods.md).
const DefaultMode = 0o755

// ParseMode reads permissions in octal, such as 0755 or 1777; "" is DefaultMode.
func ParseMode(s string) (uint32, error) {
	if s == "" {
		return DefaultMode, nil
	}
	mode, err := strconv.ParseUint(s, 8, 32)
	if err != nil || mode > 0o7777 || strings.Trim(s, "01234567") != "" {
		return 0, fmt.Errorf("mode %s: write it in octal, such as 0755 or 1777", show(s))
	}
	return uint32(mode), nil
}

// maxOwner is the largest user or group that a program can run as: libcontainer has
// no more.
const maxOwner = 1<<31 - 1

// maxID is the largest user or group: the one above means "no change" to Linux.
const maxID = 1<<32 - 2

// PrivateIDs is how many users, and groups, a pod with private users has.
const PrivateIDs = 1 << 16

// privateUsers refuses numbers that such a pod hasn't. A user or group of an app need
// not be a number, even if it is digits: its image may have it as a name.
func (c *checker) privateUsers(p Pod) {
	if !p.PrivateUsers {
		return
	}
	absent := func(id int) bool { return id >= PrivateIDs && checkID(id) == nil }
	const has = "a pod with private users has the users and groups 0 to %d, and no %d"
	for i, app := range p.Apps {
		for n, gid := range app.SupplementaryGIDs {
			if absent(gid) {
				c.add(indexed(indexed("apps", i)+".supplementaryGIDs", n), "--supplementary-gids: "+has, PrivateIDs-1, gid)
			}
		}
	}
	for i, v := range p.Volumes {
		for _, id := range []struct {
			name  string
			value *int
		}{{"uid", v.UID}, {"gid", v.GID}} {
			if v.Kind == EmptyVolume && id.value != nil && absent(*id.value) {
				c.add(indexed("volumes", i)+"."+id.name, "volume %s: %s: "+has, show(v.Name), id.name, PrivateIDs-1, *id.value)
			}
		}
	}
}

func checkID(id int) error {
	if id < 0 || id > maxID {
		return fmt.Errorf("%d is not a number from 0 to %d", id, maxID)
	}
	return nil
}
