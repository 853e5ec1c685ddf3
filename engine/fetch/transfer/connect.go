package transfer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// ConnectKind is what a connection failed of.
type ConnectKind int

// The kinds that callers tell apart.
const (
	Broken     ConnectKind = iota // cut, reset, unreachable, or not HTTP
	Unresolved                    // there is no host of that name
	Refused                       // nobody listens there
	Untrusted                     // TLS: the certificate is not one to trust
	NotTLS                        // something listens there that speaks no TLS
	ByProxy                       // the proxy didn't connect
)

// ConnectError says that there was no connection, or that it ended too early.
type ConnectError struct {
	URL    string
	Kind   ConnectKind
	Reason string
	err    error // nil if its text could be a stranger's
}

func (e *ConnectError) Error() string { return e.URL + ": " + e.Reason }
func (e *ConnectError) Unwrap() error { return e.err }

// connectError puts into words what the transport says.
func connectError(at *url.URL, err error) error {
	e := &ConnectError{URL: show(at), err: err}
	e.Kind, e.Reason = reason(at, err)
	return e
}

func reason(at *url.URL, err error) (ConnectKind, string) {
	var proxy *proxyError
	var dns *net.DNSError
	switch {
	case errors.As(err, &proxy):
		return ByProxy, proxy.Error()
	case errors.As(err, &dns) && dns.IsNotFound:
		return Unresolved, "there is no host " + brief(dns.Name)
	case errors.As(err, &dns):
		return Broken, "no name server answers about " + brief(dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused, "connection refused" + where(err)
	}
	if kind, text := tlsReason(at, err); text != "" {
		return kind, text
	}
	return Broken, brokenReason(err)
}

func tlsReason(at *url.URL, err error) (ConnectKind, string) {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		verify  *tls.CertificateVerificationError
		alert   tls.AlertError
	)
	switch {
	case errors.As(err, &unknown):
		return Untrusted, "certificate is not trusted (" + signedBy(unknown.Cert) + ")"
	case errors.As(err, &name):
		return Untrusted, "certificate is not trusted (it is not for " + at.Hostname() + ")"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Untrusted, "certificate is not trusted (" + validity(invalid.Cert) + ")"
	case errors.As(err, &verify):
		return Untrusted, "certificate is not trusted (" + brief(verify.Err.Error()) + ")"
	case errors.As(err, &record):
		return NotTLS, "does not speak TLS"
	case errors.As(err, &alert):
		return Broken, "TLS ended with the alert " + brief(alert.Error())
	}
	return Broken, ""
}

func signedBy(c *x509.Certificate) string {
	if c == nil || c.Issuer.String() == c.Subject.String() {
		return "self-signed"
	}
	return "signed by the unknown authority " + brief(c.Issuer.String())
}

func validity(c *x509.Certificate) string {
	return fmt.Sprintf("valid from %s to %s only", c.NotBefore.Format("2006-01-02"), c.NotAfter.Format("2006-01-02"))
}

func brokenReason(err error) string {
	var errno syscall.Errno
	var timeout net.Error
	text := err.Error()
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "connection closed too early"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer" + where(err)
	case errors.As(err, &errno):
		return errno.Error() + where(err)
	case strings.Contains(text, "response headers exceeded"):
		return fmt.Sprintf("its header has more than %d KiB", maxHeader>>10)
	case strings.Contains(text, "malformed"), strings.Contains(text, "invalid header"), strings.Contains(text, "bad Content-Length"):
		return "answers what is not HTTP"
	}
	return brief(text)
}

// where is the address that the connection was to, which a name may have several
// of, or which is the proxy's.
func where(err error) string {
	by := " by "
	for err != nil {
		if op, ok := err.(*net.OpError); ok {
			if op.Op == "proxyconnect" {
				by = " by the proxy "
			}
			if op.Addr != nil {
				return by + op.Addr.String()
			}
		}
		err = errors.Unwrap(err)
	}
	return ""
}

// proxyError says that a proxy would not connect to the host.
type proxyError struct {
	proxy  string
	status int
}

func (e *proxyError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the proxy %s answers %d %s", e.proxy, e.status, http.StatusText(e.status)))
}

func checkProxyAnswer(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{proxy: proxy.Host, status: answer.StatusCode}
}
