package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/cyphar/filepath-securejoin/pathrs-lite"
	"golang.org/x/sys/unix"
)

// checkFormat finds what keeps the kernel from executing a file that may be executed:
// that it is nothing that it knows, or that its interpreter is missing in this root.
// Where the host has been taught other formats (binfmt_misc), it says nothing of those.
func checkFormat(root, program *os.File) error {
	file, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", program.Fd()))
	if err != nil {
		return nil // the kernel reads what we may not
	}
	defer file.Close()
	interpreter, err := interpreterOf(file)
	switch {
	case err != nil && teachesFormats():
		return nil
	case err != nil:
		return err
	case interpreter == "":
		return nil
	}
	handle, err := pathrs.OpenatInRoot(root, interpreter)
	if err != nil {
		if errno, ok := errors.AsType[syscall.Errno](err); ok {
			return errno
		}
		return nil // the kernel knows better
	}
	return handle.Close()
}

const elfMagic = "\x7fELF"

// interpreterOf is the program that executes a file; "": the kernel does.
func interpreterOf(file io.ReaderAt) (string, error) {
	head := make([]byte, 256) // which is what the kernel reads of it
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		line, _, _ := strings.Cut(string(head[2:]), "\n")
		words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
		if len(words) == 0 {
			return "", unix.ENOEXEC
		}
		return words[0], nil
	case bytes.HasPrefix(head, []byte(elfMagic)) && len(head) >= 64:
		return elfInterpreter(file, head)
	}
	return "", unix.ENOEXEC
}

// Of a 64-bit ELF file: where its header says what, and what its parts are.
const (
	elfClass, elfData  = 4, 5
	elf64, elfLittle   = 2, 1
	elfParts           = 32
	elfPartSize        = 54
	elfPartCount       = 56
	elfInterp          = 3
	maxElfParts        = 128
	elfPartBytes       = 56
	maxInterpreterName = unix.PathMax
)

// elfInterpreter reads no further than the kernel would. What is of another word size
// or byte order is left to it.
func elfInterpreter(file io.ReaderAt, head []byte) (string, error) {
	if head[elfClass] != elf64 || head[elfData] != elfLittle {
		return "", nil
	}
	order := binary.LittleEndian
	at, count := order.Uint64(head[elfParts:]), int(order.Uint16(head[elfPartCount:]))
	if order.Uint16(head[elfPartSize:]) != elfPartBytes || count > maxElfParts || at > 1<<40 {
		return "", nil
	}
	parts := make([]byte, count*elfPartBytes)
	if _, err := file.ReadAt(parts, int64(at)); err != nil {
		return "", nil //nolint:nilerr // the kernel says so
	}
	for ; len(parts) > 0; parts = parts[elfPartBytes:] {
		offset, size := order.Uint64(parts[8:]), order.Uint64(parts[32:])
		if order.Uint32(parts) != elfInterp || size < 2 || size > maxInterpreterName || offset > 1<<40 {
			continue
		}
		name := make([]byte, size)
		if _, err := file.ReadAt(name, int64(offset)); err != nil {
			return "", nil //nolint:nilerr // likewise
		}
		text, _, _ := strings.Cut(string(name), "\x00")
		return text, nil
	}
	return "", nil
}

// teachesFormats tells whether somebody has told the kernel of other formats.
func teachesFormats() bool {
	entries, err := os.ReadDir("/proc/sys/fs/binfmt_misc")
	return err == nil && len(entries) > 2 // register, status
}
