package poddir

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if pods := os.Getenv(claimRole); pods != "" {
		claimMain(pods)
	}
	goleak.VerifyTestMain(m)
}
