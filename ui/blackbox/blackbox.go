// Package blackbox remembers the last moments of a screen, and writes them into a
// file when it crashes, for whoever mends it.
//
// A report goes to strangers, so it has nothing in it that somebody typed, no
// environment, and no names of images, pods or files: messages are told by their
// types, keys only where they were commands.
package blackbox

import (
	"reflect"
	"runtime/debug"
	"sync"
	"time"
)

// How much is remembered.
const (
	mostMessages = 50
	mostKeys     = 50
)

// Box is what is remembered. It may be used from any goroutine.
type Box struct {
	Version string // of podtui

	mu       sync.Mutex
	messages ring[reflect.Type]
	keys     ring[string]
	w, h     int
	crash    *Crash
}

// Crash is how a screen ended that should not have.
type Crash struct {
	Where string // an update, a view, a command
	Value any    // that the panic had
	Stack []byte
	At    time.Time
	box   *Box
}

// Message notes a message by its type.
func (b *Box) Message(msg any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages.add(reflect.TypeOf(msg), mostMessages)
}

// Key notes a key that was a command.
func (b *Box) Key(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys.add(name, mostKeys)
}

// Typed notes that a key was text, and not which.
func (b *Box) Typed() { b.Key("(typed)") }

// Size notes the terminal's.
func (b *Box) Size(w, h int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.w, b.h = w, h
}

// Take notes a panic, in the function that has recovered from it. Only the first
// counts: what follows may be its consequence.
func (b *Box) Take(where string, value any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.crash == nil {
		b.crash = &Crash{where, value, debug.Stack(), time.Now(), b}
	}
}

// Crash is the panic that was noted, nil if there was none.
func (b *Box) Crash() *Crash {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.crash
}

// ring is the last of what was added; the same several times in a row is one.
type ring[T comparable] struct{ list []times[T] }

type times[T comparable] struct {
	what T
	n    int
}

func (r *ring[T]) add(what T, most int) {
	if n := len(r.list); n > 0 && r.list[n-1].what == what {
		r.list[n-1].n++
		return
	}
	if len(r.list) == most {
		copy(r.list, r.list[1:])
		r.list = r.list[:most-1]
	}
	r.list = append(r.list, times[T]{what, 1})
}
