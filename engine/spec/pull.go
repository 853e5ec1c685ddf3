package spec

// PullPolicy says when the source of an image is asked for it (contract,
// section 2).
type PullPolicy string

// The policies. The zero value is PullNew.
const (
	PullNew    PullPolicy = "new"    // if the store has none that fits
	PullUpdate PullPolicy = "update" // always; what has not changed is not fetched again
	PullNever  PullPolicy = "never"  // not at all: no connection is made
)

// setPullPolicy is --pull-policy, and setPull what rkt called its two ends.
func setPullPolicy(p *parser, value string) error {
	policy, err := ParsePullPolicy(value)
	p.pod.Pull = policy
	return err
}

// ParsePullPolicy reads the value of --pull-policy.
func ParsePullPolicy(value string) (PullPolicy, error) {
	switch policy := PullPolicy(value); policy {
	case PullNew, PullUpdate, PullNever:
		return policy, nil
	}
	return "", usage("--pull-policy: %s is not one of new, update or never", show(value))
}

func setPull(flag string, to PullPolicy) setter {
	return func(p *parser, value string) error {
		on, err := parseBool(flag, value)
		if err == nil && on {
			p.pod.Pull = to
		}
		return err
	}
}

func setVerifyImage(p *parser, value string) (err error) {
	p.pod.VerifyImage, err = parseBool("--verify-image", value)
	return err
}
