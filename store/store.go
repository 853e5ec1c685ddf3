package store

type Store struct{}
type Image struct{}
