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
	if pods := os.Getenv(ownRole); pods != "" {
		ownMain(pods)
	}
	if pods := os.Getenv(leaseRole); pods != "" {
		leaseMain(pods)
	}
	if pods := os.Getenv(addressRole); pods != "" {
		addressMain(pods)
	}
	goleak.VerifyTestMain(m)
}
