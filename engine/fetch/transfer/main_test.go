package transfer

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// childRole makes the test's executable a program that gets one URL with nothing
// but what its environment says, as podtui does.
const childRole = "TRANSFER_CHILD_GETS"

func TestMain(m *testing.M) {
	if url := os.Getenv(childRole); url != "" {
		child(url)
		return
	}
	goleak.VerifyTestMain(m)
}

func child(url string) {
	d, err := New(Options{Attempts: -1}).Document(context.Background(), Request{URL: url})
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Printf("%s", d.Body)
}
