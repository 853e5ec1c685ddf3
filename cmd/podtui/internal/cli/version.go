package cli

import (
	"fmt"
	"runtime"

	"github.com/appc/spec/schema"
	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "tell the versions of podtui and of what it is made of", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			return p.println(fmt.Sprintf("podtui %s\nappc %v\n%s %s/%s",
				p.version, schema.AppContainerVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH))
		},
	}
}
