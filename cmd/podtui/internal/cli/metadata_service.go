package cli

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/ui/text"
)

// rktMetadataPort is where rkt's service listened.
const rktMetadataPort = 18112

func (p *program) metadataServiceCommand() *cobra.Command {
	port := rktMetadataPort
	c := &cobra.Command{
		Use: "metadata-service", Short: "serve the metadata of all pods at one port", Args: noArgs,
		Long: "Serve the metadata of all pods of the data folder at one port of 127.0.0.1, until interrupted.\n\n" +
			"Pods don't need it: each has a metadata service of its own, at a port that the kernel chooses.\n" +
			"It is for those who want that port to be known, as with rkt. The AC_METADATA_URL of pods that\n" +
			"start while it runs leads here, and only here: if it ends, they are without metadata until it\n" +
			"is started again with the same port. Pods that have a service of their own are answered as well.",
		RunE: func(c *cobra.Command, _ []string) error { return p.metadataService(c.Context(), port) },
	}
	c.Flags().Var(flagValue{globalFlag{value: "PORT", set: portNumber(&port)}}, "listen-port", fmt.Sprintf("where to listen (%d, as rkt)", rktMetadataPort))
	return c
}

func (p *program) metadataService(ctx context.Context, port int) error {
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	ctx, ended := withSignals(ctx)
	defer ended()
	return e.ServeMetadata(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), func(url string) {
		p.output().Say("the metadata service is at " + text.Escape(url))
	})
}

func portNumber(to *int) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseUint(s, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("%q: write a number from 1 to 65535", s)
		}
		*to = int(n)
		return nil
	}
}
