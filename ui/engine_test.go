package ui

import "github.com/podtui/podtui/engine"

var _ Engine = (*engine.Engine)(nil)
