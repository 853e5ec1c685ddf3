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

// Who takes the pod of a dead supervisor to tidy up, or to start it again, does not
// have it look alive; who starts it does, from when it says so.
func TestOwnerIsNotThePodsLife(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	d := create(t, pods)
	if err := d.WriteStatus(Status{State: Running}); err != nil {
		t.Fatal(err)
	}
	d.Unlock() // its supervisor was killed
	other := Open(pods, d.UUID)
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	defer other.Unlock()
	if s := look(t, d); s.State != Exited {
		t.Errorf("while another owns it: %+v", s)
	}
	if err := d.Lock(); !errors.Is(err, ErrBusy) {
		t.Errorf("locked what another owns: %v", err)
	}
	if err := other.WriteStatus(Status{State: Preparing, Before: Exited}); err != nil {
		t.Fatal(err)
	}
	if s := look(t, d); s.State != Preparing {
		t.Errorf("while another starts it: %+v", s)
	}
	other.Unlock()
	if s := look(t, d); s.State != Exited {
		t.Errorf("given up: %+v", s)
	}
}
