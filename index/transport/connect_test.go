package transport

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func TestRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Fprintf(w, "other %q %q", req.Header.Get("Authorization"), req.Header.Get("Referer"))
	}))
	defer other.Close()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	defer srv.Close()
	to := func(path, location string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
	}
	mux.HandleFunc("/end", func(w http.ResponseWriter, req *http.Request) {
		user, password, _ := req.BasicAuth()
		fmt.Fprintf(w, "end %s %s", user, password)
	})
	to("/other", other.URL+"/x")
	to("/other-with-user", strings.Replace(other.URL, "://", "://eve:evil@", 1))
	to("/here", "/end")
	to("/loop", "/loop2")
	to("/loop2", "/loop")
	to("/file", "file:///etc/passwd")
	to("/many/", "x/")

	host := strings.TrimPrefix(srv.URL, "http://")
	client := newClient(t, Options{Locations: []string{"http://joe:s3cret@" + host + "/"}})
	for path, want := range map[string]string{
		"/here":            "end joe s3cret",
		"/other":           `other "" ""`, // same host, other port
		"/other-with-user": `other "" ""`,
	} {
		if _, body, err := get(t.Context(), client, srv.URL+path); err != nil || body != want {
			t.Errorf("%s: %q, %v; want %q", path, body, err, want)
		}
	}
	// Credentials of the URL itself go no further either.
	_, body, err := get(t.Context(), newClient(t, Options{}), strings.Replace(srv.URL, "://", "://joe:s3cret@", 1)+"/other")
	if err != nil || body != `other "" ""` {
		t.Errorf("with credentials in the URL: %q, %v", body, err)
	}
	for path, want := range map[string]string{
		"/loop":  "in a circle",
		"/file":  "only http and https",
		"/many/": "more than 10 redirects",
	} {
		_, _, err := get(t.Context(), client, srv.URL+path)
		var redirect *RedirectError
		if !errors.As(err, &redirect) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), srv.URL) {
			t.Errorf("%s: %v; want %q", path, err, want)
		}
	}
}

func TestRedirectLeavesTLS(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was followed") }))
	defer plain.Close()
	srv := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer srv.Close()
	client := newClient(t, Options{Cert: certFile(t, srv)})
	if _, _, err := get(t.Context(), client, srv.URL); err == nil || !strings.Contains(err.Error(), "it leaves https") {
		t.Errorf("got %v", err)
	}
}

// certFile writes the server's certificate to a file.
func certFile(t *testing.T, srv *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Fprint(w, req.Proto)
	}))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // refused handshakes
	srv.StartTLS()
	defer srv.Close()
	u, _ := url.Parse(srv.URL)
	bundle := certFile(t, srv)

	for name, opts := range map[string]Options{
		"bundle":           {Cert: bundle},
		"folder":           {Cert: filepath.Dir(bundle)},
		"REQUESTS_CA":      {Getenv: env("REQUESTS_CA_BUNDLE", bundle)},
		"SSL_CERT_FILE":    {Getenv: env("SSL_CERT_FILE", bundle)},
		"trusted host":     {TrustedHosts: []string{u.Hostname()}},
		"trusted and port": {TrustedHosts: []string{u.Host}},
	} {
		if _, body, err := get(t.Context(), newClient(t, opts), srv.URL); err != nil || body != "HTTP/2.0" {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
	var retried atomic.Int32
	for name, opts := range map[string]Options{
		"system":     {},
		"other port": {TrustedHosts: []string{u.Hostname() + ":1"}},
		"other host": {TrustedHosts: []string{"localhost"}},
	} {
		opts.OnRetry = func(Retry) { retried.Add(1) }
		var verify *tls.CertificateVerificationError
		if _, _, err := get(t.Context(), newClient(t, opts), srv.URL); !errors.As(err, &verify) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := retried.Load(); n != 0 {
		t.Errorf("wrong certificates were tried again %d times", n)
	}
}

func env(name, value string) func(string) string {
	return func(n string) string {
		if n == name {
			return value
		}
		return ""
	}
}

func TestUnusableCertificates(t *testing.T) {
	dir := t.TempDir()
	empty, garbage := filepath.Join(dir, "empty.pem"), filepath.Join(dir, "garbage.pem")
	for path, text := range map[string]string{empty: "", garbage: "no certificate"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, opts := range map[string]Options{
		"missing":           {Cert: filepath.Join(dir, "missing.pem")},
		"empty":             {Cert: empty},
		"garbage":           {Cert: garbage},
		"folder without":    {Cert: t.TempDir()},
		"missing by env":    {Getenv: env("SSL_CERT_FILE", filepath.Join(dir, "missing.pem"))},
		"client missing":    {ClientCert: filepath.Join(dir, "missing.pem")},
		"client is garbage": {ClientCert: garbage},
	} {
		if opts.Getenv == nil {
			opts.Getenv = noEnv
		}
		c, err := New(opts)
		if err == nil {
			_, _, err = get(t.Context(), c, "https://localhost:1/")
		}
		var cert *CertError
		if !errors.As(err, &cert) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Plain HTTP needs none, except on the way to a proxy that does.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "plain") }))
	defer server.Close()
	c, err := New(Options{Getenv: noEnv, Cert: garbage})
	if err != nil {
		t.Fatal(err)
	}
	if _, body, err := get(t.Context(), c, server.URL); err != nil || body != "plain" {
		t.Errorf("plain HTTP: %q, %v", body, err)
	}
	if c, err = New(Options{Getenv: noEnv, Cert: garbage, Proxy: "https://localhost:1/"}); err != nil {
		t.Fatal(err)
	}
	var cert *CertError
	if _, _, err := get(t.Context(), c, server.URL); !errors.As(err, &cert) {
		t.Errorf("plain HTTP by a proxy: %v", err)
	}
}

func TestProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Fprintf(w, "proxied %s", req.URL)
	}))
	defer proxy.Close()
	for name, opts := range map[string]Options{
		"option":             {Proxy: proxy.URL},
		"option, no scheme":  {Proxy: strings.TrimPrefix(proxy.URL, "http://")},
		"option, no env":     {Proxy: proxy.URL, NoProxyEnv: true},
		"environment":        {Getenv: env("http_proxy", proxy.URL)},
		"environment, upper": {Getenv: env("HTTP_PROXY", proxy.URL)},
		"environment, all":   {Getenv: env("ALL_PROXY", proxy.URL)},
	} {
		if _, body, err := get(t.Context(), newClient(t, opts), "http://example.invalid/x"); err != nil || body != "proxied http://example.invalid/x" {
			t.Errorf("%s: %q, %v", name, body, err)
		}
	}
	opts := Options{NoProxyEnv: true, Getenv: env("http_proxy", proxy.URL), Retries: -1}
	if _, body, err := get(t.Context(), newClient(t, opts), "http://example.invalid/x"); err == nil {
		t.Errorf("the environment's proxy was asked: %q", body)
	}
	if _, err := New(Options{Proxy: "http://user:pw@", Getenv: noEnv}); err == nil || strings.Contains(err.Error(), "pw") {
		t.Errorf("a proxy without host: %v", err)
	}
}
