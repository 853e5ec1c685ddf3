package network

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
)

// Folders are where networks are configured, and where CNI's plugins are. The first
// that defines a network, or has a plugin, wins.
type Folders struct {
	Config  []string
	Plugins []string
}

// ConfigFolders are the folders of a host: its own configuration before CNI's, what
// the environment names (CNI_PATH) before the usual places of plugins.
func ConfigFolders(configDir, cniPath string) Folders {
	return Folders{
		Config:  []string{filepath.Join(configDir, "net.d"), "/etc/cni/net.d"},
		Plugins: append(filepath.SplitList(cniPath), "/usr/lib/cni", "/opt/cni/bin"),
	}
}

// standardFile, in podtui's own folder, defines what "default" is, whatever name the
// network has in it. So it was in rkt.
const standardFile = "99-default.conf"

// What is read of a folder.
const (
	maxFiles = 1000
	maxFile  = 1 << 20
)

// Look finds all networks of this host. It never fails: a file that is broken is an
// error only to a pod that asks for the network that it defines.
func Look(folders Folders) Known {
	var k Known
	for i, folder := range folders.Config {
		files, err := configFiles(folder)
		if err != nil {
			k.unread = append(k.unread, fmt.Sprintf("networks of %s: %v", folder, err))
		}
		standard := filepath.Join(folder, standardFile)
		if i == 0 && slices.Contains(files, standard) { // first, since it says what "default" is
			k.add(standard, true, folders.Plugins)
			files = slices.DeleteFunc(files, func(file string) bool { return file == standard })
		}
		for _, file := range files {
			k.add(file, false, folders.Plugins)
		}
	}
	for _, network := range builtIn() {
		if !k.defines(network.Name) {
			k.List = append(k.List, network)
		}
	}
	slices.SortFunc(k.List, func(a, b poddir.Network) int { return strings.Compare(a.Name, b.Name) })
	return k
}

// add reads a file. The first that defines a network is what it is, though it may be
// broken: a pod would else get another network than the host's owner sees there.
func (k *Known) add(file string, standard bool, plugins []string) {
	network, err := readConfig(file, standard)
	name := network.Name
	if standard {
		if name == "" { // who asks for "default" is told what is wrong with it
			name = defaultName
		}
		k.standard, k.standardFile = name, file
	}
	if err != nil {
		k.broken = append(k.broken, brokenFile{file: file, network: name, err: err})
	}
	switch by := k.definedBy(name); {
	case err != nil || name == "":
	case by != "" && by != file:
		k.hidden = append(k.hidden, hiddenFile{file: file, network: name, by: by})
	default:
		network.File, network.Plugins = file, plugins
		k.List = append(k.List, network)
	}
}

// definedBy is the file that says first what a network is.
func (k *Known) definedBy(name string) string {
	if name == defaultName && k.standard != "" {
		return k.standardFile
	}
	for _, network := range k.List {
		if network.Name == name {
			return network.File
		}
	}
	for _, broken := range k.broken {
		if broken.network == name {
			return broken.file
		}
	}
	return ""
}

func (k *Known) defines(name string) bool {
	return slices.Contains(k.names(), name) || slices.ContainsFunc(k.broken, func(b brokenFile) bool { return b.network == name })
}

// configFiles are the files of a folder that define networks, in the order in which
// they count: that of their names.
func configFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	var files []string
	for _, entry := range entries {
		switch filepath.Ext(entry.Name()) {
		case ".conf", ".json", ".conflist":
			files = append(files, filepath.Join(folder, entry.Name()))
		}
	}
	if len(files) > maxFiles {
		return files[:maxFiles], fmt.Errorf("only the first %d of %d files are read", maxFiles, len(files))
	}
	return files, nil
}

// readFile reads a file that may be anything: a pipe nobody writes to, or endless.
func readFile(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.New("it is no file")
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	return data, err
}
