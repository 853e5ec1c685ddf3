// Command bench measures podtui against what a user would have run instead:
// runc, crun and podman for a start, tar for an import, podman and skopeo with
// umoci for a fetch, and for what people wait for at a terminal a small C
// program and htop. "make bench" runs it.
//
// It asserts nothing. All contestants of a measure take turns within one run,
// so what else the machine does hits all of them; medians are compared as
// ratios, and a table says which marks were met. What it needs it builds in a
// folder on a tmpfs, which goes when it ends.
//
// It is part of the tests: it calls programs, and imports nothing of podtui.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

type options struct {
	podtui       string
	rounds       int
	importRounds int
	megabytes    int64
	pulled       int64
	images       int
	only         *regexp.Regexp
	document     string
	crowd        string
}

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.StringVar(&o.podtui, "podtui", "bin/podtui", "the `program` to measure")
	flags.IntVar(&o.rounds, "rounds", 30, "how often everything short is run")
	flags.IntVar(&o.importRounds, "import-rounds", 7, "how often the import is run")
	flags.Int64Var(&o.megabytes, "megabytes", 150, "size of the image that is imported")
	flags.Int64Var(&o.pulled, "pulled", 200, "megabytes of the image that is fetched from a registry")
	flags.IntVar(&o.images, "images", 10_000, "how many images the big store of the first paint has")
	flags.StringVar(&o.document, "write", "", "put the table into this `file`, between its two marks")
	flags.StringVar(&o.crowd, "crowd", "", "only fill this data `folder` with -images images, to try things by hand")
	only := flags.String("only", "", "measure only what matches this `regexp`: start, together, stop, pods, network, log, import, fetch, list, wait")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.document != "" && *only != "" {
		return o, fmt.Errorf("-write needs all measures, and -only leaves some out")
	}
	if o.rounds < 1 || o.importRounds < 1 || o.megabytes < 1 || o.pulled < 1 || o.images < 1 {
		return o, fmt.Errorf("less than 1 of something can't be measured")
	}
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, err
	}
	if o.podtui, err = filepath.Abs(o.podtui); err != nil {
		return o, err
	}
	_, err = os.Stat(o.podtui)
	return o, err
}

// run prepares and runs one measure after the other, and prints the report.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	shop, err := open(o)
	if err != nil {
		return err
	}
	defer shop.close()
	if o.crowd != "" {
		return shop.crowd(ctx, o.crowd, o.images)
	}

	var measures []*measure
	for _, m := range []struct {
		name    string
		prepare func(context.Context, *workshop) (*measure, error)
	}{{"start", prepareStart}, {"together", prepareTogether}, {"stop", prepareStop}, {"pods", preparePods}, {"network start", prepareNetwork}, {"network together", prepareAddresses}, {"network out", prepareOut}, {"network port", preparePort}, {"log", prepareLog}, {"import", prepareImport}, {"fetch", prepareFetch}, {"list", prepareList}, {"wait", prepareWait}} {
		if !o.only.MatchString(m.name) {
			continue
		}
		begin := time.Now()
		fmt.Fprintf(os.Stderr, "%s: preparing", m.name)
		prepared, err := m.prepare(ctx, shop)
		if err != nil {
			fmt.Fprintln(os.Stderr)
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprint(os.Stderr, ", measuring")
		err = prepared.run(ctx)
		fmt.Fprintf(os.Stderr, ", %.0f s\n", time.Since(begin).Seconds())
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		measures = append(measures, prepared)
	}
	text := report(describeMachine(shop), measures)
	fmt.Fprint(out, text)
	if o.document == "" {
		return nil
	}
	return rewrite(o.document, text)
}
