package spec

// Unsupported lists what a valid pod asks for that this version can't do, each
// as the flag that asks for it. A form or a draft can hold such wishes; whoever
// runs the pod refuses it, and names them.
func (p Pod) Unsupported() []string {
	var flags []string
	for _, name := range p.Network.Names {
		if name != "host" {
			flags = append(flags, "--net="+show(name))
		}
	}
	return flags
}
