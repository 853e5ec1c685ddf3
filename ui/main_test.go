package ui_test

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/podtui/podtui/engine"
)

func TestMain(m *testing.M) {
	engine.Role()
	time.Local = time.UTC // golden screens show the time of day
	if os.Getenv(asProgram) != "" {
		os.Exit(program())
	}
	if role := os.Getenv(liveRole); role != "" {
		os.Exit(liveMain(role))
	}
	goleak.VerifyTestMain(m)
}
