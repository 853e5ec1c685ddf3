package drafts

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashRole); dir != "" {
		crashMain(dir)
	}
	goleak.VerifyTestMain(m)
}
