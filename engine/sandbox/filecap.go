package sandbox

import "encoding/binary"

// The attribute by which a program gives capabilities to whoever executes it
// (capabilities(7), "File capabilities"): a word of version and flags, then the sets.
// The third version ends with the user whom the user namespace that it counts in has
// as root; the second counts in all of them.
const (
	fileCapability = "security.capability"

	capabilityVersion = 0xff000000
	secondVersion     = 0x02000000
	thirdVersion      = 0x03000000
	endOfSets         = 20 // bytes
)

// AttributeFor is what an attribute of a file is to be in a copy whose users are
// others: as tells who a user is there. A capability that would say nothing of whom it
// is could not be read through a mount that shows the pod's files as the host's, and
// one that says it of a pod would count for nobody else.
func AttributeFor(name string, value []byte, as func(id int) int) []byte {
	if name != fileCapability || len(value) < endOfSets {
		return value
	}
	order, root := binary.LittleEndian, 0
	first := order.Uint32(value)
	switch version := first & capabilityVersion; {
	case version == secondVersion && len(value) == endOfSets:
	case version == thirdVersion && len(value) == endOfSets+4:
		root = int(order.Uint32(value[endOfSets:]))
	default:
		return value // the kernel takes no other
	}
	version := uint32(secondVersion)
	if root = as(root); root != 0 {
		version = thirdVersion
	}
	made := append(order.AppendUint32(nil, first&^capabilityVersion|version), value[4:endOfSets]...)
	if root != 0 {
		made = order.AppendUint32(made, uint32(root))
	}
	return made
}
