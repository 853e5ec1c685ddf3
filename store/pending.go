package store

// derived stands for derive until that is there.
func (s *Store) derived(st *staging, stack, whitelist []string) ([]string, error) { return stack, nil }
