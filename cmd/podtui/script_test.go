package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/enginetest/origin"
	"github.com/podtui/podtui/engine/enginetest/registrytest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// TestScripts runs testscripts/*.txtar: podtui as people and scripts call it,
// with real pods. Each script has a data folder of its own and finds every
// image of testdata/images as NAME.aci beside it. When it ends, nothing of its
// pods may be left. Beside testscript's own commands there are
//
//	status N COMMAND…        run a command, which must exit with N
//	start NAME COMMAND…      run a command in the background, into NAME.out and NAME.err
//	signal NAME SIGNAL       send it a signal
//	kept BYTES               wait until partial downloads have so many bytes
//	says NAME LINE           wait until its output has a line
//	ended NAME N             wait for its end; it must exit with N
//	pod VAR STATE [LINE]     wait until the newest pod is in a state and all its apps have logged a line; VAR becomes its UUID
//	lines FILE N             FILE has N lines
//	origin                   start a web server that is every host, for this script
//	serve HOST/PATH FILE [USER PASSWORD]
//	                         a file or page of it
//	redirect HOST/PATH URL   a path of it that leads elsewhere
//	served HOST/PATH METHOD N
//	                         it was asked for this N times
//	hold HOST/PATH BYTES     it sends so much of a file, once, and then nothing more
//	sent HOST/PATH FILE      it sent what FILE has, and little more, all in all
//	registry VAR [tls] [password] [token]
//	                         start a registry at $VAR, with docker://$VAR/library/busybox in it
//	mirror HOST/REPO:TAG VAR the web server's host is a registry with such an image
//	asked VAR PART N         it was asked for a PART N times since it was last looked
//	stall VAR BYTES          it sends so much of the image's largest layer, once, and then nothing more
//	moved VAR FOLDER         it sent what FOLDER has of its image, and little more, all in all
//	layout FOLDER            an OCI layout folder of the same image
//	key VAR USERID [KIND]    make a key with gnupg: VAR.asc; VAR becomes its fingerprint, VAR_ID the end of that
//	sign VAR FILE SIGNATURE [KIND]
//	                         sign a file with it
//	revoke VAR               revoke it, in VAR.asc too
//	private VAR FILE         write it with its private part
//	world                    from here on the host has a network of its own; its uplink leads to the namespace $OUTSIDE,
//	                         where it is called $HOST_IP
//
// and the conditions [missing:PROGRAM], which fails in CI if it is true, and
// [unlimited]: this host runs pods without limits.
func TestScripts(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("real pods need root")
	}
	images := buildImages(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testscripts",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUp(env, images) },
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": cmdStatus,
			"start":  cmdStart,
			"signal": cmdSignal,
			"says":   cmdSays,
			"ended":  cmdEnded,
			"pod":    cmdPod,
			"lines":  cmdLines,
			"kept":   cmdKept,

			"origin":   cmdOrigin,
			"serve":    cmdServe,
			"redirect": cmdRedirect,
			"served":   cmdServed,
			"hold":     cmdHold,
			"sent":     cmdSent,
			"registry": cmdRegistry,
			"mirror":   cmdMirror,
			"asked":    cmdAsked,
			"stall":    cmdStall,
			"moved":    cmdMoved,
			"layout":   cmdLayout,

			"key":     cmdKey,
			"sign":    cmdSign,
			"revoke":  cmdRevoke,
			"private": cmdPrivate,

			"world": cmdWorld,
		},
	})
}

// buildImages returns the images of all recipes by name.
func buildImages(t *testing.T) map[string]string {
	t.Helper()
	names, err := enginetest.Recipes()
	if err != nil {
		t.Fatal(err)
	}
	images := make(map[string]string, len(names))
	for _, name := range names {
		images[name] = enginetest.BuildImage(t, name)
	}
	return images
}

func condition(condition string) (bool, error) {
	if condition == "unlimited" {
		return sandbox.Limited() != nil, nil
	}
	program, ok := strings.CutPrefix(condition, "missing:")
	if !ok {
		return false, fmt.Errorf("no condition is %s", condition)
	}
	_, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "" {
		return false, err
	}
	return err != nil, nil
}

// session is what a script's commands share.
type session struct {
	tb         testing.TB
	host       *enginetest.Host
	background map[string]*exec.Cmd
	origin     *origin.Origin
	served     map[string]*origin.Resource // by HOST/PATH
	registries map[string]*registrytest.Registry
	gnupg      *gpg.Home
	keys       map[string]gpg.Key
}

type sessionKey struct{}

func setUp(env *testscript.Env, images map[string]string) error {
	tb := env.T().(testing.TB)
	s := &session{
		tb: tb, host: enginetest.NewHost(tb),
		background: make(map[string]*exec.Cmd), registries: make(map[string]*registrytest.Registry),
		served: make(map[string]*origin.Resource), keys: make(map[string]gpg.Key),
	}
	env.Values[sessionKey{}] = s
	env.Setenv("PODTUI_DIR", s.host.Dir)
	env.Setenv("PODTUI_CONFIG_DIR", filepath.Join(env.WorkDir, "config"))
	env.Setenv("GORACE", os.Getenv("GORACE"))
	env.Setenv("ARCH", runtime.GOARCH)
	env.Defer(func() { s.tidy(tb) })
	for name, path := range images {
		if err := os.Symlink(path, filepath.Join(env.WorkDir, name+".aci")); err != nil {
			return err
		}
	}
	return nil
}

// tidy ends what a script that failed has left running.
func (s *session) tidy(tb testing.TB) {
	pods, err := s.host.Pods()
	if err != nil {
		tb.Error(err)
	}
	for _, pod := range pods {
		if pod.State == poddir.Running {
			tb.Errorf("pod %s still runs", pod.UUID)
			_ = s.host.StopPod(tb.Context(), pod.UUID, engine.StopOptions{Force: true})
		}
	}
	for name, command := range s.background {
		tb.Errorf("%s was not waited for", name)
		_ = command.Process.Kill()
		_ = command.Wait()
	}
}

func sessionOf(ts *testscript.TestScript) *session { return ts.Value(sessionKey{}).(*session) }

// want checks the number of arguments, and that the command isn't negated.
func want(ts *testscript.TestScript, neg bool, args []string, least int, usage string) {
	if neg || len(args) < least {
		ts.Fatalf("usage: %s", usage)
	}
}

func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "status N COMMAND…")
	checkStatus(ts, args[0], ts.Exec(args[1], args[2:]...))
}

// checkStatus fails the script unless a command's end was this one.
func checkStatus(ts *testscript.TestScript, status string, err error) {
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = shellStatus(exit.Sys().(syscall.WaitStatus))
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != status {
		ts.Fatalf("exit status %d, want %s", got, status)
	}
}

func shellStatus(w syscall.WaitStatus) int {
	if w.Signaled() {
		return 128 + int(w.Signal())
	}
	return w.ExitStatus()
}

func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "start NAME COMMAND…")
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	command := exec.Command(path, args[2:]...)
	command.Args[0] = args[1]
	command.Dir = ts.MkAbs(".")
	command.Env = append(os.Environ(), "PODTUI_DIR="+ts.Getenv("PODTUI_DIR"))
	command.Stdout, err = os.Create(ts.MkAbs(args[0] + ".out"))
	ts.Check(err)
	command.Stderr, err = os.Create(ts.MkAbs(args[0] + ".err"))
	ts.Check(err)
	ts.Check(command.Start())
	sessionOf(ts).background[args[0]] = command
}

func background(ts *testscript.TestScript, name string) *exec.Cmd {
	command := sessionOf(ts).background[name]
	if command == nil {
		ts.Fatalf("nothing called %s was started", name)
	}
	return command
}

func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "signal NAME SIGNAL")
	ts.Check(background(ts, args[0]).Process.Signal(unix.SignalNum(args[1])))
}

func cmdSays(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "says NAME LINE")
	enginetest.Eventually(sessionOf(ts).tb, args[1]+" of "+args[0], func() bool {
		return strings.Contains("\n"+ts.ReadFile(args[0]+".out"), "\n"+args[1]+"\n")
	})
}

func cmdEnded(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "ended NAME N")
	command := background(ts, args[0])
	delete(sessionOf(ts).background, args[0])
	checkStatus(ts, args[1], command.Wait())
}

func cmdPod(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "pod VAR STATE [LINE]")
	host := sessionOf(ts).host
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		pods, err := host.Pods()
		ts.Check(err)
		if len(pods) > 0 && string(pods[0].State) == args[1] && haveLogged(ts, host, pods[0], args[2:]) {
			ts.Setenv(args[0], pods[0].UUID)
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("not within %s: %v", patience, pods)
		}
	}
}

// haveLogged reports whether each app of a pod has logged every one of these lines.
func haveLogged(ts *testscript.TestScript, host *enginetest.Host, pod poddir.Status, lines []string) bool {
	type said struct{ app, line string }
	logged := make(map[said]bool)
	err := host.Logs(context.Background(), pod.UUID, engine.LogOptions{}, func(batch []poddir.LogLine) error {
		for _, line := range batch {
			logged[said{line.App, line.Text}] = true
		}
		return nil
	})
	ts.Check(err)
	for _, app := range pod.Apps {
		for _, line := range lines {
			if !logged[said{app.Name, line}] {
				return false
			}
		}
	}
	return true
}

func cmdKept(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "kept BYTES")
	s := sessionOf(ts)
	enginetest.Eventually(s.tb, args[0]+" bytes in partial downloads", func() bool {
		kept := int64(0)
		err := sizes(filepath.Join(s.host.Dir, "store", "partial"), func(name string, size int64) {
			if name == "data" {
				kept += size
			}
		})
		return err == nil && strconv.FormatInt(kept, 10) == args[0]
	})
}

func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "lines FILE N")
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s has %d lines, want %s", args[0], n, args[1])
	}
}
