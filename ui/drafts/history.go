package drafts

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/spec"
)

const historyFile = "history"

// The bounds of the history.
const (
	maxHistory = 4 << 20 // beyond that the older half goes
	maxRuns    = 1000    // of which is told
	maxRecord  = 1 << 20 // a pod beyond that is remembered without what was in it
)

// Run is a pod that was run.
type Run struct {
	UUID  string    `json:"uuid"`
	At    time.Time `json:"at"`
	Who   string    `json:"who,omitempty"`
	Pod   *spec.Pod `json:"pod,omitempty"` // nil: it was too large to be remembered
	Exit  *int      `json:"exit,omitempty"`
	Ended time.Time `json:"ended,omitzero"`
}

// end is the record of how a pod ended.
type end struct {
	UUID  string    `json:"uuid"`
	Exit  *int      `json:"exit"`
	Ended time.Time `json:"ended,omitzero"`
}

// Ran remembers that a pod was run.
func (d *Drafts) Ran(r Run) error {
	line, err := json.Marshal(r)
	if err == nil && len(line) > maxRecord {
		r.Pod = nil
		line, err = json.Marshal(r)
	}
	if err != nil {
		return err
	}
	return d.append(line)
}

// Ended remembers how one of them ended.
func (d *Drafts) Ended(uuid string, exit int, at time.Time) error {
	line, err := json.Marshal(end{uuid, &exit, at})
	if err != nil {
		return err
	}
	return d.append(line)
}

// History tells what was run, the newest first. What is damaged is passed over.
func (d *Drafts) History() ([]Run, error) {
	file, err := d.top.file(historyFile, unix.O_RDONLY)
	if errors.Is(err, unix.ENOENT) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := tail(file)
	return runs(data), err
}

// tail reads as much of the end of a file as is ever there.
func tail(file *os.File) ([]byte, error) {
	const most = maxHistory + 2*maxRecord
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	from := max(info.Size()-most, 0)
	data, err := io.ReadAll(io.NewSectionReader(file, from, most))
	if from > 0 { // in the middle of a line
		_, data, _ = bytes.Cut(data, []byte{'\n'})
	}
	return data, err
}

// runs reads records, a line each, the newest first.
func runs(data []byte) []Run {
	var all []Run
	index := map[string]int{}
	for line := range bytes.Lines(data) {
		r, ok := record(line)
		if !ok {
			continue
		}
		i, known := index[r.UUID]
		switch {
		case r.At.IsZero() && known:
			all[i].Exit, all[i].Ended = r.Exit, r.Ended
		case r.At.IsZero():
		case known: // once more, or the same from who was not sure
			all[i] = r
		default:
			index[r.UUID] = len(all)
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b Run) int { return b.At.Compare(a.At) })
	return all[:min(len(all), maxRuns)]
}

// record reads a line; of one that was not written to its end nothing is known.
func record(line []byte) (r Run, ok bool) {
	if len(line) > maxRecord+1 || !bytes.HasSuffix(line, []byte{'\n'}) {
		return r, false
	}
	const uuid = 36
	if err := json.Unmarshal(line, &r); err != nil || len(r.UUID) != uuid || len(r.Who) > maxWho {
		return r, false
	}
	return r, !r.At.IsZero() || r.Exit != nil
}

// maxWho bounds somebody's name.
const maxWho = 256

// append adds a line to the history. It waits for nobody but who appends as well,
// and for no disk: a start does not get slower for it. Of a power cut's last seconds it
// may know nothing.
func (d *Drafts) append(line []byte) error {
	file, err := d.history()
	if err != nil {
		return err
	}
	defer release(file)
	info, err := file.Stat()
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if broken(file, info.Size()) { // by who died as he wrote
		line = append([]byte{'\n'}, line...)
	}
	if _, err = file.Write(line); err != nil { // such as a full disk
		_ = file.Truncate(info.Size())
		return err
	}
	crash.Here("run remembered")
	if info.Size()+int64(len(line)) > int64(d.most) {
		return d.halve(file)
	}
	return nil
}

// history opens the history and locks it.
func (d *Drafts) history() (*os.File, error) {
	for {
		file, err := d.top.file(historyFile, unix.O_RDWR|unix.O_APPEND|unix.O_CREAT)
		if err != nil {
			return nil, err
		}
		if err := await(file, d.patience); err != nil {
			file.Close()
			return nil, d.top.fail("lock", historyFile, err)
		}
		if linked(file) {
			return file, nil
		}
		release(file) // another has halved it meanwhile
	}
}

// broken reports whether the last line has no end.
func broken(file *os.File, size int64) bool {
	last := []byte{'\n'}
	if size > 0 {
		_, _ = file.ReadAt(last, size-1)
	}
	return last[0] != '\n'
}

// halve keeps the newer half of the history.
func (d *Drafts) halve(file *os.File) error {
	lines, err := linesOf(file)
	if err != nil {
		return err
	}
	return d.rewrite(newer(lines, d.most/2))
}

// newer is the lines of the newest runs, as many as are no larger than most together.
func newer(lines [][]byte, most int) [][]byte {
	began, size, of := map[string]time.Time{}, map[string]int{}, make([]string, len(lines))
	var last time.Time
	for i, line := range lines {
		uuid, at := about(line)
		if uuid == "" {
			uuid = strconv.Itoa(i)
		}
		before, known := began[uuid]
		switch {
		case at.IsZero() && known: // how it ended
			at = before
		case at.IsZero():
			at = last // as old as what stands before it
		}
		began[uuid], last, of[i] = at, at, uuid
		size[uuid] += len(line)
	}
	runs := slices.SortedFunc(maps.Keys(began), func(a, b string) int { return cmp.Or(began[b].Compare(began[a]), cmp.Compare(a, b)) })
	keep, total := map[string]bool{}, 0
	for i, uuid := range runs {
		if total += size[uuid]; total > most && i > 0 {
			break
		}
		keep[uuid] = true
	}
	var kept [][]byte
	for i, line := range lines {
		if keep[of[i]] {
			kept = append(kept, line)
		}
	}
	return kept
}

// about is which run a line is of and when that began, as well as that can be known.
func about(line []byte) (uuid string, at time.Time) {
	var of struct {
		UUID string    `json:"uuid"`
		At   time.Time `json:"at"`
	}
	_ = json.Unmarshal(line, &of) // of what can't be read there is nothing
	return of.UUID, of.At
}

// linesOf reads the lines of the history. Some may be another podtui's, which knows
// more: they are nobody's to lose.
func linesOf(file *os.File) ([][]byte, error) {
	data, err := tail(file)
	return slices.Collect(bytes.Lines(data)), err
}

// rewrite makes the history anew.
func (d *Drafts) rewrite(lines [][]byte) error {
	return d.top.put(historyFile, bytes.Join(lines, nil), true, true)
}

// ForgetRun takes a pod out of the history.
func (d *Drafts) ForgetRun(uuid string) error {
	file, err := d.history()
	if err != nil {
		return err
	}
	defer release(file)
	lines, err := linesOf(file)
	if err != nil {
		return err
	}
	return d.rewrite(slices.DeleteFunc(lines, func(line []byte) bool {
		of, _ := about(line)
		return of == uuid
	}))
}
