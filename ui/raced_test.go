//go:build race

package ui_test

// raced: the race detector keeps a shadow of all memory, whose size says nothing.
const raced = true
