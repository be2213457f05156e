package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// quiet is a TLS server that does not write about refused handshakes.
func quiet(t *testing.T, handler http.Handler, config *tls.Config) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(handler)
	srv.TLS = config
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

// clientPair writes a certificate with its key, as --client-cert wants them, and
// returns the pool that accepts it.
func clientPair(t *testing.T) (path string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "somebody"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	path = filepath.Join(t.TempDir(), "client.pem")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(cert)
	return path, pool
}

func TestClientCertificate(t *testing.T) {
	path, pool := clientPair(t)
	srv := quiet(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Fprint(w, req.TLS.PeerCertificates[0].Subject.CommonName)
	}), &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
	bundle := certFile(t, srv)
	if _, body, err := get(t.Context(), newClient(t, Options{Cert: bundle, ClientCert: path}), srv.URL); err != nil || body != "somebody" {
		t.Errorf("with the certificate: %q, %v", body, err)
	}
	retried := 0
	if _, _, err := get(t.Context(), newClient(t, Options{Cert: bundle, OnRetry: func(Retry) { retried++ }}), srv.URL); err == nil || !strings.Contains(err.Error(), "--client-cert") || retried > 0 {
		t.Errorf("without one: %v, tried again %d times", err, retried)
	}
	other, _ := clientPair(t)
	if _, _, err := get(t.Context(), newClient(t, Options{Cert: bundle, ClientCert: other}), srv.URL); err == nil {
		t.Error("with another's: no error")
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	srv := quiet(t, http.NotFoundHandler(), &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]Options{"verified": {Cert: certFile(t, srv)}, "trusted": {TrustedHosts: []string{u.Host}}} {
		if _, _, err := get(t.Context(), newClient(t, opts), srv.URL); err == nil || !strings.Contains(err.Error(), "protocol version") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// That one host is trusted says nothing about where it sends us.
func TestTrustEndsAtARedirect(t *testing.T) {
	reached := atomic.Bool{}
	other := quiet(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }), nil)
	_, port, err := net.SplitHostPort(other.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	trusted := quiet(t, http.RedirectHandler("https://localhost:"+port+"/", http.StatusFound), nil)
	client := newClient(t, Options{TrustedHosts: []string{trusted.Listener.Addr().String()}})
	var verify *tls.CertificateVerificationError
	if _, _, err := get(t.Context(), client, trusted.URL); !errors.As(err, &verify) || reached.Load() {
		t.Errorf("reached %v, %v", reached.Load(), err)
	}
}

// serveRaw answers every connection with what answer writes.
func serveRaw(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				request := make([]byte, 4096)
				_, _ = conn.Read(request)
				answer(conn)
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

func TestHostileAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(net.Conn)
		want   string
	}{
		"an endless header": {func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\n"))
			for {
				if _, err := conn.Write([]byte("X-More: " + strings.Repeat("x", 1<<10) + "\r\n")); err != nil {
					return
				}
			}
		}, "the header of its answer is larger than"},
		"one endless line": {func(conn net.Conn) {
			for {
				if _, err := conn.Write([]byte(strings.Repeat("x", 1<<10))); err != nil {
					return
				}
			}
		}, ""},
		"nothing":          {func(net.Conn) {}, "the connection was closed before an answer came"},
		"another protocol": {func(conn net.Conn) { _, _ = conn.Write([]byte("SSH-2.0-x\r\n\r\n")) }, "what came is no HTTP answer"},
		"silence":          {func(net.Conn) { time.Sleep(time.Second) }, "no answer came within 100ms (--timeout)"},
		"a byte at a time, then silence": {func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab"))
			time.Sleep(time.Second)
		}, "nothing arrived for 100ms"},
		"a redirect to a file": {func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"))
		}, "only http and https"},
	} {
		client := newClient(t, Options{Timeout: 100 * time.Millisecond, Retries: -1})
		_, _, err := get(t.Context(), client, serveRaw(t, c.answer))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, s := range []string{"", "0", "120", "-1", "99999999999999999999", "Thu, 01 Jan 2026 00:02:00 GMT", "1e3", " 5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if wait, ok := retryAfter(s, now); ok && wait < 0 || !ok && wait != 0 {
			t.Errorf("retryAfter(%q) = %v, %v", s, wait, ok)
		}
	})
}
