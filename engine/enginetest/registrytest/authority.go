package registrytest

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
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority is a certificate authority of one test, and the one certificate
// that it gave to all servers.
type authority struct {
	pool              *x509.CertPool
	file              string // the authority's own certificate
	certFile, keyFile string
	server            tls.Certificate
}

func newAuthority(tb testing.TB, dir string) *authority {
	tb.Helper()
	a := &authority{
		pool: x509.NewCertPool(), file: filepath.Join(dir, "ca.crt"),
		certFile: filepath.Join(dir, "server.crt"), keyFile: filepath.Join(dir, "server.key"),
	}
	root, rootKey := certify(tb, &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority of a test"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	leaf, key := certify(tb, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "registry of a test"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.ParseIP(registryIP), net.ParseIP(cdnIP), net.ParseIP(tokenIP)},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, root, rootKey)
	a.pool.AddCert(root)
	a.server = tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	writePEM(tb, a.file, "CERTIFICATE", root.Raw)
	writePEM(tb, a.certFile, "CERTIFICATE", leaf.Raw)
	writePEM(tb, a.keyFile, "EC PRIVATE KEY", der)
	return a
}

// when is the authority where TLS is wanted, else nil.
func (a *authority) when(wanted bool) *authority {
	if wanted {
		return a
	}
	return nil
}

// certify makes a key and a certificate for it, signed by parent or by itself.
func certify(tb testing.TB, c, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	if parent == nil {
		parent, parentKey = c, key
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
	if err != nil {
		tb.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return made, key
}

func writePEM(tb testing.TB, file, kind string, der []byte) {
	tb.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		tb.Fatal(err)
	}
}
