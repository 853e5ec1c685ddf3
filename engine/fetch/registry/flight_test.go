package registry

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

var errOfTest = errors.New("an error of the test")

func TestWhoWaitsGetsTheErrorOfWhoWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f flights
		finish := make(chan struct{})
		got := make(chan error, 8)
		for range 8 {
			go func() {
				got <- f.do(t.Context(), "key", func(context.Context) error {
					<-finish
					return errOfTest
				})
			}()
		}
		synctest.Wait() // one works, seven wait
		close(finish)
		for range 8 {
			if err := <-got; !errors.Is(err, errOfTest) {
				t.Error(err)
			}
		}
		if len(f.running) != 0 {
			t.Error("something still runs")
		}
	})
}

func TestWhoWaitsTakesOverWhenWhoWorksIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f flights
		first, cancel := context.WithCancel(t.Context())
		got, took := make(chan error, 1), make(chan error, 1)
		go func() {
			got <- f.do(first, "key", func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			})
		}()
		synctest.Wait()
		go func() {
			took <- f.do(t.Context(), "key", func(context.Context) error { return errOfTest })
		}()
		synctest.Wait()
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Errorf("who was cancelled got: %v", err)
		}
		if err := <-took; !errors.Is(err, errOfTest) {
			t.Errorf("who waited got: %v", err)
		}
	})
}

func TestWhoWaitsCanBeCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f flights
		finish, ended := make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- f.do(t.Context(), "key", func(context.Context) error {
				<-finish
				return nil
			})
		}()
		synctest.Wait()
		waiting, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.do(waiting, "key", func(context.Context) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(finish)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
