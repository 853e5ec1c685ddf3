package spec

import "errors"

// ParseEnvFile reads a file of --set-env-file, whose name is for errors: NAME=VALUE
// a line, "#" and ";" begin comments, as rkt read them. A name that comes twice is
// an error, also if another file has it: earlier holds what was read before.
func ParseEnvFile(name string, data []byte, earlier []Var) ([]Var, error) {
	return nil, errors.New("--set-env-file is not supported yet")
}
