package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/podtui/podtui/engine"
)

func TestMain(m *testing.M) {
	engine.Role()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each podtui of a test takes a second to end
	testscript.Main(m, map[string]func(){"podtui": main})
}
