package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// debianRegistry is Debian's docker-registry on loopback, with its storage on
// the tmpfs.
type debianRegistry struct {
	host    string
	process *exec.Cmd
}

func (w *workshop) startRegistry(ctx context.Context) (*debianRegistry, error) {
	host, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config := w.path("registry.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %q}}\nhttp: {addr: %q}\n",
		w.path("registry"), host)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	// Not by a context: it must live as long as the workshop, and die with it.
	process := exec.Command("docker-registry", "serve", config)
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := process.Start(); err != nil {
		return nil, err
	}
	servants[process.Process.Pid] = true
	r := &debianRegistry{host: host, process: process}
	for range 200 {
		if response, err := http.Get("http://" + host + "/v2/"); err == nil {
			response.Body.Close()
			return r, nil
		}
		if ctx.Err() != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, fmt.Errorf("docker-registry does not answer (%v)", r.stop())
}

func (r *debianRegistry) stop() error {
	if err := r.process.Process.Kill(); err != nil {
		return err
	}
	_ = r.process.Wait() // which says that it was killed
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// blob pushes content and describes it.
func (r *debianRegistry) blob(mediaType string, content []byte) (descriptor, error) {
	sum := sha256.Sum256(content)
	d := descriptor{MediaType: mediaType, Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: int64(len(content))}
	begun, err := r.ask(http.MethodPost, "http://"+r.host+"/v2/debian/blobs/uploads/", "", nil)
	if err != nil {
		return d, err
	}
	to := begun.Get("Location")
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	_, err = r.ask(http.MethodPut, to+separator+"digest="+url.QueryEscape(d.Digest), "application/octet-stream", content)
	return d, err
}

func (r *debianRegistry) json(mediaType string, document any) (descriptor, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return descriptor{}, err
	}
	return r.blob(mediaType, text)
}

func (r *debianRegistry) manifest(tag, mediaType string, document any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	_, err = r.ask(http.MethodPut, "http://"+r.host+"/v2/debian/manifests/"+tag, mediaType, text)
	return err
}

func (r *debianRegistry) ask(method, url, contentType string, body []byte) (http.Header, error) {
	q, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		q.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(q)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s: %s", method, url, response.Status, text)
	}
	return response.Header, nil
}

// counting is a server before the registry that counts what it serves of blobs.
type counting struct {
	host   string
	server *http.Server
	bytes  atomic.Int64
}

func (r *debianRegistry) count() (*counting, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counting{host: l.Addr().String()}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: r.host})
	proxy.ModifyResponse = func(response *http.Response) error {
		if strings.Contains(response.Request.URL.Path, "/blobs/") {
			response.Body = &countedBody{response.Body, &c.bytes}
		}
		return nil
	}
	c.server = &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = c.server.Serve(l) }() // ends with close
	return c, nil
}

func (c *counting) served() int64 { return c.bytes.Load() }
func (c *counting) close()        { c.server.Close() }

type countedBody struct {
	io.ReadCloser
	sum *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sum.Add(int64(n))
	return n, err
}
