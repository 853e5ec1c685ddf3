package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) imageRmCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rm IMAGE…", Short: "remove stored images", Args: oneOrMore,
		ValidArgsFunction: p.completeImages,
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := p.open()
			if err != nil {
				return err
			}
			defer e.Close()
			return each(args, func(reference string) error {
				id, err := findImage(e, reference)
				var damaged *engine.DamagedImageError
				if errors.As(err, &damaged) && strings.EqualFold(damaged.ID, reference) {
					id, err = damaged.ID, nil // it needs not be read
				}
				if err != nil {
					return err
				}
				if err := e.RemoveImage(id); err != nil {
					return freeable(e, err)
				}
				return p.println(id)
			})
		},
	}
}

// freeable says how to free an image that only pods hold that have ended.
func freeable(e *engine.Engine, err error) error {
	var used *engine.ImageInUseError
	if !errors.As(err, &used) {
		return err
	}
	var ended []string
	for _, uuid := range used.Owners {
		pod, podErr := e.Pod(uuid)
		if podErr != nil || pod.State != poddir.Exited && pod.State != poddir.Failed {
			return err
		}
		ended = append(ended, pod.UUID[:8])
	}
	what := "pod %s has ended"
	if len(ended) > 1 {
		what = "pods %s have ended"
	}
	return fmt.Errorf(`image %s: in use; `+what+`; "podtui rm %s" or "podtui gc --grace-period=0s" frees it`,
		shorten(used.ID, 12, false), strings.Join(ended, ", "), strings.Join(ended, " "))
}
