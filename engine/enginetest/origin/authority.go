package origin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"sync"
	"time"
)

// badness is what is wrong with a host's certificate.
type badness int

const (
	good badness = iota
	expired
	otherName
	selfSigned
)

// Expired gives the host a certificate of another time. Certificates go by name,
// so this is for localhost and hosts behind the proxy.
func (h *Host) Expired() *Host { return h.bad(expired) }

// OtherName gives the host a certificate for another name.
func (h *Host) OtherName() *Host { return h.bad(otherName) }

// SelfSigned gives the host a certificate that no authority has signed.
func (h *Host) SelfSigned() *Host { return h.bad(selfSigned) }

func (h *Host) bad(b badness) *Host {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.badness = b
	return h
}

// certificate finds or makes the certificate for the name that a client wants.
func (o *Origin) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := hello.ServerName
	if name == "" {
		name = Local // addresses are not named in a handshake
	}
	o.mu.Lock()
	h := o.hosts[name]
	o.mu.Unlock()
	b := good
	if h != nil {
		h.mu.Lock()
		b = h.badness
		h.mu.Unlock()
	}
	return o.authority.leaf(name, b)
}

// authority signs certificates. They all use one key: it is made in no time, but
// hundreds of them are not.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	pem         []byte

	mu     sync.Mutex
	leaves map[leafName]*tls.Certificate
}

type leafName struct {
	name string
	bad  badness
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "podtui's test authority"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &authority{
		key:         key,
		certificate: certificate,
		pem:         pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		leaves:      make(map[leafName]*tls.Certificate),
	}, err
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func (a *authority) leaf(name string, b badness) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf := a.leaves[leafName{name, b}]; leaf != nil {
		return leaf, nil
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(a.leaves) + 2)),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(12 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	parent := a.certificate
	switch b {
	case expired:
		template.NotBefore, template.NotAfter = template.NotBefore.AddDate(-2, 0, 0), template.NotBefore.AddDate(-1, 0, 0)
	case otherName:
		name = "other." + name
	case selfSigned:
		parent = template
	}
	if address := net.ParseIP(name); address != nil {
		template.IPAddresses = []net.IP{address}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	leaf := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
	a.leaves[leafName{name, b}] = leaf
	return leaf, nil
}
