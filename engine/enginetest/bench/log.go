package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
)

// logged is how many megabytes of output are logged.
const logged = 512

// prepareLog asks how fast output gets into the log and to who follows it.
func prepareLog(ctx context.Context, w *workshop) (*measure, error) {
	data, root, err := w.stored(ctx, "log")
	if err != nil {
		return nil, err
	}
	folder := w.path("output")
	lines := folder + "/lines"
	if err := errors.Join(os.MkdirAll(folder, 0o755), writeLines(lines)); err != nil {
		return nil, err
	}
	copied := w.path("copied")
	return &measure{
		title: "Output, logged and followed",
		explanation: fmt.Sprintf("%d MB of lines of 80 bytes, which busybox's cat reads from a tmpfs, to whoever follows (/dev/null) and into a file.\n"+
			"podtui's time has the start of the pod in it, and keeps at most the last 128 MB.", logged),
		rounds: min(w.rounds, 10), warm: 1, cpu: true,
		contestants: []*contestant{
			{name: "`podtui --batch run … cat`", must: true, once: func(ctx context.Context) (took, error) {
				t, err := runOnce(w.command(ctx, w.podtui, podtuiArgs(data, "--volume=data,kind=host,source="+folder, "--mount=volume=data,target=/mnt",
					imageName, "--exec", "/bin/cat", "--", "/mnt/lines")...), nil, nil)
				_, gcErr := w.call(ctx, w.podtui, "--dir", data, "gc", "--grace-period=0s")
				return t, errors.Join(err, gcErr)
			}},
			{name: "`cat | tee FILE`", must: true, peer: true, mark: mark{must: 2}, once: func(ctx context.Context) (took, error) {
				t, err := runOnce(w.command(ctx, "sh", "-c", `"$1" cat "$2" | tee "$3" >/dev/null`, "sh", root+"/bin/busybox", lines, copied), nil, nil)
				return t, errors.Join(err, os.Remove(copied))
			}},
		},
	}, nil
}

func writeLines(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	for i := range logged << 20 / 80 {
		fmt.Fprintf(out, "%010d %s\n", i, "the quick brown fox jumps over the lazy dog and then goes to sleep no")
	}
	return out.Flush()
}
