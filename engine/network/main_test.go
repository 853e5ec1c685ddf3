package network

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if part := os.Getenv(partRole); part != "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0")
		playPart(part)
	}
	goleak.VerifyTestMain(m)
}
