package supervisor

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/podtui/podtui/engine/poddir"
)

func TestNobodyIsSignalledForAPodWithoutASupervisor(t *testing.T) {
	t.Parallel()
	if err := Signal(t.Context(), poddir.Open(t.TempDir(), uuid.NewString()), true); !errors.Is(err, ErrNotRunning) {
		t.Errorf("%v", err)
	}
}
