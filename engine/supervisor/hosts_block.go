package supervisor

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/network"
	"github.com/podtui/podtui/engine/poddir"
)

// The other pods that are known by name are between two lines of an app's /etc/hosts,
// and what is there changes as pods come and go. All else in the file is the app's: so
// is the whole of it, once it has taken these lines out.
const (
	blockBegins = "# podtui keeps the pods that are known by name here:"
	blockEnds   = "# podtui: that was the last of them"
)

// maxBlock bounds what others can put into an app's file.
const maxBlock = 64 << 10

// findBlock finds what is between the two lines, where they are there. An app may have
// repeated them: then the last that belong together count.
func findBlock(hosts []byte) (from, to int, found bool) {
	at, begun := 0, -1
	for line := range bytes.Lines(hosts) {
		next := at + len(line)
		switch string(bytes.TrimRight(line, "\r\n")) {
		case blockBegins:
			begun = next
		case blockEnds:
			if begun >= 0 {
				from, to, found = begun, at, true
				begun = -1
			}
		}
		at = next
	}
	return from, to, found
}

// withBlock adds an empty block to what an app's file begins with. An image that was
// made of an app has one perhaps.
func withBlock(hosts []byte) []byte {
	if _, _, found := findBlock(hosts); found {
		return hosts
	}
	if n := len(hosts); n > 0 && hosts[n-1] != '\n' {
		hosts = append(hosts, '\n')
	}
	return append(hosts, blockBegins+"\n"+blockEnds+"\n"...)
}

// renewed is a file of hosts with these pods in its block; ok is false where it has
// none. A name that the rest of the file has is not said again: what the pod, the image
// or the app says of it counts.
func renewed(hosts []byte, pods []poddir.HostName) (now []byte, ok bool) {
	from, to, found := findBlock(hosts)
	if !found {
		return nil, false
	}
	said := namesIn(hosts[:from])
	for name := range namesIn(hosts[to:]) {
		said[name] = true
	}
	var block bytes.Buffer
	for _, pod := range pods {
		if said[pod.Name] {
			continue
		}
		for _, address := range pod.Addresses {
			if line := address.Address.String() + "\t" + pod.Name + "\n"; block.Len()+len(line) <= maxBlock {
				block.WriteString(line)
			}
		}
	}
	return slices.Concat(hosts[:from], block.Bytes(), hosts[to:]), true
}

// reachable are those of another pod's addresses that a pod with these interfaces comes
// to: in networks that both have, or where there are none, by way of the host.
func reachable(all []poddir.HostAddress, interfaces []poddir.Interface) []poddir.HostAddress {
	var reached, shared []poddir.HostAddress
	for _, at := range all {
		if !network.Reaches(interfaces, at.Network, at.Address) {
			continue
		}
		reached = append(reached, at)
		if slices.ContainsFunc(interfaces, func(i poddir.Interface) bool { return i.Network == at.Network }) {
			shared = append(shared, at)
		}
	}
	if len(shared) == 0 {
		return reached
	}
	return shared
}

// namesIn are the names that lines of hosts have, in lower case.
func namesIn(hosts []byte) map[string]bool {
	names := make(map[string]bool)
	for line := range bytes.Lines(hosts) {
		line, _, _ := bytes.Cut(line, []byte("#"))
		if fields := strings.Fields(string(line)); len(fields) > 1 {
			for _, name := range fields[1:] {
				names[strings.ToLower(name)] = true
			}
		}
	}
	return names
}

// renewFile changes the block of an app's file. The file is mounted in the app's root,
// so it is written where it is. The app may write it too, at any moment: between our
// look and our writing there are a few microseconds, and what it has done before that
// stays.
func renewFile(name string, renew func(hosts []byte) (now []byte, ok bool)) error {
	// Without O_NONBLOCK an app could have us wait, by a lease (fcntl(2)).
	file, err := os.OpenFile(name, os.O_RDWR|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	for range 10 {
		before, hosts, err := readWhole(file)
		if tooLarge := (*largeFileError)(nil); errors.As(err, &tooLarge) {
			return nil // the app's own, by now
		}
		if err != nil {
			return err
		}
		now, ok := renew(hosts)
		if !ok || bytes.Equal(now, hosts) {
			return nil
		}
		after, err := file.Stat()
		if err != nil {
			return err
		}
		if after.Size() == before.Size() && after.ModTime().Equal(before.ModTime()) {
			return overwrite(file, hosts, now)
		}
	}
	return nil // it is written all the time
}

func readWhole(file *os.File) (os.FileInfo, []byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() > maxEtcFile {
		return nil, nil, &largeFileError{file.Name()}
	}
	content, err := readSmall(io.NewSectionReader(file, 0, maxEtcFile+1), file.Name())
	return info, content, err
}

// overwrite writes what is different, in one piece: who reads meanwhile finds whole
// lines. Room is found before, so that a full disk leaves the file as it was.
func overwrite(file *os.File, was, now []byte) error {
	if len(now) > len(was) {
		err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, int64(len(now)))
		if err != nil && !errors.Is(err, unix.EOPNOTSUPP) {
			return &os.PathError{Op: "write", Path: file.Name(), Err: err}
		}
	}
	same := 0
	for same < min(len(was), len(now)) && was[same] == now[same] {
		same++
	}
	shorter := len(was) - len(now)
	padded := now[same:]
	if shorter > 0 {
		padded = append(slices.Clip(padded), bytes.Repeat([]byte{'\n'}, shorter)...)
	}
	if _, err := file.WriteAt(padded, int64(same)); err != nil || shorter <= 0 {
		return err
	}
	return file.Truncate(int64(len(now)))
}
