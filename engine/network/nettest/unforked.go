package nettest

import "syscall"

// Unforked calls something while this process starts no other. Until a process that it
// starts is executed, that has all that is open here: what was closed meanwhile too, so
// that its port is not free. Tests run beside each other, and all of them start some.
func Unforked(do func()) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	do()
}
