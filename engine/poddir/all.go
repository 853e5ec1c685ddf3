package poddir

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
)

// All tells how every pod is, newest first. One pod must not hide the others: what
// can't be read is a pod that has failed.
func All(pods string) ([]Status, error) {
	folder, err := os.Open(pods)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	uuids, err := list(folder)
	if err != nil {
		return nil, err
	}
	return lookAt(folder, uuids), nil
}

// Some is All of these pods; those that are not there are left out.
func Some(pods string, uuids []string) ([]Status, error) {
	folder, err := os.Open(pods)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return lookAt(folder, uuids), nil
}

// lookAt reads pods on all processors: most of it is parsing.
func lookAt(folder *os.File, uuids []string) []Status {
	const worthIt = 32 // pods that take about as long as waking another processor
	all := make([]Status, len(uuids))
	share := max(worthIt, (len(uuids)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var readers sync.WaitGroup
	for begin := 0; begin < len(uuids); begin += share {
		end := min(begin+share, len(uuids))
		readers.Go(func() {
			l := newLooker(folder)
			for i := begin; i < end; i++ {
				all[i] = l.anyhow(uuids[i])
			}
		})
	}
	readers.Wait()
	all = slices.DeleteFunc(all, func(s Status) bool { return s.UUID == "" })
	slices.SortStableFunc(all, func(a, b Status) int { return b.Created.Compare(a.Created) })
	return all
}

// anyhow is status without an error: what can't be read has failed, and what has
// gone is the zero Status.
func (l *looker) anyhow(id string) Status {
	s, err := l.status(id)
	switch {
	case errors.Is(err, ErrNotFound):
		return Status{}
	case err != nil:
		return Status{UUID: id, State: Failed, Cause: err.Error()}
	}
	return s
}
