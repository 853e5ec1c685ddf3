package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// Exit statuses of plain commands (contract, section 2).
const (
	statusFailed = 1
	statusUsage  = 2
)

// statusError ends podtui with a status, silently if Err is nil.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d: %v", e.status, e.err) }
func (e *statusError) Unwrap() error { return e.err }

// cannotRun is an error of "run" and its kind.
func cannotRun(err error) error { return &statusError{engine.StatusCannotRun, err} }

// plain is an error of running pods for a command whose own status is 1.
func plain(err error) error {
	var ended *statusError
	if errors.As(err, &ended) && ended.err != nil {
		return ended.err
	}
	return err
}

func usage(format string, args ...any) error {
	return &spec.UsageError{Message: fmt.Sprintf(format, args...)}
}

// failures are several errors, of a command that went on after each.
type failures []error

func (f failures) Error() string { return errors.Join(f...).Error() }

// orNil is nil if nothing failed: an empty list in an error is not.
func (f failures) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Unwrap implements what errors.Is and errors.As look for.
func (f failures) Unwrap() []error { return f }

// apart returns the errors of which an error is nothing but the list: failures,
// and those of errors.Join. Each is a line for people. What adds words to the
// errors that it wraps is one.
func apart(err error) []error {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(several.Unwrap()...).Error() {
		return []error{err}
	}
	var all []error
	for _, err := range several.Unwrap() {
		all = append(all, apart(err)...)
	}
	return all
}

// failure is an error as it reaches people: one line, and the exit status.
type failure struct {
	message string // without "podtui: "; "": nothing is left to say
	status  int
}

func (p *program) asFailure(err error) failure {
	var wrong *spec.UsageError
	if errors.As(err, &wrong) {
		return failure{wrong.Message, statusUsage}
	}
	var interrupted *batch.InterruptError
	if errors.As(err, &interrupted) {
		return failure{interrupted.Error(), interrupted.Status()}
	}
	var ended *statusError
	if !errors.As(err, &ended) {
		return failure{p.advise(err), statusFailed}
	}
	if ended.err == nil {
		return failure{status: ended.status}
	}
	return failure{p.advise(ended.err), ended.status}
}

// advise says what is wrong and, where a flag or a command mends it, which.
func (p *program) advise(err error) string {
	var unverified *engine.UnverifiedError
	var damaged *engine.DamagedImageError
	var closed *batch.ClosedError
	var stale *engine.StaleImageError
	var absent *engine.NotFetchedError
	var taken *poddir.NameTakenError
	switch {
	case errors.As(err, &taken):
		return err.Error() + "; --pod-name gives this pod another"
	case errors.As(err, &absent):
		return err.Error() + `; "podtui fetch ` + absent.Image + `" brings it`
	case errors.As(err, &damaged):
		return err.Error() + `; to mend it, import the same archive, or "podtui image rm ` + damaged.ID + `"`
	case errors.As(err, &unverified):
		return err.Error() + p.mend(unverified, "runs")
	case errors.As(err, &stale):
		return err.Error() + "; --pull-policy=update, by name, stacks it anew"
	case errors.As(err, &closed) && closed.Silent():
		return ""
	case errors.Is(err, poddir.ErrBusy):
		return err.Error() + `; if it runs, "podtui stop" ends it`
	case errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0:
		return err.Error() + "; podtui needs root"
	}
	advice := p.cure(engine.CureOf(err))
	if engine.Kept(err) {
		advice += "; what has come is kept, and the next fetch goes on there"
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ") + advice
}

// cure says what lets an image come that didn't.
func (p *program) cure(c engine.Cure) string {
	switch c {
	case engine.AllowHTTP:
		return "; --insecure-options=http allows it"
	case engine.TrustServer:
		return "; --insecure-options=tls takes any certificate"
	case engine.GiveCredential:
		return "; podtui reads credentials from " + filepath.Join(p.globals.configDir, "auth.d") + " and " + dockerConfig()
	case engine.MakeRoom:
		return `; "podtui image gc --grace-period=0s" removes what nothing needs, downloads that were cut off too`
	}
	return ""
}

// dockerConfig is docker's file of credentials.
func dockerConfig() string {
	if folder := os.Getenv("DOCKER_CONFIG"); folder != "" {
		return filepath.Join(folder, "config.json")
	}
	return "~/.docker/config.json"
}

// flagError words what pflag finds wrong.
func flagError(err error, set *pflag.FlagSet) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usage("unknown flag -%s", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		return unknownFlag(unknown.GetSpecifiedName(), flagNames(set))
	case errors.As(err, &missing):
		return usage("--%[1]s has no value; write --%[1]s=%[2]s", missing.GetFlag().Name, missing.GetFlag().Value.Type())
	case errors.As(err, &invalid):
		return usage("--%s: %v", invalid.GetFlag().Name, invalid.Unwrap())
	}
	return usage("%v", err)
}

func unknownFlag(name string, known []string) error {
	if guess := spec.Nearest(name, known); guess != "" {
		return usage("unknown flag --%s; perhaps --%s is meant", name, guess)
	}
	return usage("unknown flag --%s", name)
}

func flagNames(set *pflag.FlagSet) []string {
	var names []string
	set.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// tooEarly turns an unknown flag before the command into a better hint, if it
// is one of "run".
func tooEarly(cause, otherwise error) error {
	var unknown *pflag.NotExistError
	if !errors.As(cause, &unknown) {
		return otherwise
	}
	for _, f := range spec.RunFlags() {
		if f.Name == unknown.GetSpecifiedName() {
			return usage(`--%s is a flag of "podtui run" and stands after it`, f.Name)
		}
	}
	return otherwise
}

func orList(words []string) string {
	last := len(words) - 1
	if last <= 0 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
