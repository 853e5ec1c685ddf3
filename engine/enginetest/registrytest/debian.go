package registrytest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// object is a piece of JSON that is written once.
type object map[string]any

// startDebian starts docker-registry on a port of the kernel's choice, and
// returns its address once it listens.
func (r *Registry) startDebian(tb testing.TB, dir string, a *authority) string {
	tb.Helper()
	config := object{
		"version": "0.1",
		"log":     object{"level": "info", "formatter": "json", "accesslog": object{"disabled": true}},
		"storage": object{
			"filesystem":  object{"rootdirectory": r.storage},
			"maintenance": object{"uploadpurging": object{"enabled": false}},
		},
		"http": object{"addr": registryIP + ":0", "secret": "of this test", "relativeurls": true},
	}
	if r.options.TLS {
		config["http"].(object)["tls"] = object{"certificate": a.certFile, "key": a.keyFile}
	}
	if auth := r.auth(tb, dir); auth != nil {
		config["auth"] = auth
	}
	file := filepath.Join(dir, "config.yml")
	text, err := json.Marshal(config) // JSON is YAML too
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return run(tb, file, filepath.Join(dir, "registry.log"))
}

// auth is how docker-registry is to decide who may do what.
func (r *Registry) auth(tb testing.TB, dir string) object {
	switch {
	case r.Tokens != nil:
		return object{"token": object{
			"realm": r.Tokens.Realm(), "service": service, "issuer": issuer, "rootcertbundle": r.Tokens.rootFile(tb, dir),
		}}
	case r.options.User != "":
		hash, err := bcrypt.GenerateFromPassword([]byte(r.options.Password), bcrypt.MinCost)
		file := filepath.Join(dir, "htpasswd")
		if err == nil {
			err = os.WriteFile(file, []byte(r.options.User+":"+string(hash)+"\n"), 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
		return object{"htpasswd": object{"realm": "a test", "path": file}}
	}
	return nil
}

// run runs docker-registry until the test ends, or this process.
func run(tb testing.TB, config, logFile string) (host string) {
	tb.Helper()
	log, err := os.Create(logFile)
	if err != nil {
		tb.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("docker-registry", "serve", config)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error, 1), make(chan struct{})
	go func() {
		// The kernel sends the signal when the thread that forked ends: keep it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // killed, when the test ends
		}
	}()
	if err := <-started; err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		text, _ := os.ReadFile(logFile)
		if host := listensAt(string(text)); host != "" {
			return host
		}
		select {
		case <-ended:
			tb.Fatalf("docker-registry ended: %s", text)
		default:
		}
		if time.Now().After(deadline) {
			tb.Fatalf("docker-registry does not listen after a minute: %s", text)
		}
	}
}

// listensAt finds the address in docker-registry's log: "listening on
// 127.0.0.1:41637", with ", tls" behind it where that is so.
func listensAt(log string) string {
	_, rest, _ := strings.Cut(log, `"msg":"listening on `)
	host, _, ok := strings.Cut(rest, `"`)
	if !ok {
		return ""
	}
	host, _, _ = strings.Cut(host, ",")
	return host
}
