package store

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTurnsAreTakenOneByOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	var group sync.WaitGroup
	var lock sync.Mutex
	holders, waited := 0, 0
	for range 8 {
		group.Go(func() {
			turn, err := s.Turn(context.Background(), "docker://example.com/a", nil)
			if err != nil {
				t.Error(err)
				return
			}
			lock.Lock()
			if holders++; holders != 1 {
				t.Errorf("%d have the turn", holders)
			}
			if turn.Waited() {
				waited++
			}
			lock.Unlock()
			time.Sleep(time.Millisecond)
			lock.Lock()
			holders--
			lock.Unlock()
			if err := turn.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	other, err := s.Turn(context.Background(), "docker://example.com/b", func([]byte) { t.Error("waits for another's turn") })
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
	group.Wait()
	if names, err := readNames(s.path(turnsDir)); err != nil || len(names) != 0 {
		t.Errorf("left are %q, %v", names, err)
	}
}

func TestWhoWaitsHearsWhatTheHolderTells(t *testing.T) {
	t.Parallel()
	s := open(t)
	first, err := s.Turn(context.Background(), "a", nil)
	if err != nil || first.Waited() {
		t.Fatal(err)
	}
	heard := make(chan string)
	done := make(chan *Turn)
	go func() {
		turn, err := s.Turn(context.Background(), "a", func(note []byte) { heard <- string(note) })
		if err != nil {
			t.Error(err)
		}
		done <- turn
	}()
	if note := <-heard; note != "" {
		t.Errorf("heard %q before anything was told", note)
	}
	for _, note := range []string{"layer 1", "layer 2", strings.Repeat("x", maxNote)} {
		if err := first.Tell([]byte(note)); err != nil {
			t.Fatal(err)
		}
		if got := <-heard; got != note {
			t.Errorf("heard %.20q, not %.20q", got, note)
		}
	}
	if err := first.Tell(bytes.Repeat([]byte("x"), maxNote+1)); err == nil {
		t.Error("a note of any length is told")
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Error(err)
	}
	turn := <-done
	defer turn.Close()
	if !turn.Waited() {
		t.Error("it has not waited")
	}
}

func TestWaitingForATurnEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := open(t)
	first, err := s.Turn(context.Background(), "a", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	ctx, cancel := context.WithCancel(context.Background())
	_, err = s.Turn(ctx, "a", func([]byte) { cancel() })
	if !errors.Is(err, context.Canceled) || err.Error() != "waiting for a turn: context canceled" {
		t.Errorf("got %v", err)
	}
}

// A turn whose holder was killed is the next one's, and what it told is nobody's
// news any more.
func TestTurnOfTheDead(t *testing.T) {
	t.Parallel()
	s := open(t)
	cmd := spawn(s, "turn", "a", turnTold)
	die(t, cmd)
	turn, err := s.Turn(context.Background(), "a", func(note []byte) { t.Errorf("waits, and hears %q", note) })
	if err != nil || turn.Waited() {
		t.Fatal(err)
	}
	if names, _ := readNames(turn.dir); len(names) != 0 {
		t.Errorf("the turn has %q", names)
	}
	collect(t, s)
	if !exists(turn.dir) {
		t.Error("a collection took a turn from who has it")
	}
	turn.Close()
	die(t, spawn(s, "turn", "a", turnTold))
	collect(t, s)
	wantEmpty(t, s)
}
