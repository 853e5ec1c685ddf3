package poddir

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// A process that is being started has everything open that its parent has, until
// it is executed.
func TestLockIsFreeThoughAnotherHasItOpen(t *testing.T) {
	t.Parallel()
	d := create(t, podsOf(t))
	same, err := unix.Dup(int(d.lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(same)
	for range 2 {
		d.Unlock()
		if err := d.Lock(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLockThatWasHandedOverStays(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	fd, err := unix.Dup(int(d.LockDescriptor().Fd()))
	if err != nil {
		t.Fatal(err)
	}
	d.Unlock()
	if err := d.Lock(); !errors.Is(err, ErrBusy) {
		t.Errorf("locked what another owns: %v", err)
	}
	if s := look(t, d); s.State != Preparing {
		t.Errorf("%+v", s)
	}
	unix.Close(fd)
	if err := d.Lock(); err != nil {
		t.Error(err)
	}
}
