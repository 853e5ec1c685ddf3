package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/podtui/podtui/engine"
)

func TestMain(m *testing.M) {
	engine.Role()
	testscript.Main(m, map[string]func(){"podtui": main})
}
