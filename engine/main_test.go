package engine_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/podtui/podtui/engine"
)

func TestMain(m *testing.M) {
	armSupervisor()
	engine.Role()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each process of a pod takes a second to end
	if dir := os.Getenv(frontRole); dir != "" {
		frontMain(dir)
	}
	if dir := os.Getenv(crashRole); dir != "" {
		crashMain(dir)
	}
	if dir := os.Getenv(killRole); dir != "" {
		killMain(dir)
	}
	if dir := os.Getenv(soakRole); dir != "" {
		soakMain(dir)
	}
	if os.Geteuid() != 0 {
		os.Stderr.WriteString("SKIP: tests of real pods need root\n")
	}
	goleak.VerifyTestMain(m)
}

// skipIfShort keeps "make check" under a minute.
func skipIfShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes its time; make test runs it")
	}
}
